package batch

import (
	"context"
	"sync"
	"time"
)

// Runner carries jobs on until its context ends. It is a manager.Runnable for the leader.
type Runner struct {
	begin chan Step
	ended chan struct{}
}

// NewRunner returns a Runner.
func NewRunner() *Runner { return &Runner{begin: make(chan Step), ended: make(chan struct{})} }

// Carry hands the steps of a job to Start, and does not block. It is for Batcher.Carry.
func (r *Runner) Carry(step Step) {
	go func() {
		select {
		case r.begin <- step:
		case <-r.ended:
		}
	}()
}

// Start carries jobs on until ctx ends and the steps under way have returned.
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
