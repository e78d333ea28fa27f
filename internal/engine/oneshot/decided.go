package oneshot

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// rereadFresh is how long users that were read again for a job count as fresh for it.
const rereadFresh = 10 * time.Second

// decided holds the latest plan's decisions about rows, with the payloads to send.
type decided struct {
	// byRow holds the decisions by row number; nil if they must be made again.
	byRow map[int]*plan.Decision
	// at and with are the time and the session of the decisions; readAt is when the reading
	// that they were made from began.
	at, readAt time.Time
	with       *session.Session
	// rereadJob is the job whose users were read again after the plan, rereadFrom is when that
	// reading began, and rereadAt when it ended.
	rereadJob            int32
	rereadFrom, rereadAt time.Time
}

// take stores the decisions of a plan that was made with this session, from a reading that
// began at readAt.
func (d *decided) take(decisions []plan.Decision, with *session.Session, readAt time.Time) {
	d.at, d.with, d.readAt = time.Now(), with, readAt
	d.byRow = byRow(decisions)
}

// retake stores new decisions about some rows of a job.
func (d *decided) retake(job int32, some []*rows.Row, f *finding) {
	anew := byRow(f.decisions)
	for _, row := range some {
		d.byRow[row.Number] = anew[row.Number]
	}
	d.rereadJob, d.rereadFrom, d.rereadAt = job, f.Began, time.Now()
}

// drop discards the decisions, so that they are made again.
func (d *decided) drop() { d.byRow = nil }

// current reports whether the decisions may be carried out with this session: they are not
// older than maxAge and were made with the same session, and so with its rules.
func (d *decided) current(with *session.Session, maxAge time.Duration) bool {
	return d.byRow != nil && time.Since(d.at) <= maxAge && d.with == with
}

// rereadFor reports whether users were read again for a job, or read since the pass began; in
// either case not before the given time.
func (d *decided) rereadFor(job int32, pass, since time.Time) bool {
	again := d.rereadJob == job && time.Since(d.rereadAt) < rereadFresh && !d.rereadFrom.Before(since)
	return again || !d.readAt.Before(pass) && !d.readAt.Before(since)
}

func byRow(decisions []plan.Decision) map[int]*plan.Decision {
	all := make(map[int]*plan.Decision, len(decisions))
	for i := range decisions {
		all[decisions[i].Row.Number] = &decisions[i]
	}
	return all
}
