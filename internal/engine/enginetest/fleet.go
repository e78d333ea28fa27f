package enginetest

import (
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// RestAll makes passes over objects of the kind, over each when it wants one or is woken,
// until all are at rest.
func (w *World[T]) RestAll(keys ...client.ObjectKey) {
	w.T.Helper()
	if !w.PassAll(keys, tooLong) {
		w.T.Fatalf("that never happens: %s", w.Describe())
	}
}

// PassAll makes passes like RestAll, for at most the given time, and reports whether all
// objects are at rest.
func (w *World[T]) PassAll(keys []client.ObjectKey, long time.Duration) bool {
	w.T.Helper()
	defer func(before []client.ObjectKey) { w.together = before }(w.together)
	w.together = keys
	due, moving := make([]time.Time, len(keys)), make([]bool, len(keys))
	for i := range due {
		due[i] = time.Now()
	}
	for end := time.Now().Add(long); ; {
		for i, key := range keys {
			if !due[i].After(time.Now()) || w.Woken[key] {
				after := w.turn(key)
				due[i], moving[i] = time.Now().Add(after), after < AtRest
			}
		}
		next := slices.MinFunc(due, time.Time.Compare)
		job, working := w.jobs.next()
		switch {
		case working && !next.Before(job):
			next = job
		case !working && !w.Dead && !slices.Contains(moving, true):
			return true
		default:
			working = false
		}
		if next.After(end) {
			return false
		}
		<-time.After(time.Until(next))
		if working {
			w.jobs.step(w.T.Context())
			w.expectNothingLate()
		}
	}
}

// turn makes one pass over an object, with a new process if the previous one is dead.
func (w *World[T]) turn(key client.ObjectKey) (after time.Duration) {
	w.T.Helper()
	delete(w.Woken, key)
	if w.Dead {
		w.Restart()
	}
	if after = w.PassOver(w.T.Context(), key); after == 0 {
		after = AtRest // only a watch causes another pass
	}
	w.expectNothingLate()
	return after
}
