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
	date     time.Time // start_date, truncated to the second
	due      time.Time
	asked    []string
	pending  []string // users whose rows are still listed
	mails    bool
	override string

	acceptedAt, executedAt, canceledAt time.Time
	request                            int // 0: created by another client
}

// schedule holds the scheduled jobs of one organization.
type schedule struct {
	all     []*scheduledJob
	pending []*scheduledJob // in the order of due times, then of acceptance
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

// cancel removes a pending job and reports whether there was one.
func (s *schedule) cancel(id string, now time.Time) bool {
	at := slices.IndexFunc(s.pending, func(j *scheduledJob) bool { return j.id == id })
	if at < 0 {
		return false
	}
	s.pending[at].canceledAt, s.pending[at].pending = now, nil
	s.pending = slices.Delete(s.pending, at, at+1)
	return true
}

// forget removes the rows of a user.
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

// rows returns the rows of pending jobs about the wanted users, in the order of the jobs'
// acceptance.
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

// render returns a row as the API shows it: camelCase, unlike the request.
func (r stateRow) render(dates DateFormat) map[string]any {
	return map[string]any{
		"scheduledJobId": r.job.id, "systemUserId": r.userID,
		"scheduledDate": dates.format(r.job.date), "state": r.job.state,
	}
}

// nextScheduled returns the execution of the job that is due first.
func (o *Organization) nextScheduled() occurrence {
	if len(o.schedule.pending) == 0 {
		return occurrence{}
	}
	first := o.schedule.pending[0]
	return occurrence{first.due, func() { o.execute(first) }}
}

// execute changes the state of the users who do not have it yet. The rows are removed: that is
// inferred, since no documentation mentions a history.
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
