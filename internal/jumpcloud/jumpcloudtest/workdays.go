package jumpcloudtest

import (
	"cmp"
	"net/http"
)

// workdayFields are the members of an instance that a request may state.
type workdayFields struct {
	Name      *string     `json:"name"`
	ReportURL *string     `json:"reportUrl"`
	Auth      workdayAuth `json:"auth"`
}

// workday returns the instance that the path names, or answers 404 and returns nil.
func (x *exchange) workday() *workday {
	id := x.request.PathValue("id")
	w := x.org().workday
	if w == nil || w.id != id {
		x.refuse(x.noSuch(id))
		return nil
	}
	return w
}

func (x *exchange) answerWorkday(status int, w *workday) { x.json(status, w.render(&x.org().report)) }

// listWorkdays is GET /workdays.
func (x *exchange) listWorkdays() {
	var rows []map[string]any
	if w := x.org().workday; w != nil {
		rows = append(rows, w.render(&x.org().report))
	}
	x.listRows(rows, itself)
}

// getWorkday is GET /workdays/{id}.
func (x *exchange) getWorkday() {
	if w := x.workday(); w != nil {
		x.answerWorkday(http.StatusOK, w)
	}
}

// postWorkday is POST /workdays.
func (x *exchange) postWorkday() {
	var body workdayFields
	if !x.decode(&body) {
		return
	}
	w := &workday{name: workdayName}
	if x.org().workday != nil {
		x.refuse(refuse(cmp.Or(x.behavior.SecondWorkdayStatus, http.StatusConflict), messageDuplicate))
		return
	}
	if body.Name != nil {
		w.name = *body.Name
	}
	if w.name != workdayName && !x.behavior.AnyWorkdayName {
		x.refuse(refuse(400, "name must be "+workdayName))
		return
	}
	if problem := x.org().authorize(w, body.Auth); problem != nil {
		x.refuse(problem)
		return
	}
	if body.ReportURL != nil {
		w.reportURL = *body.ReportURL
	}
	w.id = x.server.ids.next(x.now)
	x.org().workday = w
	x.committed()
	x.answerWorkday(cmp.Or(x.behavior.CreateWorkdayStatus, http.StatusCreated), w)
}

// putWorkday is PUT /workdays/{id}. The name cannot be changed (documented).
func (x *exchange) putWorkday() {
	var body workdayFields
	w := x.workday()
	if w == nil || !x.decode(&body) {
		return
	}
	if body.Name != nil && *body.Name != w.name && !x.behavior.IgnoreWorkdayRename {
		x.refuse(refuse(400, "name cannot be changed"))
		return
	}
	if body.ReportURL != nil {
		w.reportURL = *body.ReportURL
	}
	x.committed()
	x.answerWorkday(http.StatusOK, w)
}

// authorizeWorkday is POST /workdays/{id}/auth.
func (x *exchange) authorizeWorkday() {
	var body workdayFields
	w := x.workday()
	if w == nil || !x.decode(&body) {
		return
	}
	if problem := x.org().authorize(w, body.Auth); problem != nil {
		x.refuse(problem)
		return
	}
	x.committed()
	x.WriteHeader(http.StatusNoContent)
}

// deauthorizeWorkday is DELETE /workdays/{id}/auth, which removes all methods.
func (x *exchange) deauthorizeWorkday() {
	if w := x.workday(); w != nil {
		w.username, w.password = "", ""
		x.committed()
		x.WriteHeader(http.StatusNoContent)
	}
}

// listWorkers is GET /workdays/{id}/workers: the contents of the report.
func (x *exchange) listWorkers() {
	w := x.workday()
	if w == nil {
		return
	}
	report := x.org().report
	rows := report.Workers
	if !report.takes(w.username, w.password) {
		if status := cmp.Or(x.behavior.WorkersStatus, http.StatusBadRequest); status >= 300 {
			x.refuse(refuse(status, "the report cannot be read"))
			return
		}
		rows = nil
	}
	page, problem := x.pageV2()
	if problem != nil {
		x.refuse(problem)
		return
	}
	x.listSorted(rows, page, itself)
}

// importWorkers is POST /workdays/{id}/import: a bulk create of the rows of the request, which
// does not read the report.
func (x *exchange) importWorkers() {
	w := x.workday()
	if w == nil {
		return
	}
	x.start(JobCreate, sourceWorkday, cmp.Or(x.behavior.ImportStatus, http.StatusCreated))
	if x.record.Committed {
		w.lastImport = stamp(x.now)
	}
}

// listImportResults is GET /workdays/{id}/import/{job}/results.
func (x *exchange) listImportResults() {
	if x.workday() == nil {
		return
	}
	if j := x.org().jobsByID[x.request.PathValue("job")]; j != nil && j.creationSource != sourceWorkday {
		x.refuse(notFound)
		return
	}
	x.listResults()
}

// listBulkResults is GET /bulk/users/{job}/results.
func (x *exchange) listBulkResults() {
	j := x.org().jobsByID[x.request.PathValue("job")]
	if j != nil && j.creationSource == sourceWorkday && x.behavior.ImportResultsApart {
		x.refuse(notFound)
		return
	}
	x.listResults()
}
