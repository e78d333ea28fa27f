package batch

import (
	"sync"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// Result is what became of a job.
type Result struct {
	// Kind is Completed for a job that ended, and otherwise the result of the submission; it
	// is Unknown, too, for a job that was accepted and whose end was not seen.
	Kind submission.AnswerKind
	// Err is the error of the submission; nil: there was none.
	Err error
	// JobID is the id of a job that was accepted.
	JobID string
	// Failed is how many records of the job say that a row failed.
	Failed int
	// Said is what those records say, or the answer to a job that was refused, each text once.
	// It may quote rows, and is stored nowhere.
	Said []string
	// At is when the result became known.
	At time.Time
}

// Ticket stands for one change in a job. It is safe for concurrent use.
type Ticket struct {
	wake func()

	mu        sync.Mutex
	sent      bool
	withdrawn bool
	jobID     string
	restsAt   time.Time
	result    *Result
	then      func()
}

// Withdraw takes the change out of its job, and reports whether that succeeded: it was not
// sent.
func (t *Ticket) Withdraw() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.withdrawn = !t.sent
	return t.withdrawn
}

// Result returns what became of the job; false: it is not known yet.
func (t *Ticket) Result() (Result, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.result == nil {
		return Result{}, false
	}
	return *t.result, true
}

// Then calls do once it is known what became of the job. do must not block.
func (t *Ticket) Then(do func()) {
	t.mu.Lock()
	known := t.result != nil
	if !known {
		t.then = do
	}
	t.mu.Unlock()
	if known {
		do()
	}
}

// Rests returns the id of a job that is under way and whose results have not changed for a
// while, and when that was noticed. The change may be made: an observation shows it.
func (t *Ticket) Rests() (jobID string, since time.Time, rests bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.jobID, t.restsAt, !t.restsAt.IsZero()
}

// send reports whether the change is to be sent. After that, it cannot be withdrawn.
func (t *Ticket) send() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent = !t.withdrawn
	return t.sent
}

// unsend records that the change was provably not sent.
func (t *Ticket) unsend() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent = false
}

// rest records that the results of the job rest.
func (t *Ticket) rest(jobID string, at time.Time) {
	t.mu.Lock()
	t.jobID, t.restsAt = jobID, at
	t.mu.Unlock()
	t.wake()
}

// end records what became of the job.
func (t *Ticket) end(result Result) {
	t.mu.Lock()
	t.result = &result
	then := t.then
	t.mu.Unlock()
	if then != nil {
		then()
	}
	t.wake()
}
