package jumpcloudtest

import (
	"cmp"
	"slices"
	"time"
)

// scheduledJob changes the state of users when it is due.
type scheduledJob struct {
	id       string
	serial   int
	state    string
	date     time.Time // start_date, to the second
	due      time.Time
	asked    []string
	pending  []string // whose rows are listed
	mails    bool
	override string

	acceptedAt, executedAt, canceledAt time.Time
	request                            int // 0: by another client
}

// schedule holds the scheduled jobs of one organization.
type schedule struct {
	all     []*scheduledJob
	pending []*scheduledJob // those due first come first, and in the order of acceptance
}

func (s *schedule) add(j *scheduledJob) {
	j.serial = len(s.all)
	s.all = append(s.all, j)
	if len(j.pending) == 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(s.pending, j, func(a, b *scheduledJob) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.serial, b.serial))
	})
	s.pending = slices.Insert(s.pending, at, j)
}

// cancel takes a pending job away and reports whether there was one.
func (s *schedule) cancel(id string, now time.Time) bool {
	at := slices.IndexFunc(s.pending, func(j *scheduledJob) bool { return j.id == id })
	if at < 0 {
		return false
	}
	s.pending[at].canceledAt, s.pending[at].pending = now, nil
	s.pending = slices.Delete(s.pending, at, at+1)
	return true
}

// forget takes the rows of a user away.
func (s *schedule) forget(userID string, now time.Time) {
	s.pending = slices.DeleteFunc(s.pending, func(j *scheduledJob) bool {
		j.pending = without(j.pending, userID)
		if len(j.pending) > 0 {
			return false
		}
		j.canceledAt = now
		return true
	})
}

// stateRow is one row of a pending job.
type stateRow struct {
	job    *scheduledJob
	userID string
}

// rows returns those of the jobs that are about one of the users, in the order
// of acceptance.
func (s *schedule) rows(concerns func(userID string) bool) []stateRow {
	jobs := slices.Clone(s.pending)
	slices.SortFunc(jobs, func(a, b *scheduledJob) int { return cmp.Compare(a.serial, b.serial) })
	var rows []stateRow
	for _, j := range jobs {
		for _, id := range j.pending {
			if concerns(id) {
				rows = append(rows, stateRow{j, id})
			}
		}
	}
	return rows
}

// render returns a row as it is answered: camelCase, unlike the request.
func (r stateRow) render(dates DateFormat) map[string]any {
	return map[string]any{
		"scheduledJobId": r.job.id, "systemUserId": r.userID,
		"scheduledDate": dates.format(r.job.date), "state": r.job.state,
	}
}

// nextScheduled is that the job which is due first is executed.
func (o *Organization) nextScheduled() occurrence {
	if len(o.schedule.pending) == 0 {
		return occurrence{}
	}
	first := o.schedule.pending[0]
	return occurrence{first.due, func() { o.execute(first) }}
}

// execute changes the state of those who have not got it yet. Its rows go: that
// is inferred, since no documentation mentions a history.
func (o *Organization) execute(j *scheduledJob) {
	users := j.pending
	o.schedule.pending = o.schedule.pending[1:]
	j.executedAt, j.pending = j.due, nil
	for _, id := range users {
		u := o.users.ids[id]
		if u == nil || u.text("state") == j.state ||
			u.text("state") == staged && j.state == suspended && o.behavior.RefuseSuspendStaged {
			continue
		}
		o.change(u, map[string]any{"state": j.state}, j.due)
		if j.state == activated && j.mails {
			o.welcome(u, j.override, j.due)
		}
	}
}
