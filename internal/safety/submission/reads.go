package submission

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Presence is what one read of the directory says about the rows of a job.
//
// Which rows they are is for the caller to keep, together with the read: they
// are what PlanAgain plans.
//
// A row that is to be created is present when its username and email are
// there: it was absent in a complete read before its first intent, so whatever user
// is there now is the job's doing. A row that is to be updated is present when
// every stated value is live. A row that one read of an attempt found present
// is counted present in all later ones.
type Presence struct {
	// Began and Ended are when the read began and ended.
	Began, Ended time.Time
	// Complete reads saw the whole directory, or everything about the rows.
	// What an incomplete read lacks proves nothing.
	Complete bool
	// Present and Absent rows; together all rows of the attempt.
	Present, Absent int
}

// accounts reports whether the read says of every row of the job whether it was
// there at a time not before since.
func (p *Presence) accounts(job v1alpha1.JobStatus, since time.Time) bool {
	return p != nil && p.Complete && !p.Began.Before(since) && p.Present+p.Absent >= int(job.Rows)
}

// Progress is what one read of a job's results says.
type Progress struct {
	// ReadAt is when the results were read.
	ReadAt time.Time
	// Records of the results. They come one a row, in no known order.
	Records int
	// Pending of them say pending, Final ones say a final word. Others are neither.
	Pending, Final int
	// Gone is set when JumpCloud says that it knows no such job.
	Gone bool
	// Fingerprint differs when any record does; the counts alone decide if it is empty.
	Fingerprint string
	// ChangedAt is when the results last differed from the read before.
	// SawResults sets it.
	ChangedAt time.Time
}

func (p *Progress) same(read Progress) bool {
	read.ReadAt, read.ChangedAt = p.ReadAt, p.ChangedAt
	return *p == read
}

// over reports whether the results are all there will be.
func (p *Progress) over(job v1alpha1.JobStatus, limits Limits) bool {
	if p == nil || p.Gone || p.Records == 0 {
		// No records yet, and none any more, look the same.
		return false
	}
	all := p.Records >= int(job.Rows) && p.Final >= p.Records
	// The time of the read counts, not the present: a time without reads does
	// not mean that nothing changed.
	stalled := p.Pending == 0 && p.ReadAt.Sub(p.ChangedAt) >= limits.StallTimeout
	return all || stalled
}

// goneSince reports whether JumpCloud has not known the job for the stall
// timeout, and when that was over. Such results do not come back.
func (p *Progress) goneSince(limits Limits) (time.Time, bool) {
	if p == nil || !p.Gone {
		return time.Time{}, false
	}
	since := p.ChangedAt.Add(limits.StallTimeout)
	return since, !p.ReadAt.Before(since)
}
