package jumpcloudtest

import (
	"net/http"
	"slices"
)

// reviewedGroup returns the group that the path names, or answers 404 and returns nil. A group
// that needs no review has no suggestions.
func (x *exchange) reviewedGroup() *group {
	if x.behavior.NoSuggestions {
		x.refuse(notFound)
		return nil
	}
	return x.group()
}

// listSuggestions is GET /usergroups/{id}/suggestions.
func (x *exchange) listSuggestions() {
	g := x.reviewedGroup()
	if g == nil {
		return
	}
	page, problem := x.pageV2()
	if problem != nil {
		x.refuse(problem)
		return
	}
	listPage(x, g.suggestions, page, func(s suggestion) map[string]any {
		return map[string]any{"op": s.op, "object": graphObject("user", s.userID)}
	})
}

// applySuggestions is POST /usergroups/{id}/suggestions.
func (x *exchange) applySuggestions() {
	var body struct {
		UserIDs []string `json:"user_ids"`
	}
	g := x.reviewedGroup()
	if g == nil || !x.decode(&body) {
		return
	}
	found, missing := []string{}, []string{}
	for _, id := range unique(body.UserIDs) {
		at := slices.IndexFunc(g.suggestions, func(s suggestion) bool { return s.userID == id })
		if at < 0 {
			missing = append(missing, id)
			continue
		}
		g.apply(g.suggestions[at : at+1])
		g.suggestions = slices.Delete(g.suggestions, at, at+1)
		found = append(found, id)
		x.committed()
	}
	x.json(http.StatusOK, map[string]any{"suggestions_found": found, "suggestions_not_found": missing})
}
