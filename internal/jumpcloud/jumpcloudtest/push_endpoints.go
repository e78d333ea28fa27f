package jumpcloudtest

import (
	"maps"
	"net/http"
	"slices"
)

// The states of a push endpoint are in lower case, unlike those of a user.
const (
	pushActive   = "active"
	pushInactive = "inactive"
)

// pushChanges are the members that PATCH of a push endpoint accepts; it refuses others
// (documented).
var pushChanges = map[string]check{"name": text(longest), "state": oneOf(pushActive, pushInactive)}

// pushEndpoint returns the endpoint that the path names, or answers 404 and returns nil.
func (x *exchange) pushEndpoint() PushEndpoint {
	u := x.user()
	if u == nil {
		return nil
	}
	id := x.request.PathValue("endpoint")
	endpoint := x.org().pushEndpoint(u.id, id)
	if endpoint == nil {
		x.refuse(x.noSuch(id))
	}
	return endpoint
}

// listPushEndpoints is GET /users/{id}/pushendpoints: all of them, unpaged.
func (x *exchange) listPushEndpoints() {
	u := x.user()
	if u == nil {
		return
	}
	list := []PushEndpoint{}
	for _, endpoint := range x.org().pushEndpoints[u.id] {
		if !x.behavior.HideInactivePushEndpoints || endpoint["state"] == pushActive {
			list = append(list, x.behavior.renderPushEndpoint(endpoint))
		}
	}
	x.json(http.StatusOK, shuffled(x, list))
}

// getPushEndpoint is GET /users/{id}/pushendpoints/{endpoint}.
func (x *exchange) getPushEndpoint() {
	if endpoint := x.pushEndpoint(); endpoint != nil {
		x.json(http.StatusOK, x.behavior.renderPushEndpoint(endpoint))
	}
}

// patchPushEndpoint is PATCH /users/{id}/pushendpoints/{endpoint}.
func (x *exchange) patchPushEndpoint() {
	in := map[string]any{}
	endpoint := x.pushEndpoint()
	if endpoint == nil || !x.decode(&in) {
		return
	}
	for name, value := range in {
		check, known := pushChanges[name]
		if !known {
			x.refuse(refuse(400, "\""+name+"\" is not allowed"))
			return
		}
		if _, problem := check(value); problem != "" {
			x.refuse(refuse(400, name+": "+problem))
			return
		}
	}
	maps.Copy(endpoint, in)
	x.committed()
	x.json(http.StatusOK, x.behavior.renderPushEndpoint(endpoint))
}

// deletePushEndpoint is DELETE /users/{id}/pushendpoints/{endpoint}: 200 with the deleted
// endpoint.
func (x *exchange) deletePushEndpoint() {
	endpoint := x.pushEndpoint()
	if endpoint == nil {
		return
	}
	x.org().removePushEndpoint(x.request.PathValue("id"), x.request.PathValue("endpoint"))
	x.committed()
	x.json(http.StatusOK, x.behavior.renderPushEndpoint(endpoint))
}

// renderPushEndpoint returns an endpoint as the API shows it.
func (b *Behavior) renderPushEndpoint(endpoint PushEndpoint) PushEndpoint {
	if _, used := endpoint["lastUsedDate"]; used || b.NeverUsed == NeverUsedMissing {
		return endpoint
	}
	out := maps.Clone(endpoint)
	out["lastUsedDate"] = nil
	if b.NeverUsed == NeverUsedEmpty {
		out["lastUsedDate"] = ""
	}
	return out
}

func (o *Organization) pushEndpoint(userID, id string) PushEndpoint {
	for _, endpoint := range o.pushEndpoints[userID] {
		if endpoint["id"] == id {
			return endpoint
		}
	}
	return nil
}

func (o *Organization) removePushEndpoint(userID, id string) {
	o.pushEndpoints[userID] = slices.DeleteFunc(o.pushEndpoints[userID], func(e PushEndpoint) bool { return e["id"] == id })
}
