package jumpcloudtest

import "cmp"

const (
	workdayName   = "Workday Import"
	sourceWorkday = "jumpcloud:workday"
)

// workday is the connection of an organization to Workday; there is at most one (documented).
type workday struct {
	id, name, reportURL string
	lastImport          string
	username, password  string // Basic credentials; empty: none
}

// workdayAuth is the authorization of an instance. JumpCloud does not support OAuth yet.
type workdayAuth struct {
	Basic struct {
		Username string `json:"username"`
		Password string `json:"password"`
	} `json:"basic"`
}

// authorize sets the credentials of the instance.
func (o *Organization) authorize(w *workday, auth workdayAuth) *refusal {
	status := cmp.Or(o.behavior.WorkdayAuthStatus, 400)
	username, password := auth.Basic.Username, auth.Basic.Password
	switch {
	case username == "" || password == "":
		return refuse(status, "basic credentials are required")
	case o.behavior.RefuseWrongWorkdayPassword && !o.report.takes(username, password):
		return refuse(status, "the credentials are not valid")
	}
	w.username, w.password = username, password
	return nil
}

// render never shows the credentials. It reports whether the report accepts them.
func (w *workday) render(report *WorkdayReport) map[string]any {
	info := func(valid bool, message string) map[string]any {
		return map[string]any{"isValid": valid, "expiry": "", "message": message}
	}
	valid, message := report.takes(w.username, w.password), ""
	if !valid && w.username != "" {
		message = "Unauthorized"
	}
	return map[string]any{
		"id": w.id, "name": w.name, "reportUrl": w.reportURL, "lastImport": w.lastImport,
		"auth": map[string]any{"basic": info(valid, message), "oauth": info(false, "")},
	}
}
