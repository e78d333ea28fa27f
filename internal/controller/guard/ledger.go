package guard

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/session"
)

// ledger is the counters of one organization as they were read, live.
type ledger struct {
	account

	window        *Window
	book          *book
	organizations []*v1alpha1.Organization // oldest first
	orphaned      []types.UID              // deleted ones whose counts are not taken over yet
}

// open reads the counters of the session's organization, and stamps anew what a
// wrong clock wrote.
func (w *Window) open(ctx context.Context, s *session.Session, b *book) (*ledger, error) {
	organizations, err := w.find(ctx, s)
	if err != nil {
		return nil, err
	}
	l := &ledger{window: w, book: b, organizations: organizations}
	l.now = w.clock.now()
	present := map[types.UID]bool{}
	for _, o := range organizations {
		present[o.UID] = true
		l.windows = append(l.windows, o.Spec.Guard.Window)
	}
	for _, o := range organizations {
		if anyAhead(harmed(o), l.now) {
			if err := l.write(ctx, o, harmed(o)); err != nil {
				return nil, err
			}
		}
		b.counted[o.UID] = harmed(o)
		l.buckets = append(l.buckets, harmed(o)...)
	}
	for uid, buckets := range b.counted {
		if !present[uid] {
			l.orphaned = append(l.orphaned, uid)
			l.buckets = append(l.buckets, buckets...)
		}
	}
	return l, nil
}

// find returns the Organization objects that lead to the session's organization.
func (w *Window) find(ctx context.Context, s *session.Session) ([]*v1alpha1.Organization, error) {
	var list v1alpha1.OrganizationList
	if err := w.Cache.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	var found []*v1alpha1.Organization
	for i := range list.Items {
		if w.organizationOf(&list.Items[i]) != s.OrganizationID {
			continue
		}
		live := &v1alpha1.Organization{}
		if err := w.Live.Get(ctx, client.ObjectKeyFromObject(&list.Items[i]), live); err != nil {
			if apierrors.IsNotFound(err) {
				continue
			}
			return nil, err
		}
		found = append(found, live)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no Organization leads to organization %s any more", s.OrganizationID)
	}
	slices.SortFunc(found, func(a, b *v1alpha1.Organization) int {
		if order := a.CreationTimestamp.Compare(b.CreationTimestamp.Time); order != 0 {
			return order
		}
		return cmp.Compare(a.UID, b.UID)
	})
	return found, nil
}

func (w *Window) organizationOf(o *v1alpha1.Organization) string {
	if s, ok := w.Pool.Get(client.ObjectKeyFromObject(o)); ok && o.Status.OrganizationID == "" {
		return s.OrganizationID
	}
	return o.Status.OrganizationID
}

// full reports what there is no room for. How many users there are is asked
// only where it matters.
func (l *ledger) full(ctx context.Context, s *session.Session, want amount) (harm, created bool, _ error) {
	created = want.created > 0 && !l.fitsCreated(want.created)
	switch {
	case want.harmful == 0 || l.fitsHarm(want.harmful, 0):
		return false, created, nil
	case !l.fitsHarm(want.harmful, math.MaxInt32):
		return true, created, nil
	}
	users, err := s.Users.Count(ctx)
	return err == nil && !l.fitsHarm(want.harmful, users), created, err
}

// count writes what is to be sent, with what is not taken over yet.
func (l *ledger) count(ctx context.Context, what amount) error {
	if what == (amount{}) {
		return nil
	}
	oldest := l.organizations[0]
	buckets := slices.Clone(harmed(oldest))
	for _, uid := range l.orphaned {
		buckets = append(buckets, l.book.counted[uid]...)
	}
	if err := l.write(ctx, oldest, add(buckets, l.now.Late, what)); err != nil {
		return err
	}
	for _, uid := range l.orphaned {
		delete(l.book.counted, uid)
	}
	return nil
}

// giveBack takes back what was counted.
func (l *ledger) giveBack(ctx context.Context, back amount) error {
	for _, o := range l.organizations {
		if back == (amount{}) {
			return nil
		}
		left, missing := subtract(tidy(harmed(o), longest(l.windows), l.now), back)
		if missing == back {
			continue
		}
		if err := l.write(ctx, o, left); err != nil {
			return err
		}
		back = missing
	}
	return nil
}

// write stores the counters of one object, if no one wrote it since it was read.
func (l *ledger) write(ctx context.Context, o *v1alpha1.Organization, buckets []v1alpha1.HarmBucket) error {
	written := o.DeepCopy()
	written.Status.Guard = &v1alpha1.GuardStatus{Harmed: tidy(buckets, longest(l.windows), l.now)}
	if len(written.Status.Guard.Harmed) == 0 {
		written.Status.Guard = nil
	}
	if err := l.window.Update(ctx, written); err != nil {
		return err
	}
	o.ResourceVersion, o.Status.Guard = written.ResourceVersion, written.Status.Guard
	l.book.counted[o.UID] = harmed(o)
	return nil
}

func harmed(o *v1alpha1.Organization) []v1alpha1.HarmBucket {
	if o.Status.Guard == nil {
		return nil
	}
	return o.Status.Guard.Harmed
}
