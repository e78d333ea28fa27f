package jumpcloudtest

import (
	"slices"
	"strings"
)

// searchBody is the body of POST /search/systemusers (documented).
type searchBody struct {
	Filter       any            `json:"filter"`
	SearchFilter map[string]any `json:"searchFilter"`
	Fields       string         `json:"fields"`
	Sort         string         `json:"sort"`
	Limit        any            `json:"limit"`
	Skip         any            `json:"skip"`
}

// filter compiles filter and searchFilter, both of which must match.
func (body searchBody) filter(o *Organization) (condition, *refusal) {
	var all allOf
	if body.Filter != nil {
		parsed, count, err := o.parseFilter(body.Filter)
		if err != nil {
			return nil, refuse(400, err.Error())
		}
		if limit := o.behavior.MaxSearchConditions; limit > 0 && count > limit {
			return nil, refuse(400, "too many filter conditions")
		}
		all = append(all, parsed)
	}
	if term, ok := o.searchTerm(body.SearchFilter); ok {
		all = append(all, term)
	}
	if o.behavior.IgnoreSearchFilters {
		return allOf{}, nil
	}
	return all, nil
}

// parseFilter parses an array of conditions, all of which must match, an object with the
// member and or or, or a single condition. It also counts the conditions.
func (o *Organization) parseFilter(filter any) (condition, int, error) {
	switch filter := filter.(type) {
	case []any:
		conditions, count, err := o.parseConditions(filter)
		return allOf(conditions), count, err
	case map[string]any:
		if alternatives, ok := filter["or"].([]any); ok && len(filter) == 1 {
			conditions, count, err := o.parseConditions(alternatives)
			if len(conditions) == 0 {
				return allOf{}, count, err
			}
			return newAnyOf(conditions), count, err
		}
		if list, ok := filter["and"].([]any); ok && len(filter) == 1 {
			conditions, count, err := o.parseConditions(list)
			return allOf(conditions), count, err
		}
	}
	conditions, count, err := o.parseConditions([]any{filter})
	return allOf(conditions), count, err
}

// parseConditions skips conditions that are not understood, unless RejectMalformedFilters is
// set.
func (o *Organization) parseConditions(list []any) (conditions []condition, count int, err error) {
	for _, element := range list {
		parsed, n, err := parseCondition(element)
		if err != nil {
			if o.behavior.RejectMalformedFilters {
				return nil, 0, err
			}
			continue
		}
		count += n
		if limit := o.behavior.UsedSearchConditions; limit == 0 || count <= limit {
			conditions = append(conditions, parsed)
		}
	}
	return conditions, count, nil
}

// parseCondition parses {"field": value}, {"field": {"$operator": value}} or the string form.
// If there are several members, all must match.
func parseCondition(element any) (condition, int, error) {
	if text, ok := element.(string); ok {
		parsed, err := parseComparison(text)
		return parsed, 1, err
	}
	members, ok := element.(map[string]any)
	if !ok || len(members) == 0 {
		return nil, 0, malformed("a condition is an object or a string")
	}
	var all allOf
	for field, value := range members {
		if text, ok := canonical(value); ok {
			all = append(all, comparison{field, "eq", text})
			continue
		}
		operations, ok := value.(map[string]any)
		if !ok || len(operations) == 0 {
			return nil, 0, malformed("a condition compares with a value or with operators")
		}
		for operator, operand := range operations {
			parsed, err := parseOperation(field, operator, operand)
			if err != nil {
				return nil, 0, err
			}
			all = append(all, parsed)
		}
	}
	if len(all) == 1 {
		return all[0], 1, nil // not wrapped, so that anyOf can look it up
	}
	return all, len(all), nil
}

func parseOperation(field, operator string, operand any) (condition, error) {
	text, scalar := canonical(operand)
	if !scalar {
		return nil, malformed("an operator needs a value")
	}
	if operator == "$regex" {
		parsed, err := newPattern(field, text)
		if err != nil {
			return nil, malformed("the regular expression is not valid")
		}
		return parsed, nil
	}
	name, dollar := strings.CutPrefix(operator, "$")
	if !dollar || !slices.Contains(operators, name) {
		return nil, malformed("unknown filter operator")
	}
	return comparison{field, name, text}, nil
}

// contains is the condition of searchFilter: any of the terms in any of the fields.
type contains struct {
	terms         []string
	fields        []string
	caseSensitive bool
}

func (c contains) matches(u *user) bool {
	return slices.ContainsFunc(c.fields, func(field string) bool {
		return u.texts(field, func(text string) bool {
			if !c.caseSensitive {
				text = fold(text)
			}
			return slices.ContainsFunc(c.terms, func(term string) bool { return strings.Contains(text, term) })
		})
	})
}

// searchTerm parses {"searchTerm": "text" or ["a", "b"], "fields": [...]}. Which fields are
// searched if none are named is not known; here it is the names and the email.
func (o *Organization) searchTerm(search map[string]any) (condition, bool) {
	c := contains{caseSensitive: o.behavior.SearchTermCaseSensitive}
	var searches bool
	if c.terms, searches = o.behavior.terms(search); !searches {
		return nil, false
	}
	named, _ := search["fields"].([]any)
	if c.fields = stringsOf(named); len(c.fields) == 0 {
		c.fields = []string{"username", "email", "firstname", "lastname", "displayname"}
	}
	return c, true
}

// terms returns the terms of a search in the form in which they are compared, and reports
// whether there is a search.
func (b *Behavior) terms(search map[string]any) (terms []string, searches bool) {
	switch term := search["searchTerm"].(type) {
	case string:
		terms = []string{term}
	case []any:
		terms = stringsOf(term)
	default:
		return nil, false
	}
	for i := range terms {
		terms[i] = b.searchable(terms[i])
	}
	return terms, true
}

// searchable returns a text in the form that searches compare.
func (b *Behavior) searchable(text string) string {
	if b.SearchTermCaseSensitive {
		return text
	}
	return fold(text)
}

func stringsOf(list []any) []string {
	var texts []string
	for _, element := range list {
		if text, ok := element.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}
