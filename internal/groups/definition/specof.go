package definition

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"k8s.io/utils/ptr"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// operators are the filter operators that a spec can state.
var operators = []string{"eq", "ne", "gt", "ge", "lt", "le", "between", "search", "in"}

const (
	maxGroupName = 255  // of the name in a spec
	maxText      = 1024 // of other texts in a spec
	maxField     = 256  // of the field of a filter
	maxFilters   = 50
	maxList      = 100 // of lists of attributes
	maxExempt    = 1000
)

// SpecOf returns the spec that states a live group as it is, without its organization and its
// members, and lists what it omits because no spec can state it. find returns the user with an
// id. An error says why no spec leaves the group as it is.
func SpecOf(live *jumpcloud.UserGroup, find func(id string) (v1alpha1.UserReference, bool)) (spec v1alpha1.UserGroupSpec, omitted []string, err error) {
	switch {
	case !live.Writable():
		return spec, nil, fmt.Errorf("it has values that cannot be read: %s", strings.Join(live.Unread, ", "))
	case live.Name == "" || !within(maxGroupName, live.Name):
		return spec, nil, fmt.Errorf("its name must have 1 to %d characters", maxGroupName)
	}
	text := func(field, value string) *string {
		if !within(maxText, value) {
			omitted = append(omitted, fmt.Sprintf("%s: it has more than %d characters", field, maxText))
			return nil
		}
		return unlessZero(value)
	}
	spec.Name = live.Name
	spec.Description, spec.Email = text(descriptionField, live.Description), text(emailField, live.Email)
	spec.MemberSuggestionsNotify = unlessZero(live.MemberSuggestionsNotify)
	attributes, left := attributesOf(live.Attributes)
	spec.Attributes, omitted = attributes, append(omitted, left...)
	if IsStatic(live.MembershipMethod) {
		return spec, omitted, nil
	}
	left, err = stateQuery(&spec, live, find)
	return spec, append(omitted, left...), err
}

// within reports whether a text has at most that many characters, which the API server counts,
// not bytes.
func within(limit int, text string) bool { return utf8.RuneCountInString(text) <= limit }

// unlessZero states a value, unless it is the zero value, which a new group has anyway.
func unlessZero[T comparable](value T) *T {
	if value == *new(T) {
		return nil
	}
	return &value
}

// stateQuery states how the members of a dynamic group are chosen.
func stateQuery(spec *v1alpha1.UserGroupSpec, live *jumpcloud.UserGroup, find func(id string) (v1alpha1.UserReference, bool)) (omitted []string, err error) {
	for method, theirs := range methods {
		if theirs == live.MembershipMethod {
			spec.MembershipMethod = method
		}
	}
	var q query
	if spec.MembershipMethod == "" || live.MemberQuery == nil || json.Unmarshal(live.MemberQuery, &q) != nil || q.QueryType != v1alpha1.QueryTypeFilterQuery {
		return nil, fmt.Errorf("its members are decided by a query that no spec can state: only %s can be stated", v1alpha1.QueryTypeFilterQuery)
	}
	spec.MemberQuery = &v1alpha1.MemberQuery{QueryType: q.QueryType}
	for _, f := range q.Filters {
		if f.Field == "" || !within(maxField, f.Field) || !within(maxText, f.Value) || !slices.Contains(operators, f.Operator) {
			return nil, fmt.Errorf("its query has a filter that no spec can state: field %q, operator %q", f.Field, f.Operator)
		}
		spec.MemberQuery.Filters = append(spec.MemberQuery.Filters, f.QueryFilter)
	}
	if len(q.Filters) == 0 || len(q.Filters) > maxFilters {
		return nil, fmt.Errorf("its query has %d filters, and a spec states 1 to %d", len(q.Filters), maxFilters)
	}
	for _, exempt := range live.MemberQueryExemptions {
		reference, known := find(exempt.ID)
		if !known || len(live.MemberQueryExemptions) > maxExempt {
			// A list without one of them would remove that exemption.
			spec.MemberQueryExemptions = nil
			return []string{exemptionsField + ": they are too many, or include users who are not in the directory"}, nil
		}
		spec.MemberQueryExemptions = append(spec.MemberQueryExemptions, reference)
	}
	return nil, nil
}

// attributesOf states the attributes that are set. It omits those whose statement would not
// equal the live value.
func attributesOf(live map[string]json.RawMessage) (spec *v1alpha1.GroupAttributes, omitted []string) {
	kept := map[string]json.RawMessage{}
	for _, name := range []string{sudoAttribute, ldapAttribute, posixAttribute, radiusAttribute, sambaAttribute} {
		switch set, statable := attributeOf(name, live[name]); {
		case statable:
			kept[name] = live[name]
		case set:
			omitted = append(omitted, attributesField+"."+name+": its value is none that a spec can state")
		}
	}
	if len(kept) == 0 {
		return nil, omitted
	}
	spec = &v1alpha1.GroupAttributes{}
	_ = json.Unmarshal(encode(kept), spec) // as each of them could be read
	return spec, omitted
}

// attributeOf reports whether an attribute is set, and whether a spec can state it then.
func attributeOf(name string, live json.RawMessage) (set, statable bool) {
	switch compact(live) {
	case "", "null", "[]", "{}", "false":
		return false, false
	}
	var found v1alpha1.GroupAttributes
	if json.Unmarshal(encode(map[string]json.RawMessage{name: live}), &found) != nil {
		return true, false
	}
	if found.Sudo != nil && *found.Sudo == (v1alpha1.GroupSudo{}) || found.RADIUS != nil && len(found.RADIUS.Reply) == 0 {
		return false, false
	}
	for _, s := range statements(&found) {
		if _, equal := s.over(live); !equal || !acceptable(&found) {
			return true, false
		}
	}
	return true, true
}

// acceptable reports whether the API server accepts the attributes.
func acceptable(a *v1alpha1.GroupAttributes) bool {
	text := func(s string) bool { return s != "" && within(maxText, s) }
	if a.Sudo != nil && a.Sudo.WithoutPassword && !a.Sudo.Enabled {
		return false
	}
	ldap, reply := ptr.Deref(a.LDAPGroups, nil), ptr.Deref(a.RADIUS, v1alpha1.GroupRADIUS{}).Reply
	return max(len(ldap), len(a.POSIXGroups), len(reply)) <= maxList &&
		!slices.ContainsFunc(ldap, func(g v1alpha1.LDAPGroup) bool { return !text(g.Name) }) &&
		!slices.ContainsFunc(a.POSIXGroups, func(g v1alpha1.POSIXGroup) bool { return !text(g.Name) || g.ID < 1 }) &&
		!slices.ContainsFunc(reply, func(r v1alpha1.RADIUSReply) bool { return !text(r.Name) || !within(maxText, r.Value) })
}
