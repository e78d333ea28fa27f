package jumpcloudtest

import (
	"cmp"
	"slices"
	"time"
)

// rowQueue holds the unsettled rows of all jobs of an organization, in the order of their due
// times and then of acceptance.
type rowQueue []*row

// add is cheap if rows are added in the order of their due times, as they usually are.
func (q *rowQueue) add(r *row) {
	at, _ := slices.BinarySearchFunc(*q, r, func(a, b *row) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.serial, b.serial))
	})
	*q = slices.Insert(*q, at, r)
}

// take removes and returns the first row. There must be one.
func (q *rowQueue) take() *row {
	first := (*q)[0]
	(*q)[0] = nil
	*q = (*q)[1:]
	return first
}

// nextRow returns the taking effect of the first row.
func (o *Organization) nextRow() occurrence {
	if len(o.queue) == 0 || o.behavior.StuckJobs == StuckUnapplied {
		return occurrence{}
	}
	return occurrence{o.queue[0].due, func() { o.settle(o.queue.take()) }}
}

// settle applies a row, or not, and decides what its record says.
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
	r.job.open--
	if r.job.open == 0 {
		o.end(r.job, at)
	}
}

// apply carries out a row and returns the id of the user concerned.
func (o *Organization) apply(r *row, now time.Time) (string, *refusal) {
	if r.job.kind == JobCreate {
		if problem := refusedOnCreate(r.input); problem != nil && o.behavior.CreateRefuses == RefusesRow {
			return "", problem
		}
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
		o.expire(u, now)
	case JobUnlock:
		o.unlock(u, now)
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

// stateSetting returns which of newSystemUserStateDefaults a creation source uses.
func stateSetting(source string) string {
	if source == sourceBulk {
		return "csvImport"
	}
	return "applicationImport"
}
