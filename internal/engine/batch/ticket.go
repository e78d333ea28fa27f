package batch

import (
	"sync"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// Result is what became of a job.
type Result struct {
	// Kind is Completed for a job that ended, or what else the submission came to;
	// Unknown also for a job that was accepted and whose end was not seen.
	Kind submission.AnswerKind
	// Err is the error of the submission; nil: there was none.
	Err error
	// JobID of a job that was accepted.
	JobID string
	// Failed is how many records of the job say that a row failed.
	Failed int
	// Said is what they say, or the answer to a job that was refused, each text once. It may
	// quote rows, and is kept nowhere.
	Said []string
	// At is when it was known.
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

// Withdraw takes the change out of its job, and reports whether it was not sent.
func (t *Ticket) Withdraw() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.withdrawn = !t.sent
	return t.withdrawn
}

// Result returns what became of the job; false: that is not known yet.
func (t *Ticket) Result() (Result, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.result == nil {
		return Result{}, false
	}
	return *t.result, true
}

// Then calls what is to be done once it is known what became of the job. It must not block.
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

// Rests returns the id of a job that is under way and whose results have not changed for
// a while, and since when it is known that they do. The change may be made: a look tells.
func (t *Ticket) Rests() (jobID string, since time.Time, rests bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.jobID, t.restsAt, !t.restsAt.IsZero()
}

// send reports whether the change is to be sent. From then on it cannot be withdrawn.
func (t *Ticket) send() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent = !t.withdrawn
	return t.sent
}

// unsend says that the change was provably not sent.
func (t *Ticket) unsend() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent = false
}

// rest says that the results of the job rest.
func (t *Ticket) rest(jobID string, at time.Time) {
	t.mu.Lock()
	t.jobID, t.restsAt = jobID, at
	t.mu.Unlock()
	t.wake()
}

// end says what became of the job.
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
