package jumpcloudtest

import (
	"cmp"
	"net/http"
)

// group returns the group that the path names, or answers 404 and returns nil.
func (x *exchange) group() *group {
	id := x.request.PathValue("id")
	g := x.org().groups.ids[id]
	if g == nil {
		x.refuse(x.noSuch(id))
	}
	return g
}

// noSuch returns the answer for a v2 object that does not exist.
func (x *exchange) noSuch(id string) *refusal {
	if status := x.behavior.MalformedIDStatus; status != 0 && !idPattern.MatchString(id) {
		return refuse(status, "the id is malformed")
	}
	return notFound
}

// queryDSL reports whether the request uses the query DSL.
func (x *exchange) queryDSL() bool { return x.request.Header.Get("X-Query-Dsl") == "v2" }

// listGroups is GET /usergroups. Its rows are summaries (observed).
func (x *exchange) listGroups() {
	var rows []map[string]any
	for _, g := range x.org().groups.inserted {
		if !x.now.Before(g.visibleFrom) {
			rows = append(rows, g.render())
		}
	}
	x.listRows(rows, func(row map[string]any) map[string]any {
		summary := map[string]any{}
		for _, name := range []string{"id", "name", "description", "email", "type"} {
			summary[name] = row[name]
		}
		return summary
	})
}

// getGroup is GET /usergroups/{id}.
func (x *exchange) getGroup() {
	if g := x.group(); g != nil {
		x.answerGroup(http.StatusOK, g)
	}
}

// postGroup is POST /usergroups.
func (x *exchange) postGroup() {
	in := map[string]any{}
	if !x.decode(&in) {
		return
	}
	o := x.org()
	fields, problem := o.groupFields(nil, in, x.queryDSL())
	if problem != nil {
		x.refuse(problem)
		return
	}
	g := &group{id: o.server.ids.next(x.now), organization: o.id, fields: fields}
	g.firstName = g.text("name")
	if lag := x.behavior.GroupVisibilityLag; lag > 0 {
		g.visibleFrom = x.now.Add(lag)
	}
	o.groups.add(g)
	o.evaluateLater(g, x.now)
	x.committed()
	x.answerGroup(http.StatusCreated, g)
}

// putGroup is PUT /usergroups/{id}, which replaces everything. Members stay, including those
// that a rule added.
func (x *exchange) putGroup() {
	in := map[string]any{}
	g := x.group()
	if g == nil || !x.decode(&in) {
		return
	}
	fields, problem := x.org().groupFields(g, in, x.queryDSL())
	if problem != nil {
		x.refuse(problem)
		return
	}
	x.org().setGroup(g, fields, x.now)
	x.committed()
	x.answerGroup(http.StatusOK, g)
}

// deleteGroup is DELETE /usergroups/{id}. It does not change users.
func (x *exchange) deleteGroup() {
	g := x.group()
	if g == nil {
		return
	}
	x.org().removeGroup(g)
	x.committed()
	status := cmp.Or(x.behavior.DeleteGroupStatus, http.StatusNoContent)
	if status == http.StatusNoContent {
		x.WriteHeader(status)
		return
	}
	x.answerGroup(status, g)
}

func (x *exchange) answerGroup(status int, g *group) {
	out := g.render()
	if query, ok := out["memberQuery"].(map[string]any); ok && query["queryType"] == nil && x.behavior.HideDSLQueries && !x.queryDSL() {
		out["memberQuery"] = nil
	}
	x.json(status, out)
}
