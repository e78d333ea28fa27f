package enginetest

import (
	"context"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
)

// Jobs executes the steps of the jobs of a process's batch.Batchers in the goroutine of the
// test: each step has a due time, and is made while the test waits for a pass.
type Jobs struct {
	steps   []*stepping
	process int // counts processes
}

// stepping is a job that has a next step.
type stepping struct {
	step batch.Step
	due  time.Time
}

// Carry is the Carry function of a batch.Batcher.
func (j *Jobs) Carry(step batch.Step) {
	j.steps = append(j.steps, &stepping{step: step, due: time.Now()})
}

// next returns when the next step is due; false if there is none.
func (j *Jobs) next() (due time.Time, working bool) {
	if first := j.first(); first != nil {
		return first.due, true
	}
	return time.Time{}, false
}

func (j *Jobs) first() *stepping {
	if j == nil || len(j.steps) == 0 {
		return nil
	}
	first := j.steps[0]
	for _, s := range j.steps {
		if s.due.Before(first.due) {
			first = s
		}
	}
	return first
}

// step makes the step that is due first. Its job is removed in the meantime: the process may
// be frozen in the step while the jobs of another process continue.
func (j *Jobs) step(ctx context.Context) {
	first := j.first()
	j.steps = slices.DeleteFunc(j.steps, func(s *stepping) bool { return s == first })
	process := j.process
	after, goesOn := first.step(ctx)
	if goesOn && process == j.process {
		first.due = time.Now().Add(after)
		j.steps = append(j.steps, first)
	}
}

// all returns the jobs that have a next step.
func (j *Jobs) all() []*stepping {
	if j == nil {
		return nil
	}
	return slices.Clone(j.steps)
}

// end makes the steps of all jobs except these until the jobs end.
func (j *Jobs) end(ctx context.Context, but []*stepping) {
	for _, s := range j.all() {
		if slices.Contains(but, s) {
			continue
		}
		j.steps = slices.DeleteFunc(j.steps, func(other *stepping) bool { return other == s })
		for goesOn := true; goesOn; {
			<-time.After(time.Until(s.due))
			var after time.Duration
			after, goesOn = s.step(ctx)
			s.due = time.Now().Add(after)
		}
	}
}

// die ends the process: its jobs do not continue.
func (j *Jobs) die() {
	if j != nil {
		j.steps = nil
		j.process++
	}
}
