package continuous

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
)

// Resolve finds the users that the spec names, in readings newer than a time: see
// directory.Users.Resolve. If one of them is not in the directory, the object is woken as soon
// as any reading of this operator shows the user.
func (p *Pass[T, M]) Resolve(ctx context.Context, references []v1alpha1.UserReference, newerThan time.Time) (*directory.Resolution, error) {
	resolution, err := p.Session.Users.Resolve(ctx, references, newerThan)
	if err != nil {
		return nil, err
	}
	for _, reference := range references {
		if _, found := resolution.Find(reference); !found {
			p.missing = append(p.missing, reference)
		}
	}
	return resolution, nil
}

// User is Resolve for one user, newer than NewerThan; false: there is none.
func (p *Pass[T, M]) User(ctx context.Context, reference v1alpha1.UserReference) (directory.User, bool, error) {
	resolution, err := p.Resolve(ctx, []v1alpha1.UserReference{reference}, p.NewerThan)
	if err != nil {
		return directory.User{}, false, err
	}
	person, found := resolution.Find(reference)
	return person, found, nil
}

// awaitUsers has the object woken when users appear that the observation missed.
func (w *work[T, M]) awaitUsers() {
	if w.m.waiter.Wake == nil { // only once: later, a reading may be about to call it
		wake, key := w.Wake, client.ObjectKeyFromObject(w.object)
		w.m.waiter.Wake = func() { wake(key) }
	}
	w.pass.Session.Users.Await(&w.m.waiter, w.pass.missing)
}
