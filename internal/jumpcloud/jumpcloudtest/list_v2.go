package jumpcloudtest

import (
	"slices"
	"strings"
)

// pageV2 reads limit, skip, sort and fields from a v2 query.
func (x *exchange) pageV2() (paging, *refusal) {
	query := x.query()
	p, problem := x.behavior.paging(query.Get("limit"), query.Get("skip"), "", "")
	p.sort, p.fields = listed(query.Get("sort")), listed(query.Get("fields"))
	return p, problem
}

// listPage answers with a page of a v2 list that has no sort and no filter. It renders only
// what is on the page.
func listPage[E any](x *exchange, all []E, p paging, render func(E) map[string]any) {
	all = shuffled(x, all)
	results := []map[string]any{}
	for _, element := range cut(all, p) {
		results = append(results, render(element))
	}
	x.listedV2(len(all), p, results)
}

// listRows answers with a v2 list with filter, sort and fields. shown converts an object to
// what the list shows of it.
func (x *exchange) listRows(rows []map[string]any, shown func(map[string]any) map[string]any) {
	page, problem := x.pageV2()
	if problem != nil {
		x.refuse(problem)
		return
	}
	filter, problem := x.filterV2()
	if problem != nil {
		x.refuse(problem)
		return
	}
	rows = slices.DeleteFunc(rows, func(row map[string]any) bool { return !filter.matches(row) })
	x.listSorted(rows, page, shown)
}

// listSorted answers with a page of a v2 list with sort and fields.
func (x *exchange) listSorted(rows []map[string]any, page paging, shown func(map[string]any) map[string]any) {
	rows = slices.Clone(shuffled(x, rows)) // the sort must not change a stored list
	slices.SortStableFunc(rows, orderRows(page.sort))
	results := []map[string]any{}
	for _, row := range cut(rows, page) {
		results = append(results, project("id", shown(row), page.fields))
	}
	x.listedV2(len(rows), page, results)
}

// shuffled returns the list in the order that it has without a sort.
func shuffled[E any](x *exchange, list []E) []E {
	if !x.behavior.ShuffleUnsorted {
		return list
	}
	list = slices.Clone(list) // it may be a stored list
	x.server.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// orderRows compares by the named members; a member that no object has leaves them equal.
func orderRows(sort []string) func(a, b map[string]any) int {
	return func(a, b map[string]any) int {
		for _, name := range sort {
			name, descending := strings.CutPrefix(name, "-")
			textA, _ := canonical(a[name])
			textB, _ := canonical(b[name])
			by := compareValues(textA, textB)
			if descending {
				by = -by
			}
			if by != 0 {
				return by
			}
		}
		return 0
	}
}

// listed splits on commas, which separate names and filters in v2.
func listed(list string) []string {
	return slices.DeleteFunc(strings.Split(list, ","), func(name string) bool { return name == "" })
}

func itself(row map[string]any) map[string]any { return row }
