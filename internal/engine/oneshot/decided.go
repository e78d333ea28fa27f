package oneshot

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// listsFresh is how long lists that were read for a job may wait for it.
const listsFresh = 10 * time.Second

// decided is what the latest plan says of rows, with the payloads that are sent.
type decided struct {
	// byRow are the decisions by row number; nil: they are to be made anew.
	byRow map[int]*plan.Decision
	// at and with are when and with which session they were made, and readAt is
	// when the reading began that they were made from.
	at, readAt time.Time
	with       *session.Session
	// listsJob is the job whose lists were read again since, and listsAt when.
	listsJob int32
	listsAt  time.Time
}

// take keeps the decisions of a plan that was made with this session, from a
// reading that began then.
func (d *decided) take(decisions []plan.Decision, with *session.Session, readAt time.Time) {
	d.at, d.with, d.readAt = time.Now(), with, readAt
	d.byRow = byRow(decisions)
}

// takeLists keeps what was decided anew about the rows whose lists a job sends.
func (d *decided) takeLists(job int32, lists []*rows.Row, decisions []plan.Decision) {
	anew := byRow(decisions)
	for _, row := range lists {
		d.byRow[row.Number] = anew[row.Number]
	}
	d.listsJob, d.listsAt = job, time.Now()
}

// drop makes the decisions ones that are to be made anew.
func (d *decided) drop() { d.byRow = nil }

// current reports whether the decisions may be carried out with this session:
// they are no older than maxAge, and were made for the rules that it has.
func (d *decided) current(with *session.Session, maxAge time.Duration) bool {
	return d.byRow != nil && time.Since(d.at) <= maxAge && d.with == with
}

// listsCurrent reports whether the lists that a job sends were read for it, or
// since the given time.
func (d *decided) listsCurrent(job int32, since time.Time) bool {
	return d.listsJob == job && time.Since(d.listsAt) < listsFresh || !d.readAt.Before(since)
}

func byRow(decisions []plan.Decision) map[int]*plan.Decision {
	all := make(map[int]*plan.Decision, len(decisions))
	for i := range decisions {
		all[decisions[i].Row.Number] = &decisions[i]
	}
	return all
}
