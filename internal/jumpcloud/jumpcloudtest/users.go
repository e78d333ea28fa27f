package jumpcloudtest

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

// user returns the user that the path names, or answers 404 and returns nil.
func (x *exchange) user() *user {
	u := x.org().users.ids[x.request.PathValue("id")]
	if u == nil {
		x.refuse(notFound)
	}
	return u
}

// getUser is GET /systemusers/{id}.
func (x *exchange) getUser() {
	if u := x.user(); u != nil {
		x.json(http.StatusOK, x.org().render(u, names(x.query().Get("fields"))))
	}
}

// postUser is POST /systemusers: 200, not 201.
func (x *exchange) postUser() {
	in := map[string]any{}
	if !x.decode(&in) {
		return
	}
	u, problem := x.org().create(in, x.org().defaultState("manualEntry"), "", x.now)
	x.changed(u, problem)
}

// putUser is PUT /systemusers/{id}: a merge.
func (x *exchange) putUser() {
	in := map[string]any{}
	u := x.user()
	if u == nil || !x.decode(&in) {
		return
	}
	x.changed(u, x.org().update(u, verbUpdate, in, x.now))
}

// changed answers with the user after the change. The details of a refused password are given
// only if the request asks for them.
func (x *exchange) changed(u *user, problem *refusal) {
	if problem == nil {
		x.committed()
		x.json(http.StatusOK, x.org().render(u, nil))
		return
	}
	if problem.details != nil && x.query().Get("fullValidationDetails") != "password" {
		problem = refuse(problem.status, problem.message)
	}
	x.refuse(problem)
}

// deleteUser is DELETE /systemusers/{id}. For a manager with reports it requires
// cascade_manager: null, or the id of the next manager.
func (x *exchange) deleteUser() {
	u := x.user()
	if u == nil {
		return
	}
	o := x.org()
	var reports []*user
	for _, other := range o.users.inserted {
		if other != u && other.text("manager") == u.id {
			reports = append(reports, other)
		}
	}
	if len(reports) > 0 {
		var next any
		switch cascade := x.query().Get("cascade_manager"); {
		case cascade == "":
			x.refuse(refuse(409, "the user is the manager of other users"))
			return
		case cascade != "null" && (o.users.ids[cascade] == nil || cascade == u.id):
			x.refuse(refuse(400, "cascade_manager is not a user"))
			return
		case cascade != "null":
			next = cascade
		}
		for _, report := range reports {
			manager := next
			if report.id == next {
				manager = nil // no user is their own manager
			}
			o.change(report, map[string]any{"manager": manager}, x.now)
		}
	}
	o.remove(u, x.now)
	x.committed()
	x.json(http.StatusOK, o.render(u, nil))
}

// activateUser is POST /systemusers/{id}/state/activate.
func (x *exchange) activateUser() {
	if _, sent := x.request.Header["X-Org-Id"]; sent && x.behavior.ActivateRefusesOrgHeader {
		x.refuse(refuse(403, "x-org-id is not supported by this route"))
		return
	}
	var body struct {
		Email any `json:"email"`
	}
	u := x.user()
	if u == nil || !x.decode(&body) {
		return
	}
	status := http.StatusOK
	if u.text("state") != staged {
		if status = cmp.Or(x.behavior.ActivateOther, http.StatusBadRequest); status >= 300 {
			x.refuse(refuse(status, "the user is not staged"))
			return
		}
	}
	wasStaged := u.text("state") == staged
	to, _ := body.Email.(string)
	x.org().change(u, map[string]any{"state": activated}, x.now)
	if suppressed := body.Email == any(false); wasStaged && !suppressed {
		x.org().welcome(u, to, x.now)
	}
	x.committed()
	x.json(status, map[string]any{})
}

// suspendUser is POST /systemusers/{id}/state/suspend; only one source reports that it exists.
func (x *exchange) suspendUser() {
	status := cmp.Or(x.behavior.SuspendStatus, http.StatusOK)
	if status == http.StatusNotFound {
		x.refuse(notFound)
		return
	}
	u := x.user()
	switch {
	case u == nil:
		return
	case status >= 300:
		x.refuse(refuse(status, strings.ToLower(http.StatusText(status))))
		return
	case u.text("state") == staged && x.behavior.RefuseSuspendStaged:
		x.refuse(refuse(400, "a staged user cannot be suspended"))
		return
	}
	x.org().change(u, map[string]any{"state": suspended}, x.now)
	x.committed()
	if status == http.StatusNoContent {
		x.WriteHeader(status)
		return
	}
	x.json(status, map[string]any{})
}

// expireUser is POST /systemusers/{id}/expire: the password must be changed.
func (x *exchange) expireUser() {
	if u := x.user(); u != nil {
		x.org().expire(u, x.now)
		x.committed()
		x.json(http.StatusOK, map[string]any{})
	}
}

// unlockUser is POST /systemusers/{id}/unlock, which does not lift a suspension.
func (x *exchange) unlockUser() {
	u := x.user()
	if u == nil {
		return
	}
	x.org().unlock(u, x.now)
	x.committed()
	if x.behavior.UnlockJSON {
		x.json(http.StatusOK, map[string]any{})
		return
	}
	x.text(http.StatusOK, "OK")
}

func (o *Organization) expire(u *user, now time.Time) {
	o.change(u, map[string]any{"password_expired": true}, now)
}

func (o *Organization) unlock(u *user, now time.Time) {
	o.change(u, map[string]any{"account_locked": false}, now)
}
