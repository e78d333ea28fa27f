package submission_test

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// process is one instance of the operator, which works on the run like an engine. Every
// continuation belongs to a life: a crash ends it.
type process struct {
	*world
	limits submission.Limits

	life   int
	seen   []*submission.Observation // of each job; lost in a crash
	absent [][]int                   // of each job: the rows that its latest reading did not find
}

func (w *world) start(delay time.Duration) {
	p := &process{world: w, limits: limits}
	p.limits.JobTimeout = 15 * time.Minute
	if w.without.noSettleWindow {
		p.limits.SettleWindow = 0
	}
	p.forget()
	p.next(delay, p.pass)
}

func (p *process) forget() {
	p.seen, p.absent = nil, make([][]int, modelJobs)
	for range modelJobs {
		p.seen = append(p.seen, &submission.Observation{})
	}
}

// next continues with run after a while, unless the process crashes first.
func (p *process) next(d time.Duration, run func()) {
	if p.chance(p.faults.crash) {
		p.life++
		p.forget()
		d, run = d+p.upTo(time.Minute), p.pass
	}
	life := p.life
	p.after(d, func() {
		if p.life == life {
			run()
		}
	})
}

// pause returns the time until the next step: now and then the process is frozen.
func (p *process) pause() time.Duration {
	if p.chance(p.faults.freeze) {
		return p.upTo(5 * time.Minute)
	}
	return p.upTo(200 * time.Millisecond)
}

// retry returns the time until the next pass after one that could not continue.
func (p *process) retry() time.Duration { return time.Second + p.upTo(5*time.Second) }

func (p *process) pass() {
	o := p.load()
	j := slices.IndexFunc(o.outcomes, func(outcome string) bool { return outcome == "" }) / modelRows
	if !slices.Contains(o.outcomes, "") {
		if o.version == p.history[len(p.history)-1].version {
			return
		}
		p.next(p.retry(), p.pass)
		return
	}
	p.act(o, j)
}

// act does what Next says about a job of the object as it was loaded.
func (p *process) act(o object, j int) {
	job, seen := &o.jobs[j], p.seen[j]
	seen.Track(*job, submission.DecisionOn(*job, p.decision), p.time())
	seen.SlowestJob = submission.Slowest(o.jobs)
	action := submission.Next(*job, *seen, p.limits, p.time())
	asked := seen.Decision == submission.DecideResubmit
	submission.Apply(job, action, p.time())

	switch action.Verb {
	case submission.Intend:
		if !p.without.noIntent && p.write(&o) != nil {
			p.next(p.retry(), p.pass)
			return
		}
		p.next(p.pause(), func() { p.submit(o, j) })
	case submission.Wait:
		p.next(p.since(action.Until)-p.now+p.upTo(time.Second), p.pass)
	case submission.AskPerson:
		p.next(p.upTo(10*time.Minute), func() { p.decide(o, j) })
	case submission.ReadDirectory:
		p.read(o, j, p.pass)
	case submission.Poll:
		p.next(max(0, p.since(action.Until)-p.now), func() { p.poll(o, j) })
	case submission.PlanAgain:
		p.markPresent(&o, j)
		o.rows[j] = slices.Clone(p.absent[j])
		if asked {
			p.excuse(o.rows[j])
		}
		p.store(o)
	case submission.Recover:
		p.markPresent(&o, j)
		p.store(o)
	case submission.Finish:
		p.finish(o, j)
	case submission.Reject, submission.Abandon:
		outcome := outcomeFailed
		if action.Verb == submission.Abandon {
			outcome = outcomeForsaken
		}
		for _, row := range o.rows[j] {
			o.outcomes[row] = outcome
		}
		p.store(o)
	default:
		p.store(o)
	}
}

func (p *process) store(o object) {
	_ = p.write(&o) // a stale pass ends; the next one reads again
	p.next(p.pause(), p.pass)
}

// submit makes the one request of an intent. It checks the deadline last.
func (p *process) submit(o object, j int) {
	deadline := p.since(o.jobs[j].IntendedAt.Time) + requestTimeout
	answered := func(at time.Duration, answer submission.Answer) {
		p.next(max(0, at-p.now)+p.pause(), func() { p.answer(o, j, answer) })
	}
	if p.now > deadline && !p.without.noDeadline || p.chance(p.faults.notSent) {
		answered(p.now, submission.Answer{Kind: submission.NotSent})
		return
	}
	if p.chance(p.faults.lostRequest) {
		answered(deadline, submission.Answer{})
		return
	}
	arrives := p.now + p.upTo(longestTransit)
	limited, lost := p.chance(p.faults.limited), p.chance(p.faults.lostAnswer) || arrives > deadline
	rows := o.rows[j]
	// Once written, the request is on its way, whatever becomes of the process.
	p.after(arrives-p.now, func() {
		answer := submission.Answer{Kind: submission.RateLimited}
		switch {
		case limited:
		case p.refused && j == 0:
			answer.Kind = submission.Refused
		default:
			answer = submission.Answer{Kind: submission.Accepted, JobID: strconv.Itoa(p.accept(rows))}
		}
		if lost {
			answer = submission.Answer{}
		}
		answered(max(p.now, arrives), answer)
	})
}

func (p *process) answer(o object, j int, answer submission.Answer) {
	p.seen[j].SawAnswer(o.jobs[j], answer, p.time())
	if answer.Kind == submission.Unknown && p.without.noIntent {
		p.next(p.retry(), p.pass)
		return
	}
	p.act(o, j)
}

// read lists the directory and records what it says about the job's rows.
func (p *process) read(o object, j int, then func()) {
	began := p.now
	p.next(p.upTo(20*time.Second), func() {
		read := submission.Presence{Began: now.Add(began), Ended: p.time(), Complete: !p.chance(p.faults.incompleteRead)}
		p.absent[j] = p.directory(o.rows[j], began, read.Complete)
		read.Absent, read.Present = len(p.absent[j]), len(o.rows[j])-len(p.absent[j])
		p.seen[j].SawDirectory(read, p.limits)
		then()
	})
}

func (p *process) markPresent(o *object, j int) {
	for _, row := range o.rows[j] {
		if !slices.Contains(p.absent[j], row) {
			o.outcomes[row] = outcomeCreated
		}
	}
}

func (p *process) poll(o object, j int) {
	remote := p.remote(o, j)
	p.seen[j].SawResults(submission.Progress{
		ReadAt: p.time(), Records: len(remote.rows), Final: len(remote.failed), Pending: len(remote.rows) - len(remote.failed),
	})
	p.pass()
}

// remote returns the job at JumpCloud that the record names.
func (p *process) remote(o object, j int) *remoteJob {
	number, err := strconv.Atoi(o.jobs[j].JobID)
	if err != nil {
		panic(err)
	}
	return p.jobs[number-1]
}

// finish reads the directory once more: it shows what became of each row.
func (p *process) finish(o object, j int) {
	if p.without.recordsDecide {
		for _, row := range o.rows[j] {
			o.outcomes[row] = outcomeCreated
			if p.remote(o, j).failed[row] {
				o.outcomes[row] = outcomeFailed
			}
		}
		p.store(o)
		return
	}
	p.read(o, j, func() {
		if !p.seen[j].Directory.Complete {
			p.finish(o, j)
			return
		}
		p.markPresent(&o, j)
		for _, row := range p.absent[j] {
			o.outcomes[row] = outcomeFailed
		}
		p.store(o)
	})
}

// decide makes the person's decision about a job that waits for one.
func (p *process) decide(o object, j int) {
	if o.jobs[j].State == v1alpha1.JobOutcomeUnknown && o.jobs[j].Attempt < submission.DefaultMaxUnknownAttempts {
		p.violate("a person was asked too early")
	}
	word := submission.DecideAbandon
	if p.chance(.5) {
		word = submission.DecideResubmit
	}
	p.decision = fmt.Sprintf("%d/%d=%s", o.jobs[j].Index, o.jobs[j].Attempt, word)
	p.pass()
}

// excuse records that a person wanted these rows sent again.
func (p *process) excuse(rows []int) {
	for _, row := range rows {
		if n := len(p.accepted[row]); n > 0 {
			p.accepted[row][n-1].excused = true
		}
	}
}
