package jumpcloudtest

import "maps"

// Worker is a worker in Workday's report: email, username, firstName, lastName and, as an
// object, attributes.
type Worker = map[string]any

// WorkdayReport is the report that a Workday instance reads. Its zero value has no workers,
// and everybody may read it.
type WorkdayReport struct {
	// Username and Password are the credentials that it accepts. Both empty: any.
	Username string   `json:"username,omitempty"`
	Password string   `json:"password,omitempty"`
	Workers  []Worker `json:"workers"`
}

// takes reports whether the report accepts the credentials, which may be missing.
func (r *WorkdayReport) takes(username, password string) bool {
	if r.Username == "" && r.Password == "" {
		return username != ""
	}
	return username == r.Username && password == r.Password
}

// SetWorkdayReport replaces the report. It panics if the workers are not valid JSON.
func (o *Organization) SetWorkdayReport(r WorkdayReport) {
	if err := o.setWorkdayReport(r); err != nil {
		panic("jumpcloudtest: " + err.Error())
	}
}

func (o *Organization) setWorkdayReport(r WorkdayReport) error {
	var workers []Worker
	for _, given := range r.Workers {
		worker, err := throughJSON(given)
		if err != nil {
			return err
		}
		workers = append(workers, worker)
	}
	r.Workers = workers
	o.server.lock()
	defer o.server.mu.Unlock()
	o.report = r
	return nil
}

// AddWorkday creates an instance as an administrator would in the console, in place of the
// present one, and returns its id. Without a username it is not authorized.
func (o *Organization) AddWorkday(name, reportURL, username, password string) string {
	now := o.server.lock()
	defer o.server.mu.Unlock()
	o.workday = &workday{id: o.server.ids.next(now), name: name, reportURL: reportURL, username: username, password: password}
	return o.workday.id
}

// MoveWorkday makes the instance read another report, as the console does. It keeps its
// credentials.
func (o *Organization) MoveWorkday(reportURL string) {
	o.server.lock()
	defer o.server.mu.Unlock()
	o.workday.reportURL = reportURL
}

// RemoveWorkday removes the instance, which no call of the API can do.
func (o *Organization) RemoveWorkday() {
	o.server.lock()
	defer o.server.mu.Unlock()
	o.workday = nil
}

// Workday returns a copy of the instance as GET would return it, or nil.
func (o *Organization) Workday() map[string]any {
	o.server.lock()
	defer o.server.mu.Unlock()
	if o.workday == nil {
		return nil
	}
	return maps.Clone(o.workday.render(&o.report))
}

// WorkdayCredentials returns the Basic credentials of the instance; empty if there are none.
func (o *Organization) WorkdayCredentials() (username, password string) {
	o.server.lock()
	defer o.server.mu.Unlock()
	if o.workday == nil {
		return "", ""
	}
	return o.workday.username, o.workday.password
}
