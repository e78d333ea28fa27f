package jumpcloudtest

import "maps"

// Worker is a worker as the report of Workday has it: email, username, firstName,
// lastName and, as an object, attributes.
type Worker = map[string]any

// WorkdayReport is the report that an instance of Workday reads. Its zero value is
// one without workers that everybody may read.
type WorkdayReport struct {
	// Username and Password are the credentials that it takes. Both empty: any.
	Username string   `json:"username,omitempty"`
	Password string   `json:"password,omitempty"`
	Workers  []Worker `json:"workers"`
}

// takes reports whether the credentials, which may be missing, are right.
func (r *WorkdayReport) takes(username, password string) bool {
	if r.Username == "" && r.Password == "" {
		return username != ""
	}
	return username == r.Username && password == r.Password
}

// SetWorkdayReport replaces the report. It panics if the workers are no JSON.
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

// AddWorkday makes an instance as an administrator in the console would have, in place of
// one that there is, and returns its id. Without a username it is not authorized.
func (o *Organization) AddWorkday(name, reportURL, username, password string) string {
	now := o.server.lock()
	defer o.server.mu.Unlock()
	o.workday = &workday{id: o.server.ids.next(now), name: name, reportURL: reportURL, username: username, password: password}
	return o.workday.id
}

// MoveWorkday lets the instance read another report, as the console does. It
// keeps its credentials.
func (o *Organization) MoveWorkday(reportURL string) {
	o.server.lock()
	defer o.server.mu.Unlock()
	o.workday.reportURL = reportURL
}

// RemoveWorkday removes the instance, which no call of the API can.
func (o *Organization) RemoveWorkday() {
	o.server.lock()
	defer o.server.mu.Unlock()
	o.workday = nil
}

// Workday returns the instance as GET would, or nil. It is a copy.
func (o *Organization) Workday() map[string]any {
	o.server.lock()
	defer o.server.mu.Unlock()
	if o.workday == nil {
		return nil
	}
	return maps.Clone(o.workday.render(&o.report))
}

// WorkdayCredentials returns the Basic credentials of the instance; empty where
// there are none.
func (o *Organization) WorkdayCredentials() (username, password string) {
	o.server.lock()
	defer o.server.mu.Unlock()
	if o.workday == nil {
		return "", ""
	}
	return o.workday.username, o.workday.password
}
