package jumpcloudtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// Refusals of groups whose texts were observed.
const (
	messageQueryType  = "memberQuery.queryType is required"
	messageExemptions = "member query exemptions must be of type user"
	messagePosix      = "existing attribute posixGroups may not be changed"
	messageDuplicate  = "Already Exists"
)

// groupFields returns the fields of a group after POST, with before nil, or PUT has stated in.
// What is not stated is reset, except for the query and its exemptions (observed). dsl reports
// whether the request has x-query-dsl: v2.
func (o *Organization) groupFields(before *group, in map[string]any, dsl bool) (map[string]any, *refusal) {
	stated, problem := o.acceptGroup(in)
	if problem != nil {
		return nil, problem
	}
	name, _ := stated["name"].(string)
	if name == "" {
		return nil, refuse(400, "name is required")
	}
	if status := cmp.Or(o.behavior.DuplicateGroupStatus, http.StatusConflict); status >= 300 {
		if other := o.groups.named(name); other != nil && other != before {
			return nil, refuse(status, messageDuplicate)
		}
	}
	if problem := o.checkQuery(stated["memberQuery"], dsl); problem != nil {
		return nil, problem
	}
	if query, given := stated["memberQuery"]; given && query == nil && o.behavior.NullQueryOnlyClears && (before == nil || before.fields["memberQuery"] == nil) {
		return nil, refuse(400, "memberQuery: must be an object")
	}
	if problem := o.completeExemptions(stated); problem != nil {
		return nil, problem
	}
	if problem := completeAttributes(before, stated); problem != nil {
		return nil, problem
	}
	fields := groupDefaults()
	if before != nil {
		for _, kept := range []string{"memberQuery", "memberQueryExemptions", "memberQueryErrorFlags"} {
			fields[kept] = before.fields[kept]
		}
	}
	if _, chosen := stated["membershipMethod"]; !chosen && stated["memberQuery"] != nil && o.behavior.QueryImpliesDynamic {
		fields["membershipMethod"] = methodAutomated
	}
	maps.Copy(fields, stated)
	return fields, nil
}

func groupDefaults() map[string]any {
	return map[string]any{
		"description": "", "email": "", "attributes": map[string]any{}, "membershipMethod": methodStatic,
		"memberQuery": nil, "memberQueryExemptions": []any{}, "memberQueryErrorFlags": []any{}, "memberSuggestionsNotify": false,
	}
}

// checkQuery refuses a query of a generation that the request may not use. A query without a
// queryType is of the third generation, and needs the header (observed).
func (o *Organization) checkQuery(query any, dsl bool) *refusal {
	members, given := query.(map[string]any)
	if !given {
		return nil
	}
	kind, typed := members["queryType"].(string)
	switch {
	case !typed && !dsl:
		return refuse(400, messageQueryType)
	case typed && dsl && o.behavior.RefuseQueryTypeWithDSL:
		return refuse(400, "memberQuery.queryType is not allowed")
	case typed && kind != "FilterQuery" && kind != "Filter" && kind != "Search":
		return refuse(400, "memberQuery.queryType is not one of the allowed values")
	}
	if filters, given := members["filters"]; given {
		list, isList := filters.([]any)
		if !isList {
			return refuse(400, "memberQuery.filters must be an array")
		}
		isText := func(filter any) bool { _, text := filter.(string); return text }
		if typed && o.behavior.TextFilters && slices.ContainsFunc(list, func(filter any) bool { return !isText(filter) }) {
			return refuse(400, "memberQuery.filters must be an array of strings")
		}
	}
	return nil
}

// completeExemptions adds the organization to each exemption. The type is in upper case,
// unlike that of members (observed).
func (o *Organization) completeExemptions(stated map[string]any) *refusal {
	given, ok := stated["memberQueryExemptions"]
	if !ok {
		return nil
	}
	exemptions := []any{}
	for _, exemption := range objectsIn(given) {
		if exemption["type"] != "USER" {
			return refuse(400, messageExemptions)
		}
		exemptions = append(exemptions, map[string]any{"id": exemption["id"], "type": "USER", "organizationId": o.id})
	}
	stated["memberQueryExemptions"] = exemptions
	return nil
}

// completeAttributes fills in the defaults of the attributes. posixGroups cannot be changed
// once they are set, and unstated ldapGroups default to the group's first name (observed).
func completeAttributes(before *group, stated map[string]any) *refusal {
	attributes, _ := stated["attributes"].(map[string]any)
	attributes = maps.Clone(attributes)
	if attributes == nil {
		attributes = map[string]any{}
	}
	name := stated["name"]
	if before != nil {
		name = before.firstName
		present, _ := before.fields["attributes"].(map[string]any)
		if posix, _ := present["posixGroups"].([]any); len(posix) > 0 && !sameJSON(posix, attributes["posixGroups"]) {
			return refuse(400, messagePosix)
		}
	}
	if _, given := attributes["ldapGroups"]; !given {
		attributes["ldapGroups"] = []any{map[string]any{"name": name}}
	}
	stated["attributes"] = attributes
	return nil
}

func sameJSON(a, b any) bool {
	left, errLeft := json.Marshal(a)
	right, errRight := json.Marshal(b)
	return errLeft == nil && errRight == nil && bytes.Equal(left, right)
}
