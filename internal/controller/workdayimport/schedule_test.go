package workdayimport

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// at parses an instant in RFC 3339.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, text)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return instant
}

func parsed(t *testing.T, cron, zone string) *schedule {
	t.Helper()
	s, problem := parseSchedule(&v1alpha1.WorkdayImportSpec{Schedule: cron, TimeZone: zone})
	NewWithT(t).Expect(problem).To(BeEmpty())
	return s
}

func TestSchedulesThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ schedule, zone, problem string }{
		"seconds":         {"0 0 6 * * 1", "", "spec.schedule: expected exactly 5 fields"},
		"no hour 25":      {"0 25 * * *", "", "spec.schedule: end of range (25) above maximum (23)"},
		"a zone inside":   {"CRON_TZ=Europe/Berlin 0 6 * * *", "", "spec.schedule: has a time zone"},
		"an interval":     {"@every 1h", "", "spec.schedule: @every"},
		"no such zone":    {"0 6 * * *", "Mars/Base", "spec.timeZone: is not the name"},
		"the server's":    {"0 6 * * *", "Local", "spec.timeZone: is not the name"},
		"no such day":     {"0 6 30 2 *", "", "spec.schedule: never comes"},
		"no words either": {"every day", "", "spec.schedule: expected exactly 5 fields"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, problem := parseSchedule(&v1alpha1.WorkdayImportSpec{Schedule: c.schedule, TimeZone: c.zone})
			g.Expect(problem).To(HavePrefix(c.problem))
		})
	}
}

func TestTimesOfASchedule(t *testing.T) {
	for name, c := range map[string]struct{ cron, zone, after, next string }{
		"weekdays":                 {"0 6 * * 1-5", "", "2026-05-08T06:00:00Z", "2026-05-11T06:00:00Z"},
		"of a zone":                {"0 6 * * *", "Europe/Berlin", "2026-05-08T00:00:00Z", "2026-05-08T04:00:00Z"},
		"of the same zone, winter": {"0 6 * * *", "Europe/Berlin", "2026-12-08T00:00:00Z", "2026-12-08T05:00:00Z"},
		"a word":                   {"@daily", "", "2026-05-08T06:00:00Z", "2026-05-09T00:00:00Z"},
		// On 29 March 2026, 2:30 does not exist in Berlin.
		"left out by the clocks": {"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"},
		// On 25 October 2026, 2:30 comes twice in Berlin.
		"twice, the first time":    {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
		"twice, the second time":   {"30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		"every hour as the clocks": {"0 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(parsed(t, c.cron, c.zone).after(at(t, c.after))).To(Equal(at(t, c.next)))
		})
	}
}

func TestWhatIsDue(t *testing.T) {
	hour := int64(3600)
	created := "2026-05-01T12:00:00Z"
	for name, c := range map[string]struct {
		last, now string
		deadline  *int64
		at, next  string
	}{
		"not yet":                       {"", "2026-05-01T13:00:00Z", nil, "", "2026-05-02T06:00:00Z"},
		"the first time":                {"", "2026-05-02T06:00:00Z", nil, "2026-05-02T06:00:00Z", "2026-05-03T06:00:00Z"},
		"it counted":                    {"2026-05-02T06:00:00Z", "2026-05-02T18:00:00Z", nil, "2026-05-02T06:00:00Z", "2026-05-03T06:00:00Z"},
		"many were missed: the last":    {"2026-05-02T06:00:00Z", "2029-05-02T18:00:00Z", nil, "2029-05-02T06:00:00Z", "2029-05-03T06:00:00Z"},
		"missed, and within the limit":  {"2026-05-02T06:00:00Z", "2026-05-03T07:00:00Z", &hour, "2026-05-03T06:00:00Z", "2026-05-04T06:00:00Z"},
		"missed by more than the limit": {"2026-05-02T06:00:00Z", "2026-05-03T07:00:01Z", &hour, "2026-05-02T06:00:00Z", "2026-05-04T06:00:00Z"},
		"the first was missed":          {"", "2026-05-02T09:00:00Z", &hour, "", "2026-05-03T06:00:00Z"},
		"the clock was set back":        {"2026-05-02T06:00:00Z", "2026-05-01T13:00:00Z", nil, "2026-05-02T06:00:00Z", "2026-05-02T06:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var last, wanted time.Time
			if c.last != "" {
				last = at(t, c.last)
			}
			if c.at != "" {
				wanted = at(t, c.at)
			}
			d := parsed(t, "0 6 * * *", "").due(last, at(t, created), at(t, c.now), c.deadline)
			g.Expect(d.at).To(Equal(wanted))
			g.Expect(d.next).To(Equal(at(t, c.next)))
		})
	}
}

// The latest of two thousand years of missed minutes is found without a walk over all of them:
// the test would not end.
func TestTheLatestOfMany(t *testing.T) {
	g := NewWithT(t)
	s := parsed(t, "* 9-17 * * 1-5", "Europe/Berlin")
	g.Expect(s.latest(at(t, "0026-05-01T00:00:00Z"), at(t, "2026-05-03T12:00:00Z"))).To(Equal(at(t, "2026-05-01T15:59:00Z")))
}
