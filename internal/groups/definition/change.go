package definition

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// exemptType is what JumpCloud calls users in exemptions.
const exemptType = "USER"

// Change makes a live group as its definition states.
type Change struct {
	// Input replaces the live group, or creates it.
	Input jumpcloud.UserGroupInput
	// Fields are those that change; none if the group is as stated.
	Fields fielddiff.Fields

	live jumpcloud.UserGroupInput
}

// Over returns the change of a live group. Fields that the spec does not state stay.
func (d *Definition) Over(live jumpcloud.UserGroupInput) *Change {
	c := &Change{Input: live, live: live}
	fielddiff.Text(&c.Fields, nameField, &c.Input.Name, &d.Name)
	fielddiff.Text(&c.Fields, descriptionField, &c.Input.Description, d.Spec.Description)
	fielddiff.Text(&c.Fields, emailField, &c.Input.Email, d.Spec.Email)
	for _, s := range statements(d.Spec.Attributes) {
		c.attribute(s)
	}
	d.membership(c)
	c.Fields.Bool(notifyField, &c.Input.MemberSuggestionsNotify, d.Spec.MemberSuggestionsNotify)
	return c
}

// Create returns the change that creates the group.
func (d *Definition) Create() *Change {
	c := d.Over(jumpcloud.UserGroupInput{})
	c.Input.MembershipMethod = methods[d.method()]
	return c
}

// membership states how members are chosen. A group that becomes static loses its query, which
// JumpCloud would keep; a query that an already static group still has is left alone.
func (d *Definition) membership(c *Change) {
	if d.Static() {
		if !IsStatic(c.live.MembershipMethod) {
			fielddiff.Text(&c.Fields, methodField, &c.Input.MembershipMethod, new(jumpcloud.MembershipStatic))
			c.noQuery()
			c.exempt([]jumpcloud.GraphObject{})
		}
		return
	}
	fielddiff.Text(&c.Fields, methodField, &c.Input.MembershipMethod, new(methods[d.method()]))
	if stated := classic(d.Spec.MemberQuery); !sameQuery(c.live.MemberQuery, stated) {
		// People approve the query itself, whichever form is sent.
		c.Fields.Note(queryField, compact(c.live.MemberQuery), string(stated.encode(false)))
		c.Input.MemberQuery = stated.encode(TextFilters(c.live.MemberQuery, d.TextFilters))
	}
	if d.Spec.MemberQueryExemptions != nil {
		c.exempt(d.exemptions(c.live.MemberQueryExemptions))
	}
}

// exemptions returns the stated exemptions. While a stated user is not in the directory, no
// live exemption is removed: it may be that user's, under another name.
func (d *Definition) exemptions(live []jumpcloud.GraphObject) []jumpcloud.GraphObject {
	var kept []jumpcloud.GraphObject
	for _, object := range live {
		if len(d.Unknown) > 0 || slices.Contains(d.Exempt, object.ID) {
			kept = append(kept, object)
		}
	}
	for _, id := range d.Exempt {
		if !slices.ContainsFunc(kept, func(o jumpcloud.GraphObject) bool { return o.ID == id }) {
			kept = append(kept, jumpcloud.GraphObject{ID: id, Type: exemptType})
		}
	}
	return kept
}

func (c *Change) attribute(s statement) {
	before := c.Input.Attributes[s.name]
	after, equal := s.over(before)
	if equal {
		return
	}
	c.Fields.Note(attributesField+"."+s.name, compact(before), compact(after))
	attributes := map[string]json.RawMessage{}
	maps.Copy(attributes, c.Input.Attributes) // a copy, as the live ones stay as they are
	attributes[s.name] = after
	c.Input.Attributes = attributes
}

func (c *Change) noQuery() {
	if c.live.MemberQuery != nil {
		c.Fields.Note(queryField, compact(c.live.MemberQuery), "")
		c.Input.MemberQuery = jumpcloud.NoMemberQuery
	}
}

func (c *Change) exempt(stated []jumpcloud.GraphObject) {
	before, after := sortedIDs(c.live.MemberQueryExemptions), sortedIDs(stated)
	if !slices.Equal(before, after) {
		c.Fields.Note(exemptionsField, strings.Join(before, " "), strings.Join(after, " "))
		c.Input.MemberQueryExemptions = stated
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
