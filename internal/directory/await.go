package directory

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Waiter waits for users who are not in the directory. Its methods are for one goroutine at a
// time, and it must not be copied once it waits.
type Waiter struct {
	// Wake is called when one of the users was seen. It must not block.
	Wake func()

	users *users                   // whose readings it waits for; nil: none
	refs  []v1alpha1.UserReference // guarded by waiters.mu
}

// Await wakes a waiter once, as soon as a reading that showed one of the users has ended,
// whatever the reading was made for: Resolve then finds the user without a request. refs,
// which Resolve did not find, replace those of an earlier call; without any, the waiter stops
// waiting.
func (u *Users) Await(w *Waiter, refs []v1alpha1.UserReference) {
	w.Stop()
	if len(refs) == 0 {
		return
	}
	w.users = u.shared
	normalized := make([]v1alpha1.UserReference, len(refs))
	for i, ref := range refs {
		normalized[i] = normal(ref)
	}
	w.users.waiters.add(w, normalized)
	for _, ref := range normalized {
		// After add, so that a reading that ends in between is not missed.
		if a, ok := w.users.answers.get(ref, time.Time{}); ok && a.found {
			w.Stop()
			w.Wake()
			return
		}
	}
}

// Stop ends the wait.
func (w *Waiter) Stop() {
	if w.users == nil {
		return
	}
	w.users.waiters.remove(w)
	w.users = nil
}

// sighting records every user that a page shows.
func (u *users) sighting(fetch fetcher[jumpcloud.User]) fetcher[jumpcloud.User] {
	return func(ctx context.Context, skip int) (*jumpcloud.Page[jumpcloud.User], error) {
		asked := time.Now()
		page, err := fetch(ctx, skip)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			u.sight(&page.Items[i], asked)
		}
		return page, nil
	}
}

// sight records that a request that was made at asked showed a user.
func (u *users) sight(user *jumpcloud.User, asked time.Time) {
	if user.ID == "" {
		return
	}
	seen := UserOf(user)
	for _, ref := range []v1alpha1.UserReference{
		{Username: seen.Username}, {Email: strings.ToLower(seen.Email)}, {ID: seen.ID},
	} {
		awaited := u.waiters.awaits(ref)
		if u.answers.sight(ref, answer{user: seen, found: true, known: true, began: asked, ended: time.Now()}, awaited) {
			u.waiters.sight(ref)
		}
	}
}

// waiters are the Waiters by the references that they wait for.
type waiters struct {
	mu  sync.Mutex
	of  map[v1alpha1.UserReference]map[*Waiter]struct{}
	due map[*Waiter]struct{} // to be woken when the present reading has ended
}

func (w *waiters) add(waiter *Waiter, refs []v1alpha1.UserReference) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ref := range refs {
		if w.of[ref] == nil {
			w.of[ref] = map[*Waiter]struct{}{}
		}
		w.of[ref][waiter] = struct{}{}
	}
	waiter.refs = refs
}

func (w *waiters) remove(waiter *Waiter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.removeLocked(waiter)
}

func (w *waiters) removeLocked(waiter *Waiter) {
	for _, ref := range waiter.refs {
		delete(w.of[ref], waiter)
		if len(w.of[ref]) == 0 {
			delete(w.of, ref)
		}
	}
	waiter.refs = nil
	delete(w.due, waiter)
}

// awaits reports whether any caller waits for the user of a reference.
func (w *waiters) awaits(ref v1alpha1.UserReference) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.of[ref]) > 0
}

// sight records that the user of a reference was seen.
func (w *waiters) sight(ref v1alpha1.UserReference) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for waiter := range w.of[ref] {
		w.due[waiter] = struct{}{}
	}
}

// wake wakes the Waiters whose users were seen. It is called when a reading has ended, so that
// a caller that waits for many users is woken once for all of them.
func (w *waiters) wake() {
	w.mu.Lock()
	due := w.due
	w.due = map[*Waiter]struct{}{}
	for waiter := range due {
		w.removeLocked(waiter)
	}
	w.mu.Unlock()
	for waiter := range due {
		waiter.Wake()
	}
}
