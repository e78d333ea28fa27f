package jumpcloudtest

import (
	"cmp"
	"net/http"
	"slices"
)

const (
	sourceBulk  = "jumpcloud:bulk"
	defaultRows = 800 // observed; not in any specification
)

// creationSources are the values of creation-source (documented). Other values get 400.
var creationSources = []string{
	sourceBulk, "jumpcloud:gapps", "jumpcloud:o365", sourceWorkday, "jumpcloud:scim", "jumpcloud:custom_integration",
}

// startCreate is POST /bulk/users.
func (x *exchange) startCreate() {
	source := cmp.Or(x.request.Header.Get("Creation-Source"), sourceBulk)
	if !slices.Contains(creationSources, source) {
		x.refuse(refuse(400, "creation-source is not valid"))
		return
	}
	x.start(JobCreate, source, cmp.Or(x.behavior.StartStatus, http.StatusOK))
}

// startUpdate is PATCH /bulk/users.
func (x *exchange) startUpdate() {
	x.start(JobUpdate, "", cmp.Or(x.behavior.StartStatus, http.StatusOK))
}

// startExpire is POST /bulk/user/expires.
func (x *exchange) startExpire() {
	x.start(JobExpire, "", cmp.Or(x.behavior.ActionStatus, http.StatusCreated))
}

// startUnlock is POST /bulk/user/unlocks.
func (x *exchange) startUnlock() {
	x.start(JobUnlock, "", cmp.Or(x.behavior.ActionStatus, http.StatusCreated))
}

// start accepts a job. It does not check the rows, except that they are JSON objects and, with
// RefusesRequest, lack the members of Behavior.CreateRefuses.
func (x *exchange) start(kind JobKind, source string, status int) {
	var rows []map[string]any
	if !x.decode(&rows) {
		return
	}
	b := x.behavior
	most := cmp.Or(b.MaxRows, defaultRows)
	empty := cmp.Or(b.EmptyJobStatus, http.StatusBadRequest)
	switch {
	case most > 0 && len(rows) > most:
		x.refuse(refuse(cmp.Or(b.OversizeStatus, http.StatusBadRequest), "too many rows"))
		return
	case len(rows) == 0 && empty >= 300:
		x.refuse(refuse(empty, "no rows"))
		return
	}
	if kind == JobCreate && b.CreateRefuses == RefusesRequest {
		for _, row := range rows {
			if problem := refusedOnCreate(row); problem != nil {
				x.refuse(problem)
				return
			}
		}
	}
	j := x.org().acceptJob(kind, rows, x)
	j.creationSource = source
	j.suppressEmail = x.query().Get("suppressEmail") == "true"
	if b.Instant {
		x.org().runDue(x.now)
	}
	x.committed()
	x.record.JobID = j.id
	x.json(status, map[string]any{"jobId": j.id})
}

// refusedOnCreate refuses a row with a member of Behavior.CreateRefuses; nil: it has none of
// them.
func refusedOnCreate(row map[string]any) *refusal {
	for _, name := range []string{"relationships", "mfa"} {
		if row[name] != nil {
			return refuse(400, "\""+name+"\" is not allowed")
		}
	}
	for _, name := range []string{"addresses", "phoneNumbers"} {
		for _, item := range objectsIn(row[name]) {
			if item["id"] != nil {
				return refuse(400, "\""+name+".id\" is not allowed")
			}
		}
	}
	return nil
}
