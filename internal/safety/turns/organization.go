package turns

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// maxEnded is how many ends of turns are remembered individually.
const maxEnded = 10_000

// Turns are the turns of one organization. It is safe for concurrent use.
type Turns struct {
	restoring sync.Mutex
	restored  bool // guarded by restoring

	mu       sync.Mutex
	byUser   map[string][]turn // several only if jobs were open before this process started
	byHolder map[Holder]map[string]bool
	waiting  map[string]map[Holder]func()
	ended    map[string]ended
	// endedBefore is the latest end of the turns that are not in ended.
	endedBefore time.Time
}

// Take takes the turn of a user, unless another object has it. The job's lists must be made
// from a reading of the user that begins after since.
func (t *Turns) Take(holder Holder, userID string) (since time.Time, taken bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, blocked := t.other(holder, userID); blocked {
		return time.Time{}, false
	}
	if !t.byHolder[holder][userID] {
		t.add(turn{user: userID, holder: holder})
	}
	since = t.endedBefore
	if last := t.ended[userID]; last.by != holder && last.at.After(since) {
		since = last.at
	}
	if last := t.ended[everyone]; last.by != holder && last.at.After(since) {
		since = last.at
	}
	return since, true
}

// Has reports whether an object has the turn of a user.
func (t *Turns) Has(holder Holder, userID string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byHolder[holder][userID]
}

// Wait returns the other object that has the turn, and calls wake once that turn has ended;
// false: no other object has it. wake must not block.
func (t *Turns) Wait(holder Holder, userID string, wake func()) (other Holder, waits bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, blocked := t.other(holder, userID)
	if !blocked {
		return Holder{}, false
	}
	if t.waiting[last.user] == nil {
		t.waiting[last.user] = map[Holder]func(){}
	}
	t.waiting[last.user][holder] = wake
	return last.holder, true
}

// other returns a turn of another holder that keeps this one from taking a user's turn.
func (t *Turns) other(holder Holder, userID string) (turn, bool) {
	for _, user := range []string{userID, everyone} {
		for _, turn := range t.byUser[user] {
			if turn.holder != holder {
				return turn, true
			}
		}
	}
	return turn{}, false
}

func (t *Turns) add(added turn) {
	t.byUser[added.user] = append(t.byUser[added.user], added)
	if t.byHolder[added.holder] == nil {
		t.byHolder[added.holder] = map[string]bool{}
	}
	t.byHolder[added.holder][added.user] = true
}

// restore adds the turns of jobs that were open before this process started.
func (t *Turns) restore(open []Open) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range open {
		users := o.Users
		if o.All {
			users = []string{everyone}
		}
		for _, user := range users {
			t.add(turn{user: user, holder: o.Holder, version: o.Version})
		}
	}
}

// keep ends the turns of a holder except some, and wakes the objects that wait for them.
func (t *Turns) keep(holder Holder, some func(turn) bool) {
	for _, wake := range t.end(holder, some) {
		wake()
	}
}

// end is keep without the waking: it returns the functions to call.
func (t *Turns) end(holder Holder, but func(turn) bool) (wake map[Holder]func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	wake = map[Holder]func(){}
	for user := range t.byHolder[holder] {
		i := slices.IndexFunc(t.byUser[user], func(turn turn) bool { return turn.holder == holder })
		if but(t.byUser[user][i]) {
			continue
		}
		t.remove(user, i)
		t.remember(user, ended{time.Now(), holder})
		maps.Copy(wake, t.waiting[user])
		delete(t.waiting, user)
	}
	return wake
}

func (t *Turns) remove(user string, i int) {
	holder := t.byUser[user][i].holder
	if t.byUser[user] = slices.Delete(t.byUser[user], i, i+1); len(t.byUser[user]) == 0 {
		delete(t.byUser, user)
	}
	delete(t.byHolder[holder], user)
	if len(t.byHolder[holder]) == 0 {
		delete(t.byHolder, holder)
	}
}

// remember records the end of a turn. If there are too many, all earlier ones are replaced by
// one time that counts for all users.
func (t *Turns) remember(user string, last ended) {
	if len(t.ended) >= maxEnded {
		clear(t.ended)
		t.endedBefore = last.at
	}
	t.ended[user] = last
}
