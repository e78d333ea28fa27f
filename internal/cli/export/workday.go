package export

import (
	"net/url"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/workdayinstance"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// defaultWorkdayHosts are the hosts of an Organization that states none.
var defaultWorkdayHosts = []string{"*.workday.com", "*.myworkday.com"}

// declaredWorkday returns the spec of an instance, which keeps its credentials.
func (m *maker) declaredWorkday(live *jumpcloud.WorkdayInstance) v1alpha1.WorkdayInstanceSpec {
	return v1alpha1.WorkdayInstanceSpec{OrganizationRef: m.reference(), ReportURL: live.ReportURL, AdoptionPolicy: v1alpha1.AdoptMustExist}
}

// workdayHosts returns the hosts that the Organization must admit so that the instance is as
// declared; nil if the defaults are enough.
func (m *maker) workdayHosts() []string {
	if len(m.live.Workdays) != 1 {
		return nil
	}
	spec := m.declaredWorkday(&m.live.Workdays[0])
	byDefault := &v1alpha1.Organization{Spec: v1alpha1.OrganizationSpec{WorkdayHosts: defaultWorkdayHosts}}
	if workdayinstance.Validate(&spec, byDefault) == "" || workdayinstance.Validate(&spec, nil) != "" {
		return nil
	}
	report, err := url.Parse(spec.ReportURL)
	if err != nil {
		return nil
	}
	return append(slices.Clone(defaultWorkdayHosts), strings.ToLower(report.Hostname()))
}

// workday writes a WorkdayInstance for the instance.
func (m *maker) workday() error {
	for i := range m.live.Workdays {
		live := &m.live.Workdays[i]
		subject, spec := "Workday instance "+live.ID, m.declaredWorkday(live)
		if len(m.live.Workdays) > 1 || live.ReportURL == "" || len(live.ReportURL) > 2048 {
			m.omit(subject, "the organization has several Workday instances, or the report URL of this one cannot be read")
			continue
		}
		if problem := workdayinstance.Validate(&spec, nil); problem != "" {
			m.omit(subject, problem)
			continue
		}
		m.omit(subject, "its credentials, which JumpCloud does not show and which stay as they are")
		if err := m.add("WorkdayInstance", "", "workday", &v1alpha1.WorkdayInstance{Spec: spec}); err != nil {
			return err
		}
	}
	return nil
}
