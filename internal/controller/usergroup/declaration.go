package usergroup

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Fields of a group, as the spec names them.
const (
	nameField        = "name"
	descriptionField = "description"
	emailField       = "email"
	attributesField  = "attributes"
	methodField      = "membershipMethod"
	queryField       = "memberQuery"
	exemptionsField  = "memberQueryExemptions"
	notifyField      = "memberSuggestionsNotify"
)

// exemptType is what JumpCloud calls users in exemptions.
const exemptType = "USER"

// methods maps the spec's membership methods to JumpCloud's.
var methods = map[v1alpha1.MembershipMethod]jumpcloud.MembershipMethod{
	v1alpha1.MembershipStatic:                jumpcloud.MembershipStatic,
	v1alpha1.MembershipDynamicReviewRequired: jumpcloud.MembershipDynamicReviewRequired,
	v1alpha1.MembershipDynamicAutomated:      jumpcloud.MembershipDynamicAutomated,
}

// isStatic reports whether only explicit calls change the members. JumpCloud treats a group
// without a method as static.
func isStatic(method jumpcloud.MembershipMethod) bool {
	return method == "" || method == jumpcloud.MembershipNotSet || method == jumpcloud.MembershipStatic
}

// declaration is what a spec states about the group itself.
type declaration struct {
	spec *v1alpha1.UserGroupSpec
	name string
	// exempt are the ids of the users in spec.memberQueryExemptions who are in the directory;
	// unknown are the references to those who are not.
	exempt  []string
	unknown []v1alpha1.UserReference
	// textFilters writes the filters of a query as text, unless the live query shows the form
	// that JumpCloud uses.
	textFilters bool
}

// edit turns the live input of a group into the declared one and notes the changed fields.
type edit struct {
	in jumpcloud.UserGroupInput
	fielddiff.Fields
}

// over returns the input that makes a live group the declared one, and the fields that change.
// Fields that the spec does not state stay.
func (d *declaration) over(live jumpcloud.UserGroupInput) (jumpcloud.UserGroupInput, fielddiff.Fields) {
	e := &edit{in: live}
	fielddiff.Text(&e.Fields, nameField, &e.in.Name, &d.name)
	fielddiff.Text(&e.Fields, descriptionField, &e.in.Description, d.spec.Description)
	fielddiff.Text(&e.Fields, emailField, &e.in.Email, d.spec.Email)
	for _, s := range statements(d.spec.Attributes) {
		e.attribute(s)
	}
	d.membership(e)
	e.Bool(notifyField, &e.in.MemberSuggestionsNotify, d.spec.MemberSuggestionsNotify)
	return e.in, e.Fields
}

// create returns the input that creates the group, and its fields.
func (d *declaration) create() (jumpcloud.UserGroupInput, fielddiff.Fields) {
	in, fields := d.over(jumpcloud.UserGroupInput{})
	in.MembershipMethod = methods[d.method()]
	return in, fields
}

func (d *declaration) method() v1alpha1.MembershipMethod {
	if d.spec.MembershipMethod == "" {
		return v1alpha1.MembershipStatic
	}
	return d.spec.MembershipMethod
}

// static reports whether the spec declares a static group.
func (d *declaration) static() bool { return d.method() == v1alpha1.MembershipStatic }

// membership states how members are chosen. A group that becomes static loses its query, which
// JumpCloud would keep; a query that an already static group still has is left alone.
func (d *declaration) membership(e *edit) {
	if d.static() {
		if !isStatic(e.in.MembershipMethod) {
			fielddiff.Text(&e.Fields, methodField, &e.in.MembershipMethod, new(jumpcloud.MembershipStatic))
			e.noQuery()
			e.exempt([]jumpcloud.GraphObject{})
		}
		return
	}
	fielddiff.Text(&e.Fields, methodField, &e.in.MembershipMethod, new(methods[d.method()]))
	if stated := classic(d.spec.MemberQuery); !sameQuery(e.in.MemberQuery, stated) {
		// People approve the query itself, whichever form is sent.
		e.Note(queryField, compact(e.in.MemberQuery), string(stated.encode(false)))
		e.in.MemberQuery = stated.encode(inText(e.in.MemberQuery, d.textFilters))
	}
	if d.spec.MemberQueryExemptions != nil {
		e.exempt(d.exemptions(e.in.MemberQueryExemptions))
	}
}

// exemptions returns the declared exemptions. While a declared user is not in the directory,
// no live exemption is removed: it may be that user's, under another name.
func (d *declaration) exemptions(live []jumpcloud.GraphObject) []jumpcloud.GraphObject {
	var kept []jumpcloud.GraphObject
	for _, object := range live {
		if len(d.unknown) > 0 || slices.Contains(d.exempt, object.ID) {
			kept = append(kept, object)
		}
	}
	for _, id := range d.exempt {
		if !slices.ContainsFunc(kept, func(o jumpcloud.GraphObject) bool { return o.ID == id }) {
			kept = append(kept, jumpcloud.GraphObject{ID: id, Type: exemptType})
		}
	}
	return kept
}

func (e *edit) attribute(s statement) {
	before := e.in.Attributes[s.name]
	after, equal := s.over(before)
	if equal {
		return
	}
	attributes := map[string]json.RawMessage{s.name: after}
	for name, value := range e.in.Attributes {
		if name != s.name {
			attributes[name] = value
		}
	}
	e.Note(attributesField+"."+s.name, compact(before), compact(after))
	e.in.Attributes = attributes
}

func (e *edit) noQuery() {
	if e.in.MemberQuery != nil {
		e.Note(queryField, compact(e.in.MemberQuery), "")
		e.in.MemberQuery = jumpcloud.NoMemberQuery
	}
}

func (e *edit) exempt(stated []jumpcloud.GraphObject) {
	before, after := sortedIDs(e.in.MemberQueryExemptions), sortedIDs(stated)
	if !slices.Equal(before, after) {
		e.Note(exemptionsField, strings.Join(before, " "), strings.Join(after, " "))
		e.in.MemberQueryExemptions = stated
	}
}

func sortedIDs(objects []jumpcloud.GraphObject) []string {
	ids := make([]string, len(objects))
	for i := range objects {
		ids[i] = objects[i].ID
	}
	slices.Sort(ids)
	return ids
}

// compact strips white space, so that JSON values that differ only in it become equal.
func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return ""
	}
	return b.String()
}

// beyondSummary reports whether the spec states anything that a row of the list does not show.
func (d *declaration) beyondSummary() bool {
	return d.spec.Attributes != nil || !d.static() || d.spec.MemberSuggestionsNotify != nil
}

// shownBy reports whether everything that a row of the list shows is as declared.
func (d *declaration) shownBy(row *jumpcloud.UserGroupSummary) bool {
	same := func(stated *string, live string) bool { return stated == nil || *stated == live }
	return row.Name == d.name && same(d.spec.Description, row.Description) && same(d.spec.Email, row.Email)
}
