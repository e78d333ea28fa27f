// Package dates converts the dates that people write, with an offset or in local time, to
// instants.
package dates

import (
	"fmt"
	"sort"
	"time"
	_ "time/tzdata" // the operator's image has no time zones of its own
)

// The forms in which dates are written. Fractions of a second are accepted
// after the seconds.
const (
	localTime    = "2006-01-02T15:04:05"
	localMinute  = "2006-01-02T15:04"
	offsetSuffix = "Z07:00"
)

// Zone returns the time zone with a name of the IANA database; nil for no name. Its errors,
// and those of Parse, say what is wrong with the spec and what to write.
func Zone(name string) (*time.Location, error) {
	if name == "" {
		return nil, nil
	}
	place, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("spec.timeZone %q is not in the IANA time zone database. Write a name such as Europe/Berlin", name)
	}
	return place, nil
}

// Parse returns the instant, in UTC, that a field of a spec states: with an offset, or as local
// time in a place. It truncates it to whole seconds, as JumpCloud's dates are (observed).
func Parse(field, text string, place *time.Location) (time.Time, error) {
	for _, layout := range []string{localTime, localMinute} {
		if at, err := time.Parse(layout+offsetSuffix, text); err == nil {
			return at.UTC().Truncate(time.Second), nil
		}
		wall, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if place == nil {
			return time.Time{}, fmt.Errorf("spec.%s %s is a local time and needs spec.timeZone", field, text)
		}
		at, err := instantIn(place, wall.Truncate(time.Second))
		if err != nil {
			return time.Time{}, fmt.Errorf("spec.%s %s %w", field, text, err)
		}
		return at, nil
	}
	return time.Time{}, fmt.Errorf("spec.%s %s is not a date that exists. Write one such as 2026-12-31T18:00:00Z", field, text)
}

// instantIn returns the one instant at which clocks in a place show the time that wall shows
// in UTC. It fails if clocks are put forward over that time (no instant) or put back (two
// instants).
func instantIn(place *time.Location, wall time.Time) (time.Time, error) {
	for _, s := range shiftsAround(place, wall) {
		if s.concerns(wall) {
			return time.Time{}, s.refuse(place, wall)
		}
	}
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, place)
	return at.UTC(), nil
}

// shift is a change of the offset from UTC, at an instant.
type shift struct {
	at            time.Time
	before, after time.Duration
}

// concerns reports whether clocks skip the time of wall, or show it twice.
func (s shift) concerns(wall time.Time) bool {
	first, end := s.at.Add(min(s.before, s.after)), s.at.Add(max(s.before, s.after))
	return !wall.Before(first) && wall.Before(end)
}

// refuse returns an error that names both instants that may be meant.
func (s shift) refuse(place *time.Location, wall time.Time) error {
	what := "does not exist in %s, where clocks are put forward over it"
	if s.after < s.before {
		what = "exists twice in %s, where clocks are put back over it"
	}
	earlier, later := spelled(wall, max(s.before, s.after)), spelled(wall, min(s.before, s.after))
	return fmt.Errorf(what+". Write it with an offset: %s or %s", place, earlier, later)
}

// spelled writes the time of wall with an offset, and in UTC.
func spelled(wall time.Time, offset time.Duration) string {
	utc := wall.Add(-offset)
	text := utc.Format(localTime + offsetSuffix)
	if offset%time.Minute != 0 {
		return text // an offset of long ago, which cannot be written
	}
	local := utc.In(time.FixedZone("", int(offset/time.Second)))
	return fmt.Sprintf("%s (%s)", local.Format(localTime+"-07:00"), text)
}

// reach is farther than any place has ever been from UTC; step is shorter than any place has
// ever kept an offset.
const (
	reach = 27 * time.Hour
	step  = time.Hour
)

// shiftsAround returns the changes of a place's offset that may concern a time. It probes
// offsets, because the time package does not give exact bounds of a zone in force.
func shiftsAround(place *time.Location, wall time.Time) []shift {
	var shifts []shift
	began := wall.Add(-reach)
	before := offsetAt(place, began)
	for at := began.Add(step); !at.After(wall.Add(reach)); at = at.Add(step) {
		after := offsetAt(place, at)
		if after != before {
			last := at.Add(-step)
			seconds := sort.Search(int(step/time.Second), func(s int) bool {
				return offsetAt(place, last.Add(time.Duration(s)*time.Second)) != before
			})
			shifts = append(shifts, shift{last.Add(time.Duration(seconds) * time.Second), before, after})
		}
		before = after
	}
	return shifts
}

func offsetAt(place *time.Location, at time.Time) time.Duration {
	_, seconds := at.In(place).Zone()
	return time.Duration(seconds) * time.Second
}
