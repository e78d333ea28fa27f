package usergroup

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

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

// Declared returns the spec that declares a live group as it is, without its organization and
// its members, and lists what it omits because no spec can state it. find returns the user
// with an id. An error says why no spec leaves the group as it is.
func Declared(live *jumpcloud.UserGroup, find func(id string) (v1alpha1.UserReference, bool)) (spec v1alpha1.UserGroupSpec, omitted []string, err error) {
	switch {
	case !live.Writable():
		return spec, nil, fmt.Errorf("it has values that cannot be read: %s", strings.Join(live.Unread, ", "))
	case live.Name == "" || len([]rune(live.Name)) > maxGroupName:
		return spec, nil, fmt.Errorf("its name must have 1 to %d characters", maxGroupName)
	}
	spec.Name = live.Name
	for _, stated := range []struct {
		name string
		live string
		into **string
	}{{descriptionField, live.Description, &spec.Description}, {emailField, live.Email, &spec.Email}} {
		switch {
		case len([]rune(stated.live)) > maxText:
			omitted = append(omitted, fmt.Sprintf("%s: it has more than %d characters", stated.name, maxText))
		case stated.live != "":
			*stated.into = new(stated.live)
		}
	}
	if live.MemberSuggestionsNotify {
		spec.MemberSuggestionsNotify = new(true)
	}
	attributes, left := attributesOf(live.Attributes)
	spec.Attributes, omitted = attributes, append(omitted, left...)
	if isStatic(live.MembershipMethod) {
		return spec, omitted, nil
	}
	left, err = declareQuery(&spec, live, find)
	return spec, append(omitted, left...), err
}

// declareQuery declares how the members of a dynamic group are chosen.
func declareQuery(spec *v1alpha1.UserGroupSpec, live *jumpcloud.UserGroup, find func(id string) (v1alpha1.UserReference, bool)) (omitted []string, err error) {
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
		if f.Field == "" || len(f.Field) > maxField || len(f.Value) > maxText || !slices.Contains(operators, f.Operator) {
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

// attributesOf declares the attributes that are set. It omits those whose declaration would
// not equal the live value.
func attributesOf(live map[string]json.RawMessage) (spec *v1alpha1.GroupAttributes, omitted []string) {
	var all v1alpha1.GroupAttributes
	for _, name := range []string{sudoAttribute, ldapAttribute, posixAttribute, radiusAttribute, sambaAttribute} {
		one, stated := attributeOf(name, live[name])
		switch {
		case !stated:
			continue
		case one == nil:
			omitted = append(omitted, attributesField+"."+name+": its value is none that a spec can state")
			continue
		}
		all.Sudo, all.LDAPGroups, all.RADIUS = firstOf(all.Sudo, one.Sudo), firstOf(all.LDAPGroups, one.LDAPGroups), firstOf(all.RADIUS, one.RADIUS)
		all.SambaEnabled, all.POSIXGroups = firstOf(all.SambaEnabled, one.SambaEnabled), append(all.POSIXGroups, one.POSIXGroups...)
	}
	if len(statements(&all)) == 0 {
		return nil, omitted
	}
	return &all, omitted
}

func firstOf[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// attributeOf declares one attribute. stated is false if it is not set; a is nil if no spec
// can state it.
func attributeOf(name string, live json.RawMessage) (a *v1alpha1.GroupAttributes, stated bool) {
	var found v1alpha1.GroupAttributes
	if live == nil || string(live) == "null" || compact(live) == "[]" || compact(live) == "{}" || compact(live) == "false" {
		return nil, false
	}
	if json.Unmarshal(encode(map[string]json.RawMessage{name: live}), &found) != nil {
		return nil, true
	}
	if sudo := found.Sudo; sudo != nil && *sudo == (v1alpha1.GroupSudo{}) {
		return nil, false
	}
	if radius := found.RADIUS; radius != nil && len(radius.Reply) == 0 {
		return nil, false
	}
	for _, s := range statements(&found) {
		if _, equal := s.over(live); !equal || !statable(&found) {
			return nil, true
		}
	}
	return &found, true
}

// statable reports whether the API server accepts the attributes.
func statable(a *v1alpha1.GroupAttributes) bool {
	text := func(s string) bool { return s != "" && len(s) <= maxText }
	if a.Sudo != nil && a.Sudo.WithoutPassword && !a.Sudo.Enabled {
		return false
	}
	var ldap []v1alpha1.LDAPGroup
	if a.LDAPGroups != nil {
		ldap = *a.LDAPGroups
	}
	var reply []v1alpha1.RADIUSReply
	if a.RADIUS != nil {
		reply = a.RADIUS.Reply
	}
	return max(len(ldap), len(a.POSIXGroups), len(reply)) <= maxList &&
		!slices.ContainsFunc(ldap, func(g v1alpha1.LDAPGroup) bool { return !text(g.Name) }) &&
		!slices.ContainsFunc(a.POSIXGroups, func(g v1alpha1.POSIXGroup) bool { return !text(g.Name) || g.ID < 1 }) &&
		!slices.ContainsFunc(reply, func(r v1alpha1.RADIUSReply) bool { return !text(r.Name) || len(r.Value) > maxText })
}
