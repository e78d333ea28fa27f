package definition

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// query is a member query of JumpCloud's classic kind.
type query struct {
	QueryType v1alpha1.QueryType `json:"queryType"`
	Filters   []filter           `json:"filters"`
}

// filter is a condition of a query. One generation of JumpCloud's schema has an object for it,
// another one a text such as department:$eq:Sales.
type filter struct{ v1alpha1.QueryFilter }

// UnmarshalJSON reads both forms.
func (f *filter) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return json.Unmarshal(data, &f.QueryFilter)
	}
	parts := strings.SplitN(text, ":$", 2)
	operator, value, ok := strings.Cut(parts[len(parts)-1], ":")
	if !ok || len(parts) < 2 {
		return errors.New("no filter")
	}
	f.QueryFilter = v1alpha1.QueryFilter{Field: parts[0], Operator: operator, Value: value}
	return nil
}

func (f filter) text() string { return f.Field + ":$" + f.Operator + ":" + f.Value }

// encode writes the query, with its filters as text or as objects.
func (q *query) encode(inText bool) json.RawMessage {
	if !inText {
		return encode(q)
	}
	texts := make([]string, len(q.Filters))
	for i, f := range q.Filters {
		texts[i] = f.text()
	}
	return encode(map[string]any{"queryType": q.QueryType, "filters": texts})
}

// TextFilters reports whether a query has its filters as text; it returns otherwise if the
// query does not show that.
func TextFilters(live json.RawMessage, otherwise bool) bool {
	var found struct {
		QueryType v1alpha1.QueryType `json:"queryType"`
		Filters   []json.RawMessage  `json:"filters"`
	}
	if json.Unmarshal(live, &found) != nil || found.QueryType == "" || len(found.Filters) == 0 {
		return otherwise
	}
	return bytes.HasPrefix(found.Filters[0], []byte(`"`))
}

func classic(spec *v1alpha1.MemberQuery) *query {
	q := &query{QueryType: v1alpha1.QueryTypeFilterQuery}
	if spec == nil {
		return q
	}
	for _, stated := range spec.Filters {
		q.Filters = append(q.Filters, filter{stated})
	}
	return q
}

// sameQuery reports whether a live query is the declared one. Filters must all match, so their
// order does not matter. A query of another type, or one that cannot be read, is not the same.
func sameQuery(live json.RawMessage, declared *query) bool {
	var found query
	if live == nil || json.Unmarshal(live, &found) != nil || found.QueryType != declared.QueryType {
		return false
	}
	return slices.Equal(sortedFilters(found.Filters), sortedFilters(declared.Filters))
}

func sortedFilters(filters []filter) []filter {
	return slices.SortedFunc(slices.Values(filters), func(a, b filter) int {
		return slices.Compare([]string{a.Field, a.Operator, a.Value}, []string{b.Field, b.Operator, b.Value})
	})
}
