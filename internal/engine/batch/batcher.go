package batch

import (
	"context"
	"sync"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

const (
	// quiet is how long no change must have been added to a job before it is sent.
	quiet = time.Second
	// longest is how long a job waits for further changes.
	longest = 5 * time.Second
)

// Step carries a job on, and returns when it must be called again; false: the job has ended.
type Step func(ctx context.Context) (after time.Duration, goesOn bool)

// Batcher collects rows of one kind of job, and sends those of one session together. It is
// safe for concurrent use.
type Batcher[R any] struct {
	// Start sends a job, and returns its id.
	Start func(ctx context.Context, client *jumpcloud.Client, s jumpcloud.Submission, rows []R) (jobID string, err error)
	// Limits bound the waiting for a job.
	Limits submission.Limits
	// Carry makes the steps of a job, one after another, until the job has ended. It must not
	// block.
	Carry func(Step)
	// Count counts the outcomes of attempts to start a job, for the metrics; nil: they are not
	// counted. It must not block.
	Count func(organizationID, outcome string)

	mu      sync.Mutex
	open    map[*session.Session]*job[R]
	slowest time.Duration
}

// Terms are those on which a change joins a job.
type Terms struct {
	// Deadline is the time after which nothing is sent.
	Deadline time.Time
	// Wake is called whenever the ticket has something new. It must not block.
	Wake func()
	// Room is what the change takes one place of, before its job is sent; nil: it takes none.
	// All changes of a session have the same Room.
	Room Room
}

// Add adds a row to the next job of a session.
func (b *Batcher[R]) Add(s *session.Session, row R, terms Terms) *Ticket {
	ticket := &Ticket{wake: terms.Wake}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	j := b.open[s]
	if j == nil {
		j = &job[R]{batcher: b, session: s, began: now, deadline: terms.Deadline, record: newRecord()}
		if b.open == nil {
			b.open = map[*session.Session]*job[R]{}
		}
		b.open[s] = j
		b.Carry(j.step)
	}
	j.members = append(j.members, member[R]{row: row, ticket: ticket, deadline: terms.Deadline, takesRoom: terms.Room != nil})
	j.joined = now
	if terms.Room != nil {
		j.places.room = terms.Room
	}
	if terms.Deadline.Before(j.deadline) {
		j.deadline = terms.Deadline
	}
	if len(j.members) >= size(s) {
		delete(b.open, s) // the next one begins another job
		j.full = true
	}
	return ticket
}

// Slowest returns how long the slowest job took, of those that have ended.
func (b *Batcher[R]) Slowest() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.slowest
}

// close ends the collection of a job once that is due, and returns how long to wait until
// then.
func (b *Batcher[R]) close(j *job[R], now time.Time) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if j.full {
		return 0
	}
	// Half of the time is reserved for sending, however short it is.
	collecting := min(longest, j.deadline.Sub(j.began)/2)
	if wait = min(j.joined.Add(quiet).Sub(now), j.began.Add(collecting).Sub(now)); wait > 0 {
		return wait
	}
	j.full = true
	if b.open[j.session] == j {
		delete(b.open, j.session)
	}
	return 0
}

func (b *Batcher[R]) took(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.slowest = max(b.slowest, d)
}

// size returns the maximum number of rows in a job of a session.
func size(s *session.Session) int {
	return min(max(int(s.Spec.Limits.BulkBatchSize), 1), jumpcloud.MaxBulkRows)
}
