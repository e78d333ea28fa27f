package session

import (
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Waiter waits for users who are not in the directory. It is for one goroutine at
// a time, and must not be copied once it waits.
type Waiter struct {
	// Wake is called when one of the users was seen. It must not block.
	Wake func()

	users *users                   // whose readings it waits for; nil: none
	refs  []v1alpha1.UserReference // guarded by users.mu
}

// Await has a waiter woken, once, as soon as a reading that showed one of the
// users has ended, whoever made it and for whatever it was made: Resolve then
// finds the user without a request. The references, which Resolve did not find,
// take the place of those before; without any, the waiter waits no more.
func (d *Directory) Await(w *Waiter, refs []v1alpha1.UserReference) {
	w.Stop()
	if len(refs) == 0 {
		return
	}
	w.users = d.users
	if d.users.await(w, refs) {
		w.Wake()
	}
}

// Stop ends the waiting.
func (w *Waiter) Stop() {
	if w.users == nil {
		return
	}
	w.users.mu.Lock()
	defer w.users.mu.Unlock()
	w.users.dismiss(w)
	w.users = nil
}

// await registers a waiter. It reports whether one of the users has been seen
// since Resolve missed them.
func (u *users) await(w *Waiter, refs []v1alpha1.UserReference) (seen bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, ref := range refs {
		ref = normal(ref)
		if a, ok := u.answer(ref, time.Time{}); ok && a.found {
			u.dismiss(w)
			return true
		}
		if u.waiters[ref] == nil {
			u.waiters[ref] = map[*Waiter]struct{}{}
		}
		u.waiters[ref][w] = struct{}{}
		w.refs = append(w.refs, ref)
	}
	return false
}

// dismiss takes a waiter out. The caller holds the lock.
func (u *users) dismiss(w *Waiter) {
	for _, ref := range w.refs {
		delete(u.waiters[ref], w)
		if len(u.waiters[ref]) == 0 {
			delete(u.waiters, ref)
		}
	}
	w.refs = nil
	delete(u.due, w)
}

// sight takes note that a request, which was made at a time, showed a user who
// was not there when somebody asked.
func (u *users) sight(user *jumpcloud.User, asked time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if user.ID == "" || len(u.answers)+len(u.waiters) == 0 {
		return
	}
	person := personOf(user)
	for _, ref := range []v1alpha1.UserReference{
		{Username: person.Username}, {Email: strings.ToLower(person.Email)}, {ID: person.ID},
	} {
		before, answered := u.answers[ref]
		if len(u.waiters[ref]) == 0 && (!answered || before.found) || before.began.After(asked) {
			continue
		}
		u.answers[ref] = answer{person: person, found: true, known: true, began: asked, ended: time.Now()}
		for w := range u.waiters[ref] {
			u.due[w] = struct{}{}
		}
	}
}

// wake wakes those whose users were seen. It is called when a reading has ended,
// so that who waits for many users is woken once for all that it showed.
func (u *users) wake() {
	u.mu.Lock()
	due := u.due
	u.due = map[*Waiter]struct{}{}
	for w := range due {
		u.dismiss(w)
	}
	u.mu.Unlock()
	for w := range due {
		w.Wake()
	}
}
