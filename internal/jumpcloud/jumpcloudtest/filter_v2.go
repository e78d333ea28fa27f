package jumpcloudtest

import (
	"regexp"
	"slices"
	"strings"
)

// rowFilter matches the objects of a v2 list that match all of its conditions; that several
// conditions are joined by AND is inferred.
type rowFilter []rowCondition

func (f rowFilter) matches(row map[string]any) bool {
	return !slices.ContainsFunc(f, func(c rowCondition) bool { return !c.matches(row) })
}

// rowCondition consists of field, operator and value.
type rowCondition struct{ field, operator, value string }

// operatorsV2 are the operators of v2 filters (documented). What separates the values of
// between and in is not known; here it is |, since a comma separates filters.
var operatorsV2 = []string{"eq", "ne", "gt", "ge", "lt", "le", "between", "search", "in", "co", "nco"}

// filterV2 reads the filter of a v2 list: a comma-separated array, so a comma in a value
// splits it (observed). A part that is not a valid filter is ignored, or refused:
// Behavior.RejectMalformedFilters.
func (x *exchange) filterV2() (rowFilter, *refusal) {
	var filter rowFilter
	for _, list := range x.query()["filter"] {
		for _, text := range listed(list) {
			parts := strings.SplitN(text, ":", 3)
			if len(parts) == 3 && parts[0] != "" && slices.Contains(operatorsV2, strings.ToLower(parts[1])) {
				filter = append(filter, rowCondition{parts[0], strings.ToLower(parts[1]), parts[2]})
			} else if x.behavior.RejectMalformedFilters {
				return nil, refuse(400, "a filter is field:operator:value")
			}
		}
	}
	return filter, nil
}

// matches compares case-sensitively, except for search. An array matches if one of its
// elements does.
func (c rowCondition) matches(row map[string]any) bool {
	has := func(compare func(text string) bool) bool { return visitTexts(row, c.field, compare) }
	switch c.operator {
	case "eq":
		return has(wildcard(c.value).MatchString)
	case "ne":
		return !has(wildcard(c.value).MatchString)
	case "in", "co":
		return has(func(text string) bool { return slices.Contains(strings.Split(c.value, "|"), text) })
	case "nco":
		return !has(func(text string) bool { return slices.Contains(strings.Split(c.value, "|"), text) })
	case "search":
		return has(func(text string) bool { return strings.Contains(fold(text), fold(c.value)) })
	case "between":
		least, most, _ := strings.Cut(c.value, "|")
		return has(func(text string) bool { return compareValues(text, least) >= 0 && compareValues(text, most) <= 0 })
	}
	return has(func(text string) bool {
		order := compareValues(text, c.value)
		switch c.operator {
		case "gt":
			return order > 0
		case "ge":
			return order >= 0
		case "lt":
			return order < 0
		default: // le
			return order <= 0
		}
	})
}

// wildcard compiles a value in which * stands for any text: that eq supports a wildcard is
// documented, the choice of character is assumed.
func wildcard(value string) *regexp.Regexp {
	return regexp.MustCompile("(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(value), `\*`, ".*") + "$")
}
