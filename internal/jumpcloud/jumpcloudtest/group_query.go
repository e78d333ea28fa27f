package jumpcloudtest

import (
	"encoding/json"
	"slices"
	"strings"
)

// The names that queries use for attributes of users, and the attributes. Those of the classic
// query were published by JumpCloud, those of the query DSL were observed.
var (
	classicFields = map[string]string{
		"company": "company", "costCenter": "costCenter", "department": "department", "description": "description",
		"employeeType": "employeeType", "jobTitle": "jobTitle", "location": "location", "userState": "state",
	}
	dslFields = map[string]string{
		"user.email": "email", "user.username": "username", "user.user_department": "department",
		"user.user_job_title": "jobTitle", "user.user_location": "location", "user.user_company": "company",
		"user.employee_id": "employeeIdentifier", "user.user_state": "state",
	}
)

// nobody matches no user.
type nobody struct{}

func (nobody) matches(*user) bool { return false }

// rule compiles the query of a dynamic group. It refuses nothing: a filter that is not
// understood matches no user (observed).
func (o *Organization) rule(query any) condition {
	members, _ := query.(map[string]any)
	filters, _ := members["filters"].([]any)
	_, classic := members["queryType"]
	var all allOf
	for _, filter := range filters {
		all = append(all, queryCondition(filter, classic))
	}
	if search, ok := members["searchFilters"].(string); ok {
		all = append(all, searchConditions(search)...)
	}
	if len(all) == 0 && (members == nil || !o.behavior.EmptyQueryMatchesAll) {
		return nobody{}
	}
	return all
}

// queryCondition parses one filter: an object of the classic query or of the DSL, or text such
// as description:$eq:x.
func queryCondition(filter any, classic bool) condition {
	switch filter := filter.(type) {
	case string:
		parts := strings.SplitN(filter, ":", 3)
		if len(parts) == 3 {
			return userCondition(classicFields[parts[0]], strings.TrimPrefix(parts[1], "$"), parts[2])
		}
	case map[string]any:
		field, _ := filter["field"].(string)
		value, _ := filter["value"].(string)
		if classic {
			operator, _ := filter["operator"].(string)
			return userCondition(classicFields[field], operator, value)
		}
		if filter["operation"] == "equals" {
			return userCondition(dslFields[field], "eq", value)
		}
	}
	return nobody{}
}

// searchConditions parses the JSON text {"filter":{"and":["field:$operator:value"]}}.
func searchConditions(text string) []condition {
	var search struct {
		Filter struct {
			And []string `json:"and"`
		} `json:"filter"`
	}
	if err := json.Unmarshal([]byte(text), &search); err != nil {
		return []condition{nobody{}}
	}
	var all []condition
	for _, filter := range search.Filter.And {
		all = append(all, queryCondition(filter, true))
	}
	return all
}

// userCondition compares case-sensitively. It is assumed that commas separate the values of
// in.
func userCondition(field, operator, value string) condition {
	values := []string{value}
	if operator == "in" {
		values, operator = strings.Split(value, ","), "eq"
	}
	if field == "state" {
		for i, word := range values {
			if word == "active" {
				word = activated
			}
			values[i] = strings.ToUpper(word)
		}
	}
	switch {
	case field == "":
		return nobody{}
	case operator == "eq":
		equal := make([]condition, 0, len(values))
		for _, value := range values {
			equal = append(equal, comparison{field, "eq", value})
		}
		return newAnyOf(equal)
	case operator == "co":
		return contains{terms: values, fields: []string{field}, caseSensitive: true}
	case slices.Contains([]string{"ne", "gt", "lt"}, operator):
		return comparison{field, operator, values[0]}
	case operator == "ge", operator == "le":
		return comparison{field, operator[:1] + "te", values[0]}
	}
	return nobody{}
}
