package schedules

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

func TestEventsOf(t *testing.T) {
	utc := func(hour, minute int) time.Time { return time.Date(2026, 12, 31, hour, minute, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		start, end, zone string
		want             []Event
		problem          string
	}{
		"an offset":                     {start: "2026-12-31T18:00:00+01:00", want: []Event{{v1alpha1.SchedulableSuspended, utc(17, 0)}}},
		"UTC":                           {start: "2026-12-31T18:00:00Z", want: []Event{{v1alpha1.SchedulableSuspended, utc(18, 0)}}},
		"without seconds":               {start: "2026-12-31T18:00+00:30", want: []Event{{v1alpha1.SchedulableSuspended, utc(17, 30)}}},
		"fractions are cut":             {start: "2026-12-31T18:00:00.999Z", want: []Event{{v1alpha1.SchedulableSuspended, utc(18, 0)}}},
		"local":                         {start: "2026-12-31T18:00:00", zone: "Europe/Berlin", want: []Event{{v1alpha1.SchedulableSuspended, utc(17, 0)}}},
		"local without seconds":         {start: "2026-12-31T18:00", zone: "Asia/Kolkata", want: []Event{{v1alpha1.SchedulableSuspended, utc(12, 30)}}},
		"an offset stands above a zone": {start: "2026-12-31T18:00:00Z", zone: "Asia/Kolkata", want: []Event{{v1alpha1.SchedulableSuspended, utc(18, 0)}}},
		"an end": {
			start: "2026-12-31T18:00:00", end: "2026-12-31T18:00:01Z", zone: "Europe/Berlin",
			want: []Event{{v1alpha1.SchedulableSuspended, utc(17, 0)}, {v1alpha1.SchedulableActivated, utc(18, 0).Add(time.Second)}},
		},
		"an end that is the start": {start: "2026-12-31T18:00:00", end: "2026-12-31T17:00:00Z", zone: "Europe/Berlin", problem: "spec.endDate must be after spec.startDate"},
		"a gap": {
			start: "2026-03-29T02:30:00", zone: "Europe/Berlin",
			problem: "spec.startDate 2026-03-29T02:30:00 does not exist in Europe/Berlin, where clocks are put forward over it. Write it with an offset: " +
				"2026-03-29T02:30:00+02:00 (2026-03-29T00:30:00Z) or 2026-03-29T02:30:00+01:00 (2026-03-29T01:30:00Z)",
		},
		"an overlap": {
			start: "2026-01-01T00:00:00Z", end: "2026-10-25T02:00:00", zone: "Europe/Berlin",
			problem: "spec.endDate 2026-10-25T02:00:00 exists twice in Europe/Berlin, where clocks are put back over it. Write it with an offset: " +
				"2026-10-25T02:00:00+02:00 (2026-10-25T00:00:00Z) or 2026-10-25T02:00:00+01:00 (2026-10-25T01:00:00Z)",
		},
		"a day that a place skipped": {
			start: "2011-12-30T12:00:00", zone: "Pacific/Apia",
			problem: "spec.startDate 2011-12-30T12:00:00 does not exist in Pacific/Apia, where clocks are put forward over it. Write it with an offset: " +
				"2011-12-30T12:00:00+14:00 (2011-12-29T22:00:00Z) or 2011-12-30T12:00:00-10:00 (2011-12-30T22:00:00Z)",
		},
		"no zone":         {start: "2026-12-31T18:00:00", problem: "spec.startDate 2026-12-31T18:00:00 is a local time and needs spec.timeZone"},
		"an unknown zone": {start: "2026-12-31T18:00:00Z", zone: "Europe/Atlantis", problem: `spec.timeZone "Europe/Atlantis" is not in the IANA time zone database. Write a name such as Europe/Berlin`},
		"the local zone":  {start: "2026-12-31T18:00:00", zone: "Local", problem: `spec.timeZone "Local" is not in the IANA time zone database. Write a name such as Europe/Berlin`},
		"a path":          {start: "2026-12-31T18:00:00", zone: "../../etc/passwd", problem: `spec.timeZone "../../etc/passwd" is not in the IANA time zone database. Write a name such as Europe/Berlin`},
		"no leap day":     {start: "2027-02-29T18:00:00Z", problem: "spec.startDate 2027-02-29T18:00:00Z is not a date that exists. Write one such as 2026-12-31T18:00:00Z"},
		"hour 24":         {start: "2026-12-31T24:00:00", zone: "Europe/Berlin", problem: "spec.startDate 2026-12-31T24:00:00 is not a date that exists. Write one such as 2026-12-31T18:00:00Z"},
		"a leap second":   {start: "2016-12-31T23:59:60Z", problem: "spec.startDate 2016-12-31T23:59:60Z is not a date that exists. Write one such as 2026-12-31T18:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got, err := EventsOf(&v1alpha1.ScheduledUserStateSpec{
				State: v1alpha1.SchedulableSuspended, StartDate: c.start, EndDate: c.end, TimeZone: c.zone,
			})
			if c.problem != "" {
				g.Expect(err).To(MatchError(c.problem))
				return
			}
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(c.want))
		})
	}
}

func TestMailFor(t *testing.T) {
	yes, no := true, false
	activated, suspended := v1alpha1.SchedulableActivated, v1alpha1.SchedulableSuspended
	for name, c := range map[string]struct {
		spec       v1alpha1.ScheduledUserStateSpec
		start, end string
	}{
		"nothing said":        {v1alpha1.ScheduledUserStateSpec{State: activated}, "", ""},
		"none":                {v1alpha1.ScheduledUserStateSpec{State: activated, SendActivationEmails: &no}, "", ""},
		"at the start":        {v1alpha1.ScheduledUserStateSpec{State: activated, SendActivationEmails: &yes}, "Users", ""},
		"to somebody else":    {v1alpha1.ScheduledUserStateSpec{State: activated, SendActivationEmails: &yes, ActivationEmailOverride: "me@example.org"}, "me@example.org", ""},
		"at the end":          {v1alpha1.ScheduledUserStateSpec{State: suspended, SendActivationEmails: &yes}, "", "Users"},
		"override of nothing": {v1alpha1.ScheduledUserStateSpec{State: activated, SendActivationEmails: &no, ActivationEmailOverride: "me@example.org"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(mailFor(&c.spec, c.spec.State)).To(Equal(c.start))
			g.Expect(mailFor(&c.spec, c.spec.State.Opposite())).To(Equal(c.end))
		})
	}
}
