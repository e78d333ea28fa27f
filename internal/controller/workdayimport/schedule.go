package workdayimport

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// fields are the five of crontab(5), and its words such as @daily, as in a CronJob; without
// the library's seconds, @every and TZ=.
const fields = cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor

// schedule has the times of runs; nil: there are none.
//
// Times are local times of a zone. As in a CronJob, a time that a change of the clocks skips
// is left out, and one that comes twice counts twice.
type schedule struct {
	cron cron.Schedule
	zone *time.Location
}

// parseSchedule parses the schedule of a spec. The problem is "", or says what is wrong with
// it.
func parseSchedule(spec *v1alpha1.WorkdayImportSpec) (_ *schedule, problem string) {
	if spec.Schedule == "" {
		return nil, ""
	}
	if strings.Contains(spec.Schedule, "TZ=") {
		return nil, "spec.schedule: has a time zone: write it into spec.timeZone"
	}
	if strings.HasPrefix(strings.TrimSpace(spec.Schedule), "@every") {
		return nil, "spec.schedule: @every has no times of its own: write five fields, such as 0 6 * * 1-5"
	}
	parsed, err := cron.NewParser(fields).Parse(spec.Schedule)
	if err != nil {
		return nil, fmt.Sprintf("spec.schedule: %s: write five fields (minute, hour, day, month, weekday), such as 0 6 * * 1-5", err)
	}
	zone := time.UTC
	if spec.TimeZone != "" {
		zone, err = time.LoadLocation(spec.TimeZone)
		if err != nil || spec.TimeZone == "Local" {
			return nil, "spec.timeZone: is not the name of a time zone: write one such as Europe/Berlin"
		}
	}
	s := &schedule{parsed, zone}
	if s.after(time.Unix(0, 0)).IsZero() {
		return nil, "spec.schedule: never comes: there is no such day"
	}
	return s, ""
}

// after returns the first time of the schedule after t; zero: there is none.
func (s *schedule) after(t time.Time) time.Time {
	next := s.cron.Next(t.In(s.zone))
	if next.IsZero() {
		return time.Time{}
	}
	return next.UTC()
}

// latest returns the last time of the schedule that is after a time and not after now; zero:
// there is none. Many may lie between.
func (s *schedule) latest(after, now time.Time) time.Time {
	var found time.Time
	// The window grows backwards from now, so that years of minutes cost no more than a few.
	for window := time.Minute; ; window *= 2 {
		from := now.Add(-window)
		if from.Before(after) {
			from = after
		}
		for t := s.after(from); !t.IsZero() && !t.After(now); t = s.after(t) {
			found = t
		}
		if !found.IsZero() || !from.After(after) {
			return found
		}
	}
}

// due is what a schedule means for an object.
type due struct {
	// at is the time that the present run belongs to; zero: none has come yet.
	at time.Time
	// next is the first time after now.
	next time.Time
}

// due determines which time of the schedule counts now: the latest that has passed since last,
// the last one that counted, or since the creation of the object if none did. Any number of
// missed times make one run; a time further back than the deadline makes none. If last is
// beyond the next time, a clock that was far ahead wrote it, and the latest passed time
// replaces it.
func (s *schedule) due(last, created, now time.Time, deadline *int64) due {
	if last.After(s.after(now)) {
		last = s.latest(created, now)
	}
	since := last
	if since.IsZero() {
		since = created
	}
	d := due{at: last, next: s.after(now)}
	missed := s.latest(since, now)
	if missed.IsZero() || deadline != nil && now.Sub(missed) > time.Duration(*deadline)*time.Second {
		return d
	}
	d.at = missed
	return d
}
