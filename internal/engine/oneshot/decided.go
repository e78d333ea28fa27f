package oneshot

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// rereadFresh is how long what was read again for a job may wait for it.
const rereadFresh = 10 * time.Second

// decided is what the latest plan says of rows, with the payloads that are sent.
type decided struct {
	// byRow are the decisions by row number; nil: they are to be made again.
	byRow map[int]*plan.Decision
	// at and with are when and with which session they were made, and readAt is
	// when the reading began that they were made from.
	at, readAt time.Time
	with       *session.Session
	// rereadJob is the job whose users were read again since, rereadFrom when that began,
	// and rereadAt when it ended.
	rereadJob            int32
	rereadFrom, rereadAt time.Time
}

// take keeps the decisions of a plan that was made with this session, from a
// reading that began then.
func (d *decided) take(decisions []plan.Decision, with *session.Session, readAt time.Time) {
	d.at, d.with, d.readAt = time.Now(), with, readAt
	d.byRow = byRow(decisions)
}

// retake keeps what was decided again about some rows of a job.
func (d *decided) retake(job int32, some []*rows.Row, f *finding) {
	anew := byRow(f.decisions)
	for _, row := range some {
		d.byRow[row.Number] = anew[row.Number]
	}
	d.rereadJob, d.rereadFrom, d.rereadAt = job, f.Began, time.Now()
}

// drop makes the decisions ones that are to be made again.
func (d *decided) drop() { d.byRow = nil }

// current reports whether the decisions may be carried out with this session:
// they are no older than maxAge, and were made for the rules that it has.
func (d *decided) current(with *session.Session, maxAge time.Duration) bool {
	return d.byRow != nil && time.Since(d.at) <= maxAge && d.with == with
}

// rereadFor reports whether users were read again for a job, or since the pass began, and
// not before the given time.
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
