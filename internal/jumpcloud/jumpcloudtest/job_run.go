package jumpcloudtest

import (
	"container/heap"
	"time"
)

// rowQueue is a heap of the rows of all jobs of an organization that are still
// to be dealt with: those due first come first, in the order of acceptance.
type rowQueue []*row

func (q rowQueue) Len() int { return len(q) }
func (q rowQueue) Less(i, j int) bool {
	if !q[i].due.Equal(q[j].due) {
		return q[i].due.Before(q[j].due)
	}
	return q[i].serial < q[j].serial
}
func (q rowQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *rowQueue) Push(r any)   { *q = append(*q, r.(*row)) }
func (q *rowQueue) Pop() any {
	last := len(*q) - 1
	r := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return r
}

func (q *rowQueue) add(r *row) { heap.Push(q, r) }

// runJobs lets the rows that are due by now take effect, each at its due time.
func (o *Organization) runJobs(now time.Time) {
	if o.behavior.StuckJobs == StuckUnapplied {
		return
	}
	for len(o.queue) > 0 && !o.queue[0].due.After(now) {
		o.settle(heap.Pop(&o.queue).(*row))
	}
}

// settle lets a row take effect, or not, and decides what its record says.
func (o *Organization) settle(r *row) {
	at := r.due
	record, apply := RecordTruthful, true
	switch {
	case r.fault != nil:
		record, apply = r.fault.Record, r.fault.Apply
	case o.behavior.LostUsers && r.job.kind == JobCreate:
		record, apply = RecordFinished, false
	}
	var problem *refusal
	if apply {
		r.userID, problem = o.apply(r, at)
		r.applied = problem == nil
	}
	switch {
	case record == RecordFailed:
		r.failed, r.message = true, r.fault.StatusMsg
	case record == RecordTruthful && problem != nil:
		r.failed, r.message = true, problem.message
	}
	if record == RecordPending {
		return // its job never ends
	}
	r.settled, r.settledAt = true, at
	if r.job.open--; r.job.open == 0 {
		o.end(r.job, at)
	}
}

// apply carries a row out and returns the id of the user concerned.
func (o *Organization) apply(r *row, now time.Time) (string, *refusal) {
	if r.job.kind == JobCreate {
		u, problem := o.create(r.input, o.defaultState(stateSetting(r.job.creationSource)), r.job.creationSource, now)
		if problem != nil {
			return "", problem
		}
		return u.id, nil
	}
	id, _ := r.input["id"].(string)
	u := o.users.ids[id]
	switch {
	case id == "":
		return "", refuse(400, "id is required")
	case u == nil:
		return "", notFound
	}
	switch r.job.kind {
	case JobExpire:
		o.expire(u)
	case JobUnlock:
		o.unlock(u)
	default:
		return id, o.update(u, verbBulkUpdate, r.input, now)
	}
	return id, nil
}

func (o *Organization) end(j *job, at time.Time) {
	j.endedAt = at
	if !j.suppressEmail && (j.kind == JobCreate || j.kind == JobUpdate) {
		o.mails = append(o.mails, Mail{At: at, Kind: MailJobSummary, To: j.administrator.Email, JobID: j.id})
	}
}

// stateSetting says which of newSystemUserStateDefaults a creation source uses.
func stateSetting(source string) string {
	if source == sourceBulk {
		return "csvImport"
	}
	return "applicationImport"
}
