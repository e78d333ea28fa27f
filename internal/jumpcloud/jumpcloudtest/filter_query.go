package jumpcloudtest

import (
	"net/url"
	"slices"
	"strings"
)

// malformed is the error for a filter that is not understood.
type malformed string

func (m malformed) Error() string { return string(m) }

// parseComparison parses the string form, field:$operator:value. The value may contain colons.
func parseComparison(text string) (condition, error) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 || parts[0] == "" {
		return nil, malformed("a filter is field:$operator:value")
	}
	operator, dollar := strings.CutPrefix(parts[1], "$")
	if !dollar || !slices.Contains(operators, operator) {
		return nil, malformed("unknown filter operator")
	}
	return comparison{parts[0], operator, parts[2]}, nil
}

// queryFilter reads the filter of a v1 list (documented): filter=, repeated or as filter[0],
// filter[1], all of which must match, and filter[or][0], filter[or][1], at least one of which
// must match.
func (o *Organization) queryFilter(query url.Values) (condition, *refusal) {
	var all allOf
	var alternatives []condition
	for _, key := range sortedKeys(query) {
		if key != "filter" && !strings.HasPrefix(key, "filter[") {
			continue
		}
		for _, text := range query[key] {
			parsed, err := parseComparison(text)
			switch {
			case err != nil && o.behavior.RejectMalformedFilters:
				return nil, refuse(400, err.Error())
			case err != nil:
			case strings.HasPrefix(key, "filter[or]"):
				alternatives = append(alternatives, parsed)
			default:
				all = append(all, parsed)
			}
		}
	}
	if alternatives != nil {
		all = append(all, newAnyOf(alternatives))
	}
	if term, ok := o.searchTerm(querySearch(query)); ok {
		all = append(all, term)
	}
	return all, nil
}

// querySearch converts search=, which the schema types as text, or search[searchTerm]=, and
// search[fields][]= to the object that the search endpoint calls searchFilter.
func querySearch(query url.Values) map[string]any {
	search := map[string]any{}
	for _, key := range sortedKeys(query) {
		for _, text := range query[key] {
			switch {
			case key == "search", key == "search[searchTerm]", strings.HasPrefix(key, "search[searchTerm]["):
				terms, _ := search["searchTerm"].([]any)
				search["searchTerm"] = append(terms, text)
			case strings.HasPrefix(key, "search[fields]"):
				fields, _ := search["fields"].([]any)
				search["fields"] = append(fields, text)
			}
		}
	}
	return search
}

func sortedKeys(query url.Values) []string {
	keys := make([]string, 0, len(query))
	for key := range query {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
