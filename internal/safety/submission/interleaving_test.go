package submission_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// choices enumerates every sequence of choices that a run makes.
type choices struct {
	taken, of []int
	at        int
}

func (c *choices) pick(n int) int {
	if c.at == len(c.taken) {
		c.taken, c.of = append(c.taken, 0), append(c.of, n)
	}
	c.at++
	return c.taken[c.at-1]
}

// next moves on to the next sequence, and reports whether there is one.
func (c *choices) next() bool {
	for last := len(c.taken) - 1; last >= 0; last-- {
		c.taken[last]++
		if c.taken[last] < c.of[last] {
			c.taken, c.of, c.at = c.taken[:last+1], c.of[:last+1], 0
			return true
		}
	}
	return false
}

// mishap is what may happen at a call.
type mishap int

const (
	nothing mishap = iota
	diesBefore
	diesAfter
	freezesBefore
	freezesAfter
	editBefore  // the stored object has another version
	losesAnswer // the call has its effect, and fails
	isLost      // the call has no effect, and fails
)

var errCall = errors.New("conflict, no answer, or the process has died")

// together is a run of jobs of one row each, some of which are open at the same time: what the
// API server stores and what JumpCloud did.
type together struct {
	*choices
	limit   int
	mishaps int             // that may still happen
	free    bool            // processes differ in the order and the pace in which they handle jobs
	takes   []time.Duration // how long a job may take
	version int
	stored  []v1alpha1.JobStatus
	spans   [][]span // of each job, one for each time that JumpCloud accepted it
}

// span is the time in which an accepted job ran.
type span struct{ from, to time.Time }

// freeze makes another process do everything in the meantime.
func (w *together) freeze() {
	w.finish()
	<-time.After(2 * requestTimeout)
}

// finish runs processes, one after another, until all jobs have ended.
func (w *together) finish() {
	for died := true; died; {
		p := &instance{together: w, seen: make([]submission.Observation, len(w.stored))}
		if w.free {
			p.reversed, p.slow = w.pick(2) == 1, w.pick(2) == 1
		}
		died = p.live()
	}
}

// instance is one process.
type instance struct {
	*together
	seen    []submission.Observation
	version int
	jobs    []v1alpha1.JobStatus
	died    bool

	reversed bool // it follows the last job first
	slow     bool // it sends only in every third pass
	passes   int
}

// at makes a call under one of the mishaps that may happen at it.
func (p *instance) at(call func() error, may ...mishap) error {
	what := nothing
	if p.mishaps > 0 && !p.died {
		what = append([]mishap{nothing}, may...)[p.pick(len(may)+1)]
	}
	if what != nothing {
		p.mishaps--
	}
	p.died = p.died || what == diesBefore
	if p.died || what == isLost {
		return errCall
	}
	switch what {
	case freezesBefore:
		p.freeze()
	case editBefore:
		p.together.version++
	}
	err := call()
	switch what {
	case diesAfter:
		p.died = true
		return errCall
	case freezesAfter:
		p.freeze()
	case losesAnswer:
		return errCall
	}
	return err
}

// live makes passes until all jobs have ended; it returns true if the process died before
// that.
func (p *instance) live() (died bool) {
	for {
		p.version, p.jobs = p.together.version, slices.Clone(p.stored)
		p.pass()
		switch {
		case p.died:
			return true
		case !slices.ContainsFunc(p.stored, func(job v1alpha1.JobStatus) bool { return job.FinishedAt == nil }):
			return false
		}
		<-time.After(time.Second)
	}
}

// pass follows the open jobs, and then sends one more if it may run beside them.
func (p *instance) pass() {
	open, _, _ := p.open()
	if p.reversed {
		slices.Reverse(open)
	}
	for _, j := range open {
		_, _ = p.driver(j).Follow(context.Background()) // a job that fails keeps no other from being followed
	}
	p.passes++
	if open, calm, planned := p.open(); planned >= 0 && len(open) < p.limit && calm && (!p.slow || p.passes%3 == 0) {
		if _, err := p.driver(planned).Submit(context.Background()); err != nil {
			return
		}
	}
	_ = p.at(p.write, diesBefore, diesAfter, editBefore)
}

// open returns the jobs that were announced and have not ended, whether all are under way, and
// the first job that is to be announced, or -1.
func (p *instance) open() (open []int, calm bool, planned int) {
	calm, planned = true, -1
	for j, job := range p.jobs {
		switch {
		case job.State == v1alpha1.JobPlanned && planned < 0:
			planned = j
		case job.State != v1alpha1.JobPlanned && job.FinishedAt == nil:
			open = append(open, j)
			calm = calm && submission.Underway(job, p.seen[j])
		}
	}
	return open, calm, planned
}

func (p *instance) driver(j int) *submission.Driver {
	return &submission.Driver{
		Ports: &ports{p, j}, Job: &p.jobs[j], Seen: &p.seen[j],
		Limits:   submission.Limits{SettleWindow: time.Minute, StallTimeout: 2 * time.Minute, JobTimeout: time.Hour},
		Decision: func() submission.Decision { return submission.Undecided },
		Slowest:  max(submission.Slowest(p.jobs), submission.Oldest(p.jobs, time.Now())),
	}
}

// write stores the records by compare-and-swap.
func (p *instance) write() error {
	if p.version != p.together.version {
		return errCall
	}
	p.together.version++
	p.version, p.stored = p.together.version, slices.Clone(p.jobs)
	return nil
}

// ports are the calls for one job.
type ports struct {
	*instance
	j int
}

func (p *ports) Announce(context.Context) error {
	return p.at(p.write, diesBefore, diesAfter, freezesBefore, freezesAfter, editBefore, losesAnswer)
}

func (p *ports) Send(context.Context) submission.Answer {
	answer := submission.Answer{Kind: submission.Accepted, JobID: "id"}
	err := p.at(func() error {
		if time.Now().After(p.jobs[p.j].IntendedAt.Add(requestTimeout)) {
			answer = submission.Answer{Kind: submission.NotSent}
			return nil
		}
		takes := p.takes[p.pick(len(p.takes))]
		p.spans[p.j] = append(p.spans[p.j], span{time.Now(), time.Now().Add(takes)})
		return nil
	}, diesAfter, freezesBefore, freezesAfter, losesAnswer, isLost)
	if err != nil {
		return submission.Answer{}
	}
	return answer
}

func (p *ports) Record(_ context.Context, ours func(*v1alpha1.JobStatus) bool) error {
	return p.at(func() error {
		if !ours(&p.stored[p.j]) {
			return errCall
		}
		p.version = p.together.version // others may write the object in the meantime
		return p.write()
	}, diesBefore, diesAfter, freezesBefore, editBefore, losesAnswer, isLost)
}

func (p *ports) Look(context.Context, time.Time) (submission.Presence, error) {
	read := submission.Presence{Began: time.Now(), Ended: time.Now(), Complete: true, Absent: 1}
	if p.there() {
		read.Absent, read.Present = 0, 1
	}
	return read, p.at(func() error { return nil }, diesBefore, isLost)
}

func (p *ports) Poll(context.Context) (submission.Progress, error) {
	read := submission.Progress{ReadAt: time.Now(), Records: 1, Pending: 1}
	if p.there() {
		read.Pending, read.Final = 0, 1
	}
	return read, p.at(func() error { return nil }, diesBefore, isLost)
}

// there reports whether the row has taken effect.
func (p *ports) there() bool {
	return slices.ContainsFunc(p.spans[p.j], func(s span) bool { return !time.Now().Before(s.to) })
}

func (*ports) Before(submission.Verb) submission.Action          { return submission.Action{} }
func (*ports) Revise(action submission.Action) submission.Action { return action }
func (*ports) Settle(submission.Action)                          {}

// overlap returns how many jobs ran at the same time at most.
func (w *together) overlap() (most int) {
	for _, of := range w.spans {
		running := 0
		for _, other := range w.spans {
			if !other[0].from.After(of[0].from) && other[0].to.After(of[0].from) {
				running++
			}
		}
		most = max(most, running)
	}
	return most
}

// Whatever happens at any call, and in whatever order jobs that are open together end and are
// followed, each is accepted once and its end is recorded.
func TestEveryInterleavingOfJobsSideBySide(t *testing.T) {
	for name, c := range map[string]struct {
		jobs, mishaps int
		free          bool
		takes         []time.Duration
	}{
		"two jobs, in any order and pace, one mishap": {2, 1, true, []time.Duration{time.Second, 30 * time.Second}},
		"two jobs, two mishaps":                       {2, 2, false, []time.Duration{10 * time.Second}},
		"three jobs, one mishap":                      {3, 1, false, []time.Duration{time.Second, 30 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				runs, most := 0, 0
				for all := (&choices{}); ; runs++ {
					w := &together{choices: all, limit: c.jobs, mishaps: c.mishaps, free: c.free, takes: c.takes, spans: make([][]span, c.jobs)}
					for j := range c.jobs {
						w.stored = append(w.stored, v1alpha1.JobStatus{Index: int32(j + 1), Rows: 1, State: v1alpha1.JobPlanned})
					}
					w.finish()
					for j, job := range w.stored {
						if len(w.spans[j]) != 1 || job.State != v1alpha1.JobFinished && job.State != v1alpha1.JobRecovered {
							t.Fatalf("job %d is %s and was accepted %d times, after the choices %v of %v", j+1, job.State, len(w.spans[j]), all.taken, all.of)
						}
					}
					most = max(most, w.overlap())
					if !all.next() {
						break
					}
				}
				t.Logf("%d runs", runs)
				NewWithT(t).Expect(most).To(Equal(c.jobs), "jobs that ran at the same time")
			})
		})
	}
}
