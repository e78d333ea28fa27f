package jumpcloudtest

// newWorkday is an instance that another client created.
type newWorkday struct {
	Name      string `json:"name"`
	ReportURL string `json:"reportUrl"`
	Username  string `json:"username"`
	Password  string `json:"password"`
}

func (c control) putWorkdayReport(o *Organization) (any, error) {
	var report WorkdayReport
	if err := c.decode(&report); err != nil {
		return nil, err
	}
	return nil, o.setWorkdayReport(report)
}

func (c control) putWorkday(o *Organization) (any, error) {
	given := newWorkday{Name: workdayName}
	if err := c.decode(&given); err != nil {
		return nil, err
	}
	return identified(o.AddWorkday(given.Name, given.ReportURL, given.Username, given.Password), nil)
}

func (c control) getWorkday(o *Organization) (any, error) {
	if w := o.Workday(); w != nil {
		return w, nil
	}
	return nil, errNoSuch
}

func (c control) deleteWorkday(o *Organization) (any, error) {
	o.RemoveWorkday()
	return nil, nil
}
