package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

const (
	// frozenFor is how long a process stands still, at least: longer than a request may wait
	// to be sent, and shorter than a pass may take, because the end of the pass alone would
	// keep the process from sending.
	frozenFor = RequestTimeout + 20*time.Second
	// jump is how far a clock jumps.
	jump = 3 * time.Hour
	// lag is how long the cache shows an outdated copy of the object.
	lag = 30 * time.Second
)

// An Interference takes the place of one call of the operator. It makes the call with do, or
// does not make it.
type Interference[T lifecycle.Object] func(w *World[T], do func() error) error

// interferences returns everything that can happen at a call, by its description.
func interferences[T lifecycle.Object]() map[string]Interference[T] {
	all := map[string]Interference[T]{
		"the cache lags": func(w *World[T], do func() error) error {
			w.Lag()
			return do()
		},
		"another process takes over with a cache that lags": func(w *World[T], do func() error) error {
			w.Lag()
			_ = do()
			w.Dead = true
			return ErrDead
		},
		"the call fails": fails[T],
		"the answer is lost": func(_ *World[T], do func() error) error {
			_ = do()
			return context.DeadlineExceeded
		},
		"the process dies before": func(w *World[T], _ func() error) error {
			w.Dead = true
			return ErrDead
		},
		"the process dies after": func(w *World[T], do func() error) error {
			_ = do()
			w.Dead = true
			return ErrDead
		},
	}
	for what, happens := range map[string]func(w *World[T]){
		"the object is edited":  (*World[T]).Touch,
		"the process is frozen": (*World[T]).Freeze,
		"hours pass":            func(*World[T]) { <-time.After(jump) },
	} {
		all[what+" before"] = func(w *World[T], do func() error) error {
			happens(w)
			return do()
		}
		all[what+" after"] = func(w *World[T], do func() error) error {
			err := do()
			happens(w)
			return err
		}
	}
	return all
}

// fewCalls is the number of calls at which something interferes in short tests. With the race
// detector, all calls would take most of an hour, and they run the same code.
const fewCalls = 2

// fails is an Interference that does not make the call.
func fails[T lifecycle.Object](*World[T], func() error) error { return context.DeadlineExceeded }

// InterfereAt makes something interfere at the n-th of the operator's calls that change
// something, counted from 0. It sets reached if there is such a call. In short tests, it
// behaves as if there were only fewCalls of them.
func (w *World[T]) InterfereAt(n int, reached *bool, interfere Interference[T]) {
	w.interfereAt(Call.Writes, n, reached, interfere)
}

// interfereAt is InterfereAt for the n-th of the calls that such selects.
func (w *World[T]) interfereAt(such func(Call) bool, n int, reached *bool, interfere Interference[T]) {
	if testing.Short() && n >= fewCalls {
		n = manyCalls
	}
	calls := w.OnCall
	w.OnCall = func(c Call, do func() error) error {
		call := do
		if calls != nil {
			call = func() error { return calls(c, do) }
		}
		if such(c) {
			n--
		}
		if n >= 0 || *reached {
			return call()
		}
		*reached, w.disturbed = true, c
		return interfere(w, call)
	}
}

// DieAt makes the process die at the n-th of its calls that change something, counted from 0:
// before the call, or after it and before its answer. It sets died if there is such a call.
func (w *World[T]) DieAt(n int, after bool, died *bool) {
	w.OnCall = nil
	w.InterfereAt(n, died, func(w *World[T], do func() error) error {
		if after {
			_ = do()
		}
		w.Dead = true
		return ErrDead
	})
}

// Touch edits the object, if it exists, in a way that means nothing to the operator: all
// copies of it become outdated.
func (w *World[T]) Touch() {
	if !w.Gone() {
		w.Annotate("example.org/touched", time.Now().String())
	}
}

// Freeze makes the process stand still while another one takes over and brings all objects to
// rest, until the deadlines of requests have passed. The frozen process then ends its pass, in
// which it must not send anything, and the other process makes the passes after it.
func (w *World[T]) Freeze() {
	w.Restart()
	if w.together != nil {
		w.RestAll(w.together...)
	} else {
		w.Until(func() bool { return w.Gone() || w.resting() })
	}
	<-time.After(frozenFor)
	w.thawed, w.others = new(len(w.Sim.MutatingRequests())), w.jobs.all()
}

// expectNothingLate expects that a process that was frozen in the pass that has just ended
// sent nothing after it continued, and that its jobs send nothing: that would undo what the
// other process has done.
func (w *World[T]) expectNothingLate() {
	w.T.Helper()
	if w.thawed == nil {
		return
	}
	w.jobs.end(w.T.Context(), w.others)
	w.Expect(w.Sim.MutatingRequests()).To(gomega.HaveLen(*w.thawed), "what a process sends that was frozen")
	w.thawed, w.others = nil, nil
}

// Lag makes passes see the object as it is now for a while, however it changes.
func (w *World[T]) Lag() {
	if w.Gone() {
		return
	}
	w.cache = cache{object: w.Get(), until: time.Now().Add(lag)}
}

// cache shows an outdated copy of an object; the zero value shows none.
type cache struct {
	object client.Object
	until  time.Time
	// backoff is how long the next pass over the outdated copy waits at least.
	backoff time.Duration
}

// shows reports whether the cache has an outdated copy of the object with this key, and copies
// it to into.
func (c *cache) shows(key client.ObjectKey, into client.Object) bool {
	return c.lags() && client.ObjectKeyFromObject(c.object) == key && assign(into, c.object.DeepCopyObject())
}

func (c *cache) lags() bool { return c.object != nil && time.Now().Before(c.until) }

// catchesUp returns the time until the next pass: a watch wakes the object once the cache has
// caught up. Until then, each pass sees the same copy and gets the same conflict, so passes
// become rarer, as in a work queue that backs off.
func (c *cache) catchesUp(after time.Duration) time.Duration {
	if !c.lags() {
		return after
	}
	left := time.Until(c.until)
	if after == 0 {
		return left
	}
	c.backoff = max(2*c.backoff, after)
	return min(c.backoff, left)
}

// expectWindow expects that the guard's window counts no more than it has room for.
func (w *World[T]) expectWindow() {
	w.T.Helper()
	organization := w.Organization()
	window, counted := organization.Spec.Guard.Window, w.Counted()
	if window.MaxHarmful != nil {
		w.Expect(counted.Harmful).To(gomega.BeNumerically("<=", int(*window.MaxHarmful)), "harmful changes in the window")
	}
	if window.MaxCreated != nil {
		w.Expect(counted.Created).To(gomega.BeNumerically("<=", int(*window.MaxCreated)), "created users in the window")
	}
}
