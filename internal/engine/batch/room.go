package batch

import (
	"context"
	"errors"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// ErrNoRoom is the error of changes that were not sent because there was no room for them.
var ErrNoRoom = errors.New("there is no room for it")

// Room bounds how many changes are sent. Its methods are called once for a whole job; the
// halves of a job that was refused call them concurrently.
type Room interface {
	// Take takes room for that many changes, or for as many as there is room for, and returns
	// for how many. After an error nothing is sent.
	Take(ctx context.Context, most int) (taken int, err error)
	// GiveBack gives back room for changes that were provably not made. If it fails, the room
	// stays taken.
	GiveBack(ctx context.Context, count int) error
}

// places is the room that a job has taken.
type places struct {
	room  Room // nil: no member takes any
	taken int
}

// grow takes room until the needed amount is taken, or there is no more.
func (p *places) grow(ctx context.Context, needed int) error {
	if needed <= p.taken {
		return nil
	}
	taken, err := p.room.Take(ctx, needed-p.taken)
	p.taken += taken
	return err
}

// shrink gives back what is taken beyond what is needed.
func (p *places) shrink(ctx context.Context, needed int) {
	if p.taken > needed {
		_ = p.room.GiveBack(ctx, p.taken-needed)
		p.taken = needed
	}
}

// needsRoom returns how much room the members take.
func (j *job[R]) needsRoom() int {
	needed := 0
	for i := range j.members {
		if j.members[i].takesRoom {
			needed++
		}
	}
	return needed
}

// takeRoom takes room for the members, in one write. If there is too little, those that joined
// last leave the job.
func (j *job[R]) takeRoom(ctx context.Context) error {
	if err := j.places.grow(ctx, j.needsRoom()); err != nil {
		return err
	}
	j.turnAway(j.needsRoom() - j.places.taken)
	j.places.shrink(ctx, j.needsRoom())
	return nil
}

// turnAway ends that many members that take room, the last ones first.
func (j *job[R]) turnAway(count int) {
	for i := len(j.members) - 1; i >= 0 && count > 0; i-- {
		if m := j.members[i]; m.takesRoom {
			m.ticket.end(Result{Kind: submission.NotSent, Err: ErrNoRoom, At: time.Now()})
			j.members = append(j.members[:i], j.members[i+1:]...)
			count--
		}
	}
}
