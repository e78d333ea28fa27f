package submission_test

import (
	"fmt"
	"iter"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

var (
	now    = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	limits = submission.Limits{
		SettleWindow: time.Minute,
		StallTimeout: 2 * time.Minute,
		JobTimeout:   time.Hour,
	}
)

const rows = 10

// record returns a job of ten rows in a state, at an attempt, that was announced and submitted
// this long ago.
func record(state v1alpha1.JobState, attempt int32, age time.Duration) v1alpha1.JobStatus {
	at := metav1.NewMicroTime(now.Add(-age))
	job := v1alpha1.JobStatus{Index: 1, Operation: v1alpha1.JobCreate, Rows: rows, Attempt: attempt, State: state}
	if state != v1alpha1.JobPlanned {
		job.IntendedAt = &at
	}
	if state == v1alpha1.JobSubmitted || state == v1alpha1.JobTimedOut {
		job.JobID, job.SubmittedAt = "65f1c0ffee65f1c0ffee0001", &at
	}
	return job
}

// grid yields every combination of a record and what may have been observed about it. Times
// are placed before, at and after every limit that they are compared with.
func grid() iter.Seq2[v1alpha1.JobStatus, submission.Observation] {
	answers := []*submission.Answer{
		nil,
		{},
		{Kind: submission.Accepted, JobID: "65f1c0ffee65f1c0ffee0001"},
		{Kind: submission.Accepted},
		{Kind: submission.Accepted, JobID: strings.Repeat("a", 129)},
		{Kind: submission.Completed},
		{Kind: submission.Refused},
		{Kind: submission.NotSent},
		{Kind: submission.RateLimited},
		{Kind: submission.Unauthorized},
	}
	read := func(began time.Duration, complete bool, absent int) *submission.Presence {
		return &submission.Presence{
			Began: now.Add(-began), Ended: now.Add(-began).Add(10 * time.Second),
			Complete: complete, Present: rows - absent, Absent: absent,
		}
	}
	reads := []*submission.Presence{
		nil,
		read(3*time.Hour, true, rows), read(3*time.Hour, true, 0),
		read(70*time.Second, true, 0), read(70*time.Second, true, 1), read(70*time.Second, false, rows),
		read(10*time.Second, true, 0), read(10*time.Second, true, rows), read(10*time.Second, false, 0),
		{Began: now, Ended: now, Complete: true},
	}
	result := func(age, unchanged time.Duration, records, pending, final int, gone bool) *submission.Progress {
		return &submission.Progress{
			ReadAt: now.Add(-age), ChangedAt: now.Add(-age - unchanged),
			Records: records, Pending: pending, Final: final, Gone: gone,
		}
	}
	results := []*submission.Progress{
		nil,
		result(0, 0, 0, 0, 0, false), result(0, time.Hour, 0, 0, 0, true), result(0, 0, 0, 0, 0, true),
		result(0, time.Hour, rows, 1, rows-1, false),
		result(0, 0, rows, 0, rows, false),
		result(0, time.Second, rows-1, 0, rows-1, false), result(0, limits.StallTimeout, rows-1, 0, 1, false),
		result(2*time.Hour, 0, rows, rows, 0, false),
	}
	ages := []time.Duration{0, time.Minute, limits.JobTimeout, 24 * time.Hour}
	decisions := []submission.Decision{submission.Undecided, submission.DecideResubmit, submission.DecideAbandon}
	agos := []time.Duration{-1, 0, limits.SettleWindow, 2 * limits.SettleWindow, 24 * time.Hour}

	var seen []submission.Observation
	for _, firstSeen := range agos {
		for _, directory := range reads {
			for _, absence := range []time.Duration{-1, 70 * time.Second, 2 * time.Hour} {
				for _, result := range results {
					for _, decision := range decisions {
						for flags := range 4 {
							seen = append(seen, submission.Observation{
								FirstSeen: ago(firstSeen), Directory: directory, FirstAbsence: ago(absence),
								Results: result, SlowestJob: time.Duration(flags) * time.Minute,
								Decision: decision, DecidedAt: now.Add(-30 * time.Second),
								Deleting: flags&1 != 0,
							})
						}
					}
				}
			}
		}
	}
	return func(yield func(v1alpha1.JobStatus, submission.Observation) bool) {
		for _, state := range states {
			answers := answers
			if state != v1alpha1.JobIntended {
				answers = answers[:3] // elsewhere any answer comes too late to matter
			}
			for _, attempt := range []int32{1, 3} {
				for _, age := range ages {
					job := record(state, attempt, age)
					for _, seen := range seen {
						for _, seen.Sent = range answers {
							if !yield(job, seen) {
								return
							}
						}
					}
				}
			}
		}
	}
}

// ago returns the time this long before now; the zero time if d is negative.
func ago(d time.Duration) time.Time {
	if d < 0 {
		return time.Time{}
	}
	return now.Add(-d)
}

func describe(seen submission.Observation) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%+v", seen)
	if seen.Sent != nil {
		fmt.Fprintf(&text, "\n  sent %+v", *seen.Sent)
	}
	if seen.Directory != nil {
		fmt.Fprintf(&text, "\n  directory %+v", *seen.Directory)
	}
	if seen.Results != nil {
		fmt.Fprintf(&text, "\n  results %+v", *seen.Results)
	}
	return text.String()
}

// ended reports whether a job is in a final state.
func ended(state v1alpha1.JobState) bool {
	switch state {
	case v1alpha1.JobFinished, v1alpha1.JobRecovered, v1alpha1.JobRejected, v1alpha1.JobAbandoned:
		return true
	default:
		return false
	}
}
