package submission

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Presence is what one reading of the directory says about the rows of a job.
//
// The caller keeps track of which rows they are, together with the reading: they are what
// PlanAgain plans.
//
// A row that is to be created is present if its username and email exist: it was absent in a
// complete reading before its first intent, so the user that exists now was created by the
// job. A row that is to be updated is present if every stated value is live. A row that one
// reading of an attempt found present counts as present in all later ones.
type Presence struct {
	// Began and Ended are when the reading began and ended.
	Began, Ended time.Time
	// Complete readings saw the whole directory, or everything about the rows. What an
	// incomplete reading does not show proves nothing.
	Complete bool
	// Present and Absent rows; together all rows of the attempt.
	Present, Absent int
}

// accounts reports whether the reading began no earlier than since and says for every row of
// the job whether it was present.
func (p *Presence) accounts(job v1alpha1.JobStatus, since time.Time) bool {
	return p != nil && p.Complete && !p.Began.Before(since) && p.Present+p.Absent >= int(job.Rows)
}

// Progress is what one reading of a job's results says.
type Progress struct {
	// ReadAt is when the results were read.
	ReadAt time.Time
	// Records is the number of records in the results. There is one per row, in no known
	// order.
	Records int
	// Pending and Final are how many records have a pending and how many a final status. Other
	// records are neither.
	Pending, Final int
	// Gone is set when JumpCloud says that it knows no such job.
	Gone bool
	// Fingerprint differs if any record does; if it is empty, only the counts decide.
	Fingerprint string
	// ChangedAt is when the results last differed from the previous reading. SawResults sets
	// it.
	ChangedAt time.Time
}

func (p *Progress) same(read Progress) bool {
	read.ReadAt, read.ChangedAt = p.ReadAt, p.ChangedAt
	return *p == read
}

// over reports whether the results are complete.
func (p *Progress) over(job v1alpha1.JobStatus, limits Limits) bool {
	if p == nil || p.Gone || p.Records == 0 {
		// Results that have no records yet look like results that have none any more.
		return false
	}
	all := p.Records >= int(job.Rows) && p.Final >= p.Records
	// The time of the reading counts, not the present: a time without readings does not mean
	// that nothing changed.
	stalled := p.Pending == 0 && p.ReadAt.Sub(p.ChangedAt) >= limits.StallTimeout
	return all || stalled
}

// goneSince reports whether JumpCloud has not known the job for the stall timeout, and when
// that timeout ended. Such results do not come back.
func (p *Progress) goneSince(limits Limits) (time.Time, bool) {
	if p == nil || !p.Gone {
		return time.Time{}, false
	}
	since := p.ChangedAt.Add(limits.StallTimeout)
	return since, !p.ReadAt.Before(since)
}
