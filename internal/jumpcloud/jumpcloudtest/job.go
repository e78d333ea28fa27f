package jumpcloudtest

import (
	"slices"
	"time"
)

// JobKind is what a job does to its rows.
type JobKind string

const (
	// JobCreate creates users: POST /bulk/users.
	JobCreate JobKind = "create"
	// JobUpdate changes users: PATCH /bulk/users.
	JobUpdate JobKind = "update"
	// JobExpire expires passwords: POST /bulk/user/expires.
	JobExpire JobKind = "expire"
	// JobUnlock unlocks users: POST /bulk/user/unlocks.
	JobUnlock JobKind = "unlock"
)

// job is an accepted job.
type job struct {
	id             string
	kind           JobKind
	acceptedAt     time.Time
	request        int
	administrator  *Credential
	suppressEmail  bool
	creationSource string
	rows           []*row
	open           int       // rows that are not settled
	endedAt        time.Time // when open became 0
	polls          int
}

// row is one row of a job.
type row struct {
	job      *job
	serial   uint64 // order of rows that are due at the same time
	recordID string
	input    map[string]any
	key      string // username, or the id in an update that belongs to no user
	due      time.Time
	fault    *RowFault // nil: none
	repeats  bool      // see Submission.Repeats

	settled   bool // processed, at settledAt
	settledAt time.Time
	applied   bool
	userID    string
	failed    bool // according to its record
	message   string
}

// acceptJob creates a job from decoded rows and queues them. With Behavior.Instant they are
// due at once.
func (o *Organization) acceptJob(kind JobKind, rows []map[string]any, x *exchange) *job {
	b, now, begins := o.behavior, x.now, x.now
	if b.JobsInTurn && o.busyUntil.After(begins) {
		begins = o.busyUntil
	}
	j := &job{
		id: o.server.ids.next(now), kind: kind, acceptedAt: now,
		request: x.record.Number, administrator: x.caller.credential, open: len(rows),
	}
	for i, input := range rows {
		o.server.rowSerial++
		r := &row{job: j, serial: o.server.rowSerial, input: input, key: o.keyOf(kind, input)}
		r.recordID = o.server.ids.next(now)
		r.fault = o.faultFor(r)
		r.repeats = slices.ContainsFunc(o.byKey[r.key], func(earlier *row) bool {
			return earlier.job != j && earlier.job.kind == kind && (earlier.applied || !earlier.settled)
		})
		o.byKey[r.key] = append(o.byKey[r.key], r)
		r.due = b.due(begins, i)
		if r.due.After(o.busyUntil) {
			o.busyUntil = r.due
		}
		j.rows = append(j.rows, r)
		if r.fault != nil {
			r.due = r.due.Add(r.fault.Delay)
			if r.fault.Record == RecordPending && !r.fault.Apply {
				continue // never due
			}
		}
		o.queue.add(r)
	}
	if j.open == 0 {
		j.endedAt = now
	}
	o.jobs = append(o.jobs, j)
	o.jobsByID[j.id] = j
	return j
}

// due returns when the row with this index takes effect, in a job that begins now.
func (b *Behavior) due(now time.Time, index int) time.Time {
	if b.Instant {
		return now
	}
	if b.JobDelay == 0 && b.JobDuration == 0 && b.RowDuration == 0 {
		return now.Add(200 * time.Millisecond)
	}
	return now.Add(b.JobDelay + b.JobDuration + time.Duration(index+1)*b.RowDuration)
}

// keyOf returns the username of the user that a row is about, or the id in the row if no user
// has it.
func (o *Organization) keyOf(kind JobKind, input map[string]any) string {
	if kind == JobCreate {
		username, _ := input["username"].(string)
		return username
	}
	id, _ := input["id"].(string)
	if u := o.users.ids[id]; u != nil {
		return u.text("username")
	}
	return id
}
