package jumpcloudtest

import (
	"net/http"
	"slices"
	"strings"
)

// listOrganizations is GET /organizations: those of the caller; with search=, those with the
// term in their name.
func (x *exchange) listOrganizations() {
	page, problem := x.page()
	if problem != nil {
		x.refuse(problem)
		return
	}
	terms, searches := x.behavior.terms(querySearch(x.query()))
	named := func(o *Organization) bool {
		name := x.behavior.searchable(o.name)
		return !searches || slices.ContainsFunc(terms, func(term string) bool { return strings.Contains(name, term) })
	}
	all := []any{}
	for _, id := range x.caller.credential.Organizations {
		if o := x.server.organization(id); o != nil && named(o) {
			all = append(all, project("_id", map[string]any{"_id": o.id, "displayName": o.name, "logoUrl": ""}, page.fields))
		}
	}
	results := cut(all, page)
	x.json(http.StatusOK, map[string]any{"totalCount": len(all), "results": results})
}

// getOrganization is GET /organizations/{id}. chooseOrganization has checked that the caller
// may see the id.
func (x *exchange) getOrganization() {
	x.json(http.StatusOK, project("_id", x.org().document(), names(x.query().Get("fields"))))
}

// putOrganization is PUT /organizations/{id}. It is assumed that settings are merged.
func (x *exchange) putOrganization() {
	var body struct {
		Settings map[string]any `json:"settings"`
	}
	if !x.decode(&body) {
		return
	}
	mergeSettings(x.org().settings, body.Settings)
	x.committed()
	x.json(http.StatusOK, x.org().document())
}

func (o *Organization) document() map[string]any {
	return map[string]any{
		"_id":         o.id,
		"displayName": o.name,
		"logoUrl":     "",
		"created":     stamp(o.created),
		"settings":    o.settings,
	}
}

// project returns the named members of an object, and the member that holds its id; all of
// them if none are named.
func project(id string, object map[string]any, fields []string) map[string]any {
	if len(fields) == 0 {
		return object
	}
	out := map[string]any{id: object[id]}
	for _, name := range fields {
		if value, ok := object[name]; ok {
			out[name] = value
		}
	}
	return out
}
