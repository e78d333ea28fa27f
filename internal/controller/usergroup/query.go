package usergroup

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// query is a member query of JumpCloud's classic kind.
type query struct {
	QueryType v1alpha1.QueryType     `json:"queryType"`
	Filters   []v1alpha1.QueryFilter `json:"filters"`
}

func classic(spec *v1alpha1.MemberQuery) *query {
	q := &query{QueryType: v1alpha1.QueryTypeFilterQuery}
	if spec != nil {
		q.Filters = spec.Filters
	}
	return q
}

// sameQuery tells whether a live query is the declared one. Filters must all
// match, so their order does not count. A query of another kind, or one that
// cannot be read, is not the same.
func sameQuery(live json.RawMessage, declared *query) bool {
	var found query
	if live == nil || json.Unmarshal(live, &found) != nil || found.QueryType != declared.QueryType {
		return false
	}
	return slices.Equal(sortedFilters(found.Filters), sortedFilters(declared.Filters))
}

func sortedFilters(filters []v1alpha1.QueryFilter) []v1alpha1.QueryFilter {
	return slices.SortedFunc(slices.Values(filters), func(a, b v1alpha1.QueryFilter) int {
		return slices.Compare([]string{a.Field, a.Operator, a.Value}, []string{b.Field, b.Operator, b.Value})
	})
}

// flagTexts say what JumpCloud's flags on a query mean.
var flagTexts = map[string]string{
	"CYCLE":                   "it depends on itself",
	"INVALID_GROUP_REFERENCE": "it refers to a group that does not exist",
}

// queryTrouble tells what JumpCloud says is wrong with a query, in fixed words;
// "" if nothing is.
func queryTrouble(flags []string) string {
	var texts []string
	for _, flag := range flags {
		text, known := flagTexts[flag]
		if !known {
			text = "for a reason that the operator does not know"
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, ", and ")
}
