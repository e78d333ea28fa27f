package jumpcloudtest

import (
	"net/http"
	"slices"
)

// association binds a group or a user to something that is not otherwise simulated, such as an
// application.
type association struct {
	kind, id   string
	attributes map[string]any
}

// associationTargets are the kinds of things that an association can bind to (documented).
var associationTargets = []string{
	"active_directory", "application", "g_suite", "idp_routing_policy", "ldap_server", "office_365",
	"password_manager_item", "radius_server", "system", "system_group",
}

// listGroupAssociations is GET /usergroups/{id}/associations.
func (x *exchange) listGroupAssociations() {
	if g := x.group(); g != nil {
		x.listAssociations(g.id)
	}
}

// listUserAssociations is GET /users/{id}/associations.
func (x *exchange) listUserAssociations() {
	if u := x.user(); u != nil {
		x.listAssociations(u.id)
	}
}

// listAssociations requires the query parameter targets, which names what to list.
func (x *exchange) listAssociations(owner string) {
	target := x.query().Get("targets")
	if !slices.Contains(associationTargets, target) {
		x.refuse(refuse(400, "targets is not one of the allowed values"))
		return
	}
	page, problem := x.pageV2()
	if problem != nil {
		x.refuse(problem)
		return
	}
	of := slices.DeleteFunc(slices.Clone(x.org().associations[owner]), func(a association) bool { return a.kind != target })
	listPage(x, of, page, func(a association) map[string]any {
		row := map[string]any{"to": graphObject(a.kind, a.id)}
		if a.attributes != nil {
			row["attributes"] = a.attributes
		}
		return row
	})
}

// changeGroupAssociations is POST /usergroups/{id}/associations.
func (x *exchange) changeGroupAssociations() {
	if g := x.group(); g != nil {
		x.changeAssociations(g.id)
	}
}

// changeUserAssociations is POST /users/{id}/associations.
func (x *exchange) changeUserAssociations() {
	if u := x.user(); u != nil {
		x.changeAssociations(u.id)
	}
}

func (x *exchange) changeAssociations(owner string) {
	var op graphOperation
	if !x.decode(&op) {
		return
	}
	all := x.org().associations[owner]
	at := slices.IndexFunc(all, func(a association) bool { return a.kind == op.Type && a.id == op.ID })
	switch {
	case !op.known() || !slices.Contains(associationTargets, op.Type) || op.ID == "":
		x.refuse(refuse(400, "op, type and id must be valid"))
		return
	case op.Op == opAdd && at >= 0:
		x.refuse(refuse(409, messageDuplicate))
		return
	case op.Op != opAdd && at < 0:
		x.refuse(notFound)
		return
	case op.Op == opAdd:
		all = append(all, association{op.Type, op.ID, op.Attributes})
	case op.Op == opRemove:
		all = slices.Delete(all, at, at+1)
	default:
		all[at].attributes = op.Attributes
	}
	x.org().associations[owner] = all
	x.committed()
	x.WriteHeader(http.StatusNoContent)
}
