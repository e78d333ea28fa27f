package jumpcloudtest

import (
	"cmp"
	"net/http"
)

// unknownGroup is the answer to a change of members of a group that does not
// exist: not 404 (observed).
var unknownGroup = &refusal{status: 400, code: "INVALID_ARGUMENT", message: "user_group not found"}

// graphOperation is the body of a call that changes members or associations.
type graphOperation struct {
	Op         string         `json:"op"`
	Type       string         `json:"type"`
	ID         string         `json:"id"`
	Attributes map[string]any `json:"attributes"`
}

func (op graphOperation) known() bool {
	return op.Op == opAdd || op.Op == opRemove || op.Op == opUpdate
}

func graphObject(kind, id string) map[string]any { return map[string]any{"id": id, "type": kind} }

// listMembers is GET /usergroups/{id}/members: without filter and sort.
func (x *exchange) listMembers() {
	g := x.group()
	if g == nil {
		return
	}
	page, problem := x.pageV2()
	if problem != nil {
		x.refuse(problem)
		return
	}
	listPage(x, g.readable(x.behavior.MemberLag, x.now), page, func(id string) map[string]any {
		row := map[string]any{"to": graphObject("user", id)}
		if x.behavior.VerboseConnections {
			row["from"], row["attributes"] = graphObject("user_group", g.id), nil
		}
		return row
	})
}

// changeMembers is POST /usergroups/{id}/members: one user per call.
func (x *exchange) changeMembers() {
	var op graphOperation
	if !x.decode(&op) {
		return
	}
	g := x.org().groups.ids[x.request.PathValue("id")]
	switch {
	case g == nil:
		x.refuse(unknownGroup)
	case !op.known() || op.Type != "user":
		x.refuse(refuse(400, "op and type must be valid"))
	case x.org().users.ids[op.ID] == nil:
		x.refuse(notFound)
	case x.behavior.ruled(g) && !g.exempt(op.ID):
		x.WriteHeader(http.StatusNoContent) // without effect (observed)
	case op.Op == opAdd:
		x.memberChanged(g, op, g.members.add(op.ID), refuse(cmp.Or(x.behavior.DuplicateMemberStatus, http.StatusConflict), messageDuplicate))
	case op.Op == opRemove:
		x.memberChanged(g, op, g.members.remove(op.ID), refuse(cmp.Or(x.behavior.MissingMemberStatus, http.StatusNotFound), "Not Found"))
	case !g.members.has[op.ID]:
		x.refuse(notFound)
	default:
		x.WriteHeader(http.StatusNoContent) // a member has nothing to update
	}
}

// ruled reports whether explicit changes of members of a group have no effect.
func (b *Behavior) ruled(g *group) bool {
	return g.dynamic() && (g.text("membershipMethod") != methodReview || !b.ReviewGroupsByHand)
}

// memberChanged answers a change: with success if it had an effect, else with otherwise.
func (x *exchange) memberChanged(g *group, op graphOperation, changed bool, otherwise *refusal) {
	switch {
	case changed:
		if x.behavior.MemberLag > 0 {
			g.recent = append(g.recent, recentChange{suggestion{op.Op, op.ID}, x.now})
		}
		x.committed()
		x.WriteHeader(http.StatusNoContent)
	case otherwise.status < 300:
		x.WriteHeader(otherwise.status)
	default:
		x.refuse(otherwise)
	}
}

// listMembership is GET /usergroups/{id}/membership: with paths. Groups are not nested here,
// so all members are direct.
func (x *exchange) listMembership() {
	g := x.group()
	if g == nil {
		return
	}
	rows := []map[string]any{}
	for _, id := range g.readable(x.behavior.MemberLag, x.now) {
		rows = append(rows, x.withPath("user", id, map[string]any{"to": graphObject("user", id)}))
	}
	x.listRows(rows, withoutObjectID)
}

// listMemberOf is GET /users/{id}/memberof. An unknown user is in no group
// (observed).
func (x *exchange) listMemberOf() {
	id := x.request.PathValue("id")
	rows := []map[string]any{}
	for _, g := range x.org().groups.inserted {
		if g.shows(id, x.behavior.MemberLag, x.now) {
			rows = append(rows, x.withPath("user_group", g.id, map[string]any{"from": graphObject("user", id), "to": graphObject("user_group", g.id)}))
		}
	}
	x.listRows(rows, withoutObjectID)
}

// withPath returns a graph object that one connection reaches. The object also has object_id,
// the name that filters use for its id.
func (x *exchange) withPath(kind, id string, connection map[string]any) map[string]any {
	row := map[string]any{
		"object_id": id,
		"id":        id, "type": kind, "paths": []any{[]any{connection}},
	}
	if x.behavior.VerboseConnections {
		connection["attributes"], row["compiledAttributes"] = nil, nil
	}
	return row
}

func withoutObjectID(row map[string]any) map[string]any {
	delete(row, "object_id")
	return row
}
