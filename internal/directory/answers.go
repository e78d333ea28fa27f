package directory

import (
	"maps"
	"sync"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// answers holds what is known about users: the latest complete list, and what searches found
// after it.
type answers struct {
	mu         sync.Mutex
	found      map[v1alpha1.UserReference]answer // by searches, and about users who were absent
	snapshot   *snapshot                         // nil: there was no complete list
	unread     int                               // records of the snapshot that could not be read in full
	completeAt time.Time                         // when a complete reading last ended; zero: never
}

// answer is what one reading said about one reference.
type answer struct {
	user         User
	found        bool
	known        bool
	began, ended time.Time
}

// get returns what is known about a reference, if it is new enough.
func (a *answers) get(ref v1alpha1.UserReference, newerThan time.Time) (answer, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if found, ok := a.found[ref]; ok && !found.began.Before(newerThan) {
		return found, true
	}
	if a.snapshot == nil || a.snapshot.began.Before(newerThan) {
		return answer{}, false
	}
	return a.snapshot.answer(ref), true
}

// keep stores what is known about a reference.
func (a *answers) keep(ref v1alpha1.UserReference, known answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.found[ref] = known
}

// sight stores the answer of a request that showed a user whom a caller waits for, or who was
// absent before. It reports whether it did: a newer answer stays.
func (a *answers) sight(ref v1alpha1.UserReference, seen answer, awaited bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, answered := a.found[ref]
	if !awaited && (!answered || before.found) || before.began.After(seen.began) {
		return false
	}
	a.found[ref] = seen
	return true
}

// replace stores what a complete list said. Answers of earlier searches are not needed any
// more.
func (a *answers) replace(s *snapshot, unread int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.snapshot, a.unread, a.completeAt = s, unread, s.ended
	maps.DeleteFunc(a.found, func(_ v1alpha1.UserReference, found answer) bool { return found.began.Before(s.began) })
}

// add stores what a search for references found.
func (a *answers) add(refs []v1alpha1.UserReference, found *snapshot) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.completeAt = found.ended
	maps.DeleteFunc(a.found, func(_ v1alpha1.UserReference, old answer) bool { return found.ended.Sub(old.ended) > idle })
	for _, ref := range refs {
		a.found[ref] = found.answer(ref)
	}
}

// completed records the end of a complete reading whose answers are not stored.
func (a *answers) completed(ended time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.completeAt = ended
}

// listed returns how many users the latest complete list had.
func (a *answers) listed() (total int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.snapshot == nil {
		return 0, false
	}
	return len(a.snapshot.users), true
}

// unreadable returns how many records of the latest complete list could not be
// read in full.
func (a *answers) unreadable() (records int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.unread, a.snapshot != nil
}

// age returns how long ago a complete reading ended, and whether there was one.
func (a *answers) age() (time.Duration, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Since(a.completeAt), !a.completeAt.IsZero()
}
