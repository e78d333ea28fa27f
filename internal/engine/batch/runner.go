package batch

import (
	"context"
	"sync"
	"time"
)

// Runner carries jobs on until its context ends, as a manager.Runnable of the leader.
type Runner struct {
	begin chan Step
	ended chan struct{}
}

// NewRunner returns a Runner.
func NewRunner() *Runner { return &Runner{begin: make(chan Step), ended: make(chan struct{})} }

// Carry is a Batcher's.
func (r *Runner) Carry(step Step) {
	go func() {
		select {
		case r.begin <- step:
		case <-r.ended:
		}
	}()
}

// Start carries jobs on until ctx ends and each has made its step.
func (r *Runner) Start(ctx context.Context) error {
	defer close(r.ended)
	var jobs sync.WaitGroup
	defer jobs.Wait()
	for {
		select {
		case step := <-r.begin:
			jobs.Go(func() { carry(ctx, step) })
		case <-ctx.Done():
			return nil
		}
	}
}

func carry(ctx context.Context, step Step) {
	for {
		after, goesOn := step(ctx)
		if !goesOn {
			return
		}
		select {
		case <-time.After(after):
		case <-ctx.Done():
			return
		}
	}
}
