package directory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const (
	// A reading begins once no Follower has joined it for gatherQuiet. Its first Follower
	// waits for at most gatherLongest, plus gatherEach for each one that joined, and at most
	// gatherMost: Followers that come too late for a list need another one, so the reading
	// waits for thousands that come in quick succession, as after a restart, but not for a few
	// that come now and then.
	gatherQuiet   = 500 * time.Millisecond
	gatherLongest = 5 * time.Second
	gatherEach    = 5 * time.Millisecond
	gatherMost    = time.Minute
	// eachSecond is how many waiting Followers come back within a second.
	eachSecond = 1000
)

// GatheringError is ErrReading for a reading that others share: repeat the same call after a
// while.
type GatheringError struct{ After time.Duration }

// Error says how long to wait.
func (e *GatheringError) Error() string {
	return fmt.Sprintf("%v, come again in %s", ErrReading, e.After)
}

// Unwrap returns ErrReading.
func (e *GatheringError) Unwrap() error { return ErrReading }

// gathering holds the Followers of an organization, and the reading that some of them want.
type gathering struct {
	mu        sync.Mutex
	followers map[*following]struct{}
	// wanting are the Followers that want the next reading, with the time that it must be
	// newer than. The first of them joined at opened, the latest at joined.
	wanting        map[*following]time.Time
	opened, joined time.Time
	// round is the reading that is under way; nil: there is none.
	round *round
}

// round is one reading for the Followers that wanted it.
type round struct {
	read *Read
	// registered is a time before the first request.
	registered time.Time
	// reading is held by the call that advances the reading.
	reading sync.Mutex
	// wanting are the Followers that wanted it, with the time that it must be newer than.
	wanting map[*following]time.Time
	// audience is set once it is known whether a list is read.
	audience *audience
}

func (g *gathering) add(f *following) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.followers[f] = struct{}{}
}

func (g *gathering) remove(f *following) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.followers, f)
	delete(g.wanting, f)
}

// advance continues the reading for a Follower that wants one newer than newerThan, and
// returns nil when a reading has ended.
func (g *gathering) advance(ctx context.Context, f *following, newerThan time.Time, maxAge time.Duration) error {
	r, wait := g.join(f, newerThan, maxAge)
	if r == nil || !r.reading.TryLock() {
		return wait
	}
	defer r.reading.Unlock()
	if err := r.read.Advance(ctx); err != nil {
		if errors.Is(err, ErrReading) {
			return wait
		}
		return err
	}
	complete := g.finish(r)
	if _, wanted := r.wanting[f]; wanted && !complete {
		return ErrIncomplete
	}
	return nil
}

// join makes a Follower want the next reading, unless the one under way is sufficient. It
// returns the reading under way, if there is one now, and how long to wait.
func (g *gathering) join(f *following, newerThan time.Time, maxAge time.Duration) (*round, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if !g.round.answers(f, newerThan) {
		g.want(f, newerThan, now)
	}
	if g.round == nil && !now.Before(g.due()) {
		g.begin(f.users, now.Add(-maxAge))
	}
	return g.round, &GatheringError{After: max(ReadingDelay, time.Duration(len(g.wanting))*time.Second/eachSecond)}
}

// answers reports whether a reading, which may be nil, is one that a Follower wants.
func (r *round) answers(f *following, newerThan time.Time) bool {
	if r == nil {
		return false
	}
	_, wanted := r.wanting[f]
	return wanted && !r.registered.Before(newerThan)
}

// due returns when the reading that is wanted begins.
func (g *gathering) due() time.Time {
	longest := min(gatherLongest+time.Duration(len(g.wanting))*gatherEach, gatherMost)
	return earlier(g.joined.Add(gatherQuiet), g.opened.Add(longest))
}

func (g *gathering) want(f *following, newerThan, now time.Time) {
	if len(g.wanting) == 0 {
		g.opened = now
	}
	if _, ok := g.wanting[f]; !ok {
		g.joined = now
	}
	g.wanting[f] = newerThan
}

// begin begins the reading that is wanted.
func (g *gathering) begin(u *Users, old time.Time) {
	r := &round{registered: time.Now(), wanting: g.wanting}
	g.wanting = map[*following]time.Time{}
	var keys Keys
	for f := range r.wanting {
		keys.Usernames = append(keys.Usernames, f.keys.Usernames...)
		keys.Emails = append(keys.Emails, f.keys.Emails...)
		keys.EmployeeIdentifiers = append(keys.EmployeeIdentifiers, f.keys.EmployeeIdentifiers...)
		keys.IDs = append(keys.IDs, f.keys.IDs...)
	}
	r.read = u.Read(keys, func(user *jumpcloud.User) {
		g.open(r)
		r.audience.visit(user)
	})
	for f := range g.followers {
		if f.result.Began.Before(old) {
			r.read.shared++
		}
	}
	g.round = r
}

// open determines to which Followers a reading shows its users: a list to all, a search to
// those that wanted it.
func (g *gathering) open(r *round) {
	if r.audience != nil {
		return
	}
	if r.read.position.search != nil {
		r.audience = newAudience(slices.Collect(maps.Keys(r.wanting)))
		return
	}
	g.mu.Lock()
	members := slices.Collect(maps.Keys(g.followers))
	g.mu.Unlock()
	r.audience = newAudience(members)
}

// finish ends a reading, and reports whether it was complete.
func (g *gathering) finish(r *round) (complete bool) {
	result := r.read.Result()
	g.open(r)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.round == r {
		g.round = nil
	}
	if !result.Complete {
		return false
	}
	for i, f := range r.audience.members {
		if !result.Began.Before(f.result.Began) {
			f.result = result
			r.audience.ends[i]()
		}
		if newerThan, ok := g.wanting[f]; ok && !result.Began.Before(newerThan) {
			delete(g.wanting, f)
		}
	}
	return true
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
