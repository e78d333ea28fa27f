package dates

import (
	"archive/zip"
	"fmt"
	"go/build"
	"io"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// zones returns all places of Go's own copy of the time zone database. Places that are the
// same under several names come once.
func zones(t *testing.T) map[string]*time.Location {
	t.Helper()
	g := NewWithT(t)
	archive, err := zip.OpenReader(filepath.Join(build.Default.GOROOT, "lib", "time", "zoneinfo.zip"))
	g.Expect(err).NotTo(HaveOccurred())
	defer func() { _ = archive.Close() }()
	all, known := map[string]*time.Location{}, map[string]bool{}
	for _, file := range archive.File {
		if file.FileInfo().IsDir() {
			continue
		}
		content, err := file.Open()
		g.Expect(err).NotTo(HaveOccurred())
		data, err := io.ReadAll(content)
		g.Expect(err).NotTo(HaveOccurred())
		place, err := Zone(file.Name)
		g.Expect(err).NotTo(HaveOccurred(), "every name of the database is accepted")
		if !known[string(data)] {
			known[string(data)] = true
			all[file.Name] = place
		}
	}
	g.Expect(len(all)).To(BeNumerically(">", 300))
	return all
}

// record is what a place's clocks did in a period.
type record struct {
	shifts  []shift
	offsets map[time.Duration]bool
}

// recordOf checks the offset every six hours, and searches for the second of each change. It
// works differently from the code under test.
func recordOf(place *time.Location, from, to time.Time) record {
	r := record{offsets: map[time.Duration]bool{offsetAt(place, from): true}}
	for at := from; at.Before(to); {
		next := at.Add(6 * time.Hour)
		before, after := offsetAt(place, at), offsetAt(place, next)
		r.offsets[after] = true
		if before != after {
			low, high := at, next
			for high.Sub(low) > time.Second {
				middle := low.Add(high.Sub(low) / 2).Truncate(time.Second)
				if offsetAt(place, middle) == before {
					low = middle
				} else {
					high = middle
				}
			}
			r.shifts = append(r.shifts, shift{high, before, after})
		}
		at = next
	}
	return r
}

// instants returns all instants at which clocks in the place show a time.
func (r record) instants(place *time.Location, wall time.Time) []time.Time {
	var all []time.Time
	for offset := range r.offsets {
		if at := wall.Add(-offset); offsetAt(place, at) == offset {
			all = append(all, at)
		}
	}
	return all
}

// In every place, clocks are right before and after each change, and no time that they skip or
// show twice is accepted.
func TestLocalTimesOfAllZones(t *testing.T) {
	from, to := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2033, 1, 1, 0, 0, 0, 0, time.UTC)
	counted := map[string]int{}
	for name, place := range zones(t) {
		r := recordOf(place, from, to)
		walls := map[time.Time]string{}
		for _, s := range r.shifts {
			kind := "gap"
			if s.after < s.before {
				kind = "overlap"
			}
			first, end := s.at.Add(min(s.before, s.after)), s.at.Add(max(s.before, s.after))
			for _, wall := range []time.Time{
				first.Add(-time.Second), first, first.Add(end.Sub(first) / 2).Truncate(time.Second), end.Add(-time.Second), end,
			} {
				walls[wall] = kind
			}
		}
		for year := 2024; year <= 2032; year++ {
			for day := -1; day <= 1; day++ {
				walls[time.Date(year, 1, 1, 0, 0, day, 0, time.UTC)] = "year end"
			}
			walls[time.Date(year, 12, 31, 12, 0, 0, 0, time.UTC)] = "year end"
			if leap := time.Date(year, 2, 29, 23, 59, 59, 0, time.UTC); leap.Day() == 29 {
				walls[leap] = "leap day"
			}
		}
		for wall, kind := range walls {
			want := r.instants(place, wall)
			got, err := instantIn(place, wall)
			at := fmt.Sprintf("%s %s %s", name, wall.Format(localTime), kind)
			switch len(want) {
			case 1:
				if err != nil || !got.Equal(want[0]) {
					t.Fatalf("%s: %s %v, want %s", at, got, err, want[0])
				}
				counted[kind]++
			case 0, 2:
				checkRefusal(t, at, err, wall, want)
				counted[kind+" refused"]++
			default:
				t.Fatalf("%s: %d instants", at, len(want))
			}
		}
	}
	t.Log(counted)
	for _, kind := range []string{"gap", "gap refused", "overlap", "overlap refused", "year end", "leap day"} {
		NewWithT(t).Expect(counted[kind]).To(BeNumerically(">", 100), kind)
	}
}

// checkRefusal checks that the message has the two instants in forms that are accepted when
// they are read back.
func checkRefusal(t *testing.T, at string, err error, wall time.Time, instants []time.Time) {
	t.Helper()
	g := NewWithT(t)
	g.Expect(err).To(HaveOccurred(), at)
	for _, instant := range instants {
		g.Expect(err.Error()).To(ContainSubstring(instant.UTC().Format(time.RFC3339)), at)
	}
	text := err.Error()
	read := map[time.Time]bool{}
	for begin := range text {
		if end := begin + len("2026-03-29T02:30:00+01:00"); end <= len(text) {
			if written, err := Parse("startDate", text[begin:end], nil); err == nil {
				read[written] = true
				g.Expect(text[begin:]).To(HavePrefix(wall.Format(localTime)), "the local time is kept: %s", text)
			}
		}
	}
	g.Expect(read).To(HaveLen(2), "%s: %s", at, text)
}
