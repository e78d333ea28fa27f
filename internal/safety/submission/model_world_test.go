package submission_test

import (
	"container/heap"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// The model is a world in memory in which the whole protocol runs: an API server with
// compare-and-swap, a JumpCloud that queues jobs, and processes that crash, freeze and read
// stale caches. Time is virtual.

// faults are the probabilities of what goes wrong.
type faults struct {
	crash, freeze, stale            float64
	lostRequest, lostAnswer         float64
	notSent, limited, refused       float64
	writeUnanswered, incompleteRead float64
	badRow, stuckJob                float64
}

var manyFaults = faults{
	crash: .03, freeze: .08, stale: .3,
	lostRequest: .15, lostAnswer: .2,
	notSent: .05, limited: .05, refused: .03,
	writeUnanswered: .03, incompleteRead: .15,
	badRow: .05, stuckJob: .02,
}

// variant leaves out parts of the protocol, to show that the model can fail.
type variant struct {
	noSettleWindow, noIntent, noCompareAndSwap, noDeadline, recordsDecide bool
}

const (
	modelJobs       = 2
	modelRows       = 3 // per job
	requestTimeout  = 40 * time.Second
	longestTransit  = 15 * time.Second
	longestQueue    = 200 * time.Second
	outcomeCreated  = "Created"
	outcomeFailed   = "Failed"
	outcomeForsaken = "Abandoned"
)

// object is what the API server stores: the status and the ledger of one run.
type object struct {
	version  int
	jobs     []v1alpha1.JobStatus
	rows     [][]int  // of each job
	outcomes []string // of each row
}

func (o object) clone() object {
	o.jobs, o.outcomes = slices.Clone(o.jobs), slices.Clone(o.outcomes)
	o.rows = slices.Clone(o.rows)
	return o
}

type remoteJob struct {
	rows   []int
	failed map[int]bool // whether a row's record says failed; absent: pending
}

// acceptance is one time that JumpCloud accepted a row.
type acceptance struct {
	at      time.Duration
	excused bool // a person requested it
}

// absence is one complete reading that did not find a row.
type absence struct{ began, ended time.Duration }

type world struct {
	rng     *rand.Rand
	faults  faults
	without variant

	now    time.Duration
	events eventQueue
	steps  int

	history    []object // of the API server; the last is live
	decision   string   // the annotation
	jobs       []*remoteJob
	created    map[int]time.Duration
	bad        map[int]bool // rows that JumpCloud never creates
	accepted   map[int][]acceptance
	absences   map[int][]absence
	refused    bool // JumpCloud always refuses the first job
	violations []string
}

func newWorld(seed uint64, f faults, without variant) *world {
	w := &world{
		rng: rand.New(rand.NewPCG(seed, 1)), faults: f, without: without,
		created: map[int]time.Duration{}, bad: map[int]bool{},
		accepted: map[int][]acceptance{}, absences: map[int][]absence{},
	}
	w.refused = w.chance(f.refused)
	var first object
	for j := range modelJobs {
		first.jobs = append(first.jobs, v1alpha1.JobStatus{
			Index: int32(j + 1), Operation: v1alpha1.JobCreate, Rows: modelRows, State: v1alpha1.JobPlanned,
		})
		var rows []int
		for r := range modelRows {
			rows = append(rows, j*modelRows+r)
			w.bad[j*modelRows+r] = w.chance(f.badRow)
		}
		first.rows = append(first.rows, rows)
	}
	first.outcomes = make([]string, modelJobs*modelRows)
	w.history = []object{first}
	return w
}

func (w *world) chance(p float64) bool { return w.rng.Float64() < p }

// upTo draws a duration; most draws are short.
func (w *world) upTo(longest time.Duration) time.Duration {
	x := w.rng.Float64()
	return time.Duration(x * x * float64(longest))
}

func (w *world) time() time.Time { return now.Add(w.now) }

func (w *world) since(t time.Time) time.Duration { return t.Sub(now) }

func (w *world) violate(rule string) { w.violations = append(w.violations, rule) }

// load reads the object like a cache: it may be a few versions behind.
func (w *world) load() object {
	back := 0
	if w.chance(w.faults.stale) {
		back = w.rng.IntN(min(3, len(w.history)))
	}
	return w.history[len(w.history)-1-back].clone()
}

var errWrite = errors.New("conflict, or no answer")

// write stores the object if it is the successor of the live one.
func (w *world) write(o *object) error {
	live := w.history[len(w.history)-1]
	if o.version != live.version && !w.without.noCompareAndSwap {
		return errWrite
	}
	o.version = live.version + 1
	w.history = append(w.history, o.clone())
	if w.chance(w.faults.writeUnanswered) {
		return errWrite
	}
	return nil
}

// accept accepts a job at JumpCloud and returns its number.
func (w *world) accept(rows []int) int {
	job := &remoteJob{rows: rows, failed: map[int]bool{}}
	w.jobs = append(w.jobs, job)
	queued := w.upTo(longestQueue)
	stuck := w.chance(w.faults.stuckJob)
	for i, row := range rows {
		w.checkProof(row)
		w.accepted[row] = append(w.accepted[row], acceptance{at: w.now})
		if stuck && i > 0 {
			continue // its record says pending forever
		}
		w.after(queued+time.Duration(i+1)*200*time.Millisecond, func() {
			_, exists := w.created[row]
			job.failed[row] = exists || w.bad[row]
			if !job.failed[row] {
				w.created[row] = w.now
			}
		})
	}
	return len(w.jobs)
}

// checkProof is the oracle: a process that submits a row that was accepted before must have
// been able to know that the row was absent since then, from two complete readings, one after
// the other, that both began after the row was last accepted.
func (w *world) checkProof(row int) {
	before := w.accepted[row]
	if len(before) == 0 || before[len(before)-1].excused {
		return
	}
	last := before[len(before)-1].at
	var first *absence
	for _, read := range w.absences[row] {
		switch {
		case read.began <= last || read.ended > w.now:
		case first == nil:
			first = &read
		case read.began >= first.ended:
			return
		}
	}
	w.violate("a row was accepted again without proof of its absence")
}

// judge compares what the object says at the end with what is true.
func (w *world) judge() {
	for row, outcome := range w.history[len(w.history)-1].outcomes {
		_, exists := w.created[row]
		switch {
		case outcome == "":
			w.violate("a row has no outcome")
		case outcome == outcomeCreated && !exists:
			w.violate("a row is said to be created and is not")
		case outcome == outcomeFailed && exists:
			w.violate("a row is said to have failed and is there")
		case outcome == outcomeFailed && !w.bad[row] && !w.refused:
			w.violate("a row failed and nothing was wrong with it")
		}
	}
}

// directory reads the rows between two times; it sees each row at a random time in between.
func (w *world) directory(rows []int, began time.Duration, complete bool) (absent []int) {
	for _, row := range rows {
		looked := began + time.Duration(w.rng.Float64()*float64(w.now-began))
		if at, ok := w.created[row]; !ok || at > looked {
			absent = append(absent, row)
			if complete {
				w.absences[row] = append(w.absences[row], absence{began, w.now})
			}
		}
	}
	return absent
}

type event struct {
	at  time.Duration
	seq int
	run func()
}

type eventQueue []event

func (q eventQueue) Len() int { return len(q) }
func (q eventQueue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].seq < q[j].seq
}
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *eventQueue) Push(x any)   { *q = append(*q, x.(event)) }
func (q *eventQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

func (w *world) after(d time.Duration, run func()) {
	w.steps++
	heap.Push(&w.events, event{w.now + d, w.steps, run})
}

// run executes events until there are none.
func (w *world) run() {
	for len(w.events) > 0 {
		if w.steps > 100_000 || w.now > 72*time.Hour {
			w.violate("the run did not end")
			return
		}
		next := heap.Pop(&w.events).(event)
		w.now = next.at
		next.run()
	}
}
