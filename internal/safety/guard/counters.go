package guard

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// counters are the counters of one organization, as they were read live.
type counters struct {
	account

	window        *Window
	memory        *memory
	organizations []*v1alpha1.Organization // oldest first; those that are being deleted are last
	deleted       []types.UID              // deleted ones whose counts are not taken over yet
}

// open reads the counters of an organization. It corrects hours that a wrong clock wrote, and
// takes back reservations that failed but were stored nevertheless.
func (w *Window) open(ctx context.Context, organization string, b *memory) (*counters, error) {
	organizations, err := w.find(ctx, organization)
	if err != nil {
		return nil, err
	}
	c := &counters{window: w, memory: b, organizations: organizations}
	c.now = w.clock.now()
	present := map[types.UID]bool{}
	for _, o := range organizations {
		present[o.UID] = true
		c.windows = append(c.windows, o.Spec.Guard.Window)
	}
	for _, o := range organizations {
		if left, changed := c.corrected(o); changed {
			if err := c.write(ctx, o, left, rand.Text()); err != nil {
				return nil, err
			}
		}
		b.settle(o)
		b.counted[o.UID] = harmed(o)
		c.buckets = append(c.buckets, harmed(o)...)
	}
	for uid, buckets := range b.counted {
		if !present[uid] {
			c.deleted = append(c.deleted, uid)
			c.buckets = append(c.buckets, buckets...)
		}
	}
	return c, nil
}

// corrected returns the counters of one object without reservations that failed, and reports
// whether they must be written again.
func (c *counters) corrected(o *v1alpha1.Organization) (left []v1alpha1.HarmBucket, changed bool) {
	left, changed = harmed(o), anyAhead(harmed(o), c.now)
	if failed := c.memory.stored(o); failed != (amount{}) {
		left, _ = subtract(tidy(left, longest(c.windows), c.now), failed)
		changed = true
	}
	return left, changed
}

// find returns the Organization objects that refer to an organization.
func (w *Window) find(ctx context.Context, organization string) ([]*v1alpha1.Organization, error) {
	cached, err := w.cached(ctx, organization)
	if err != nil {
		return nil, err
	}
	var found []*v1alpha1.Organization
	for _, o := range cached {
		live := &v1alpha1.Organization{}
		if err := w.Live.Get(ctx, client.ObjectKeyFromObject(o), live); err != nil {
			if apierrors.IsNotFound(err) {
				continue
			}
			return nil, err
		}
		found = append(found, live)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no Organization leads to organization %s any more", organization)
	}
	slices.SortFunc(found, func(a, b *v1alpha1.Organization) int {
		if a.DeletionTimestamp.IsZero() != b.DeletionTimestamp.IsZero() {
			if a.DeletionTimestamp.IsZero() {
				return -1
			}
			return 1
		}
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.UID, b.UID))
	})
	return found, nil
}

// cached returns the Organization objects in the cache that refer to an organization. They
// must not be changed.
func (w *Window) cached(ctx context.Context, organization string) (found []*v1alpha1.Organization, _ error) {
	var list v1alpha1.OrganizationList
	if err := w.Cache.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	for i := range list.Items {
		if w.organizationOf(&list.Items[i]) == organization {
			found = append(found, &list.Items[i])
		}
	}
	return found, nil
}

// limitsCreated reports whether any Organization object in the cache limits how many users are
// created.
func (w *Window) limitsCreated(ctx context.Context, organization string) (bool, error) {
	cached, err := w.cached(ctx, organization)
	return slices.ContainsFunc(cached, func(o *v1alpha1.Organization) bool { return o.Spec.Guard.Window.MaxCreated != nil }), err
}

func (w *Window) organizationOf(o *v1alpha1.Organization) string {
	if s, ok := w.Pool.Get(client.ObjectKeyFromObject(o)); ok && o.Status.OrganizationID == "" {
		return s.OrganizationID
	}
	return o.Status.OrganizationID
}

// shortage returns what there is no room for. It counts the organization's users only if their
// number matters.
func (c *counters) shortage(ctx context.Context, s *session.Session, want amount) (Shortage, error) {
	users, short := math.MaxInt32, Shortage{Created: want.created > 0 && !c.fitsCreated(want.created)}
	switch {
	case want.harmful == 0 || c.fitsHarm(want.harmful, 0):
	case !c.fitsHarm(want.harmful, users):
		short.Harmful = true
	default:
		var err error
		if users, err = s.Users.Count(ctx); err != nil {
			return Shortage{}, err
		}
		short.Harmful = !c.fitsHarm(want.harmful, users)
	}
	if short.Any() {
		short.RoomIn = c.roomIn(want, users)
	}
	return short, nil
}

// count writes an amount that is about to be sent.
func (c *counters) count(ctx context.Context, what amount) error {
	if what == (amount{}) {
		return nil
	}
	return c.countOver(ctx, harmed(c.organizations[0]), what, what)
}

// setAside takes out of the account an amount that was counted earlier and is to be counted
// now. It returns what the object that is written counts without that amount, and the part of
// the amount that the object does not count.
func (c *counters) setAside(what amount) (earlier []v1alpha1.HarmBucket, missing amount) {
	earlier, missing = subtract(tidy(harmed(c.organizations[0]), longest(c.windows), c.now), what)
	others := c.buckets[len(harmed(c.organizations[0])):]
	c.buckets = slices.Concat(earlier, others)
	return earlier, missing
}

// countOver writes an amount that is about to be sent, added to what was counted before and to
// what was not taken over yet. more is by how much the new count exceeds the stored one.
func (c *counters) countOver(ctx context.Context, before []v1alpha1.HarmBucket, what, more amount) error {
	first := c.organizations[0]
	buckets := slices.Clone(before)
	for _, uid := range c.deleted {
		buckets = append(buckets, c.memory.counted[uid]...)
	}
	token, version := rand.Text(), first.ResourceVersion
	if err := c.write(ctx, first, add(buckets, c.now.Late, what), token); err != nil {
		if unclear(err) {
			c.memory.unconfirmed = append(c.memory.unconfirmed, reservation{first.UID, version, token, more})
		}
		return err
	}
	for _, uid := range c.deleted {
		delete(c.memory.counted, uid)
	}
	return nil
}

// unclear reports whether a write that failed may have been made, or may still be made.
func unclear(err error) bool {
	var answer apierrors.APIStatus
	return !errors.As(err, &answer) || apierrors.IsTimeout(err) || apierrors.IsServerTimeout(err) || apierrors.IsInternalError(err) ||
		apierrors.IsUnexpectedServerError(err) || apierrors.IsServiceUnavailable(err)
}

// handOver adds what one object counts to another one, and removes it from the first. The
// token shows, after a crash or a lost answer in between, that the other object already has
// it.
func (c *counters) handOver(ctx context.Context, from, to *v1alpha1.Organization) error {
	token := "from-" + string(from.UID)
	if to.Status.Guard == nil || to.Status.Guard.LastWrite != token {
		if err := c.write(ctx, to, slices.Concat(harmed(to), harmed(from)), token); err != nil {
			return err
		}
	}
	return c.write(ctx, from, nil, "")
}

// giveBack takes back what was counted. A write whose answer was lost is not repeated: taking
// back twice would free room that another object's harm uses. At worst, too much stays counted
// for one window. The token detects a write that was stored although its answer was a
// conflict, as happens to a request that is repeated on the way.
func (c *counters) giveBack(ctx context.Context, back amount, token string) error {
	for _, o := range c.organizations {
		if back == (amount{}) || o.Status.Guard != nil && o.Status.Guard.LastWrite == token {
			return nil
		}
		left, missing := subtract(tidy(harmed(o), longest(c.windows), c.now), back)
		if missing == back {
			continue
		}
		if err := c.write(ctx, o, left, token); err != nil {
			if unclear(err) {
				return nil
			}
			return err
		}
		back = missing
	}
	return nil
}

// write stores the counters of one object, unless the object was written since it was read.
func (c *counters) write(ctx context.Context, o *v1alpha1.Organization, buckets []v1alpha1.HarmBucket, token string) error {
	written := o.DeepCopy()
	written.Status.Guard = &v1alpha1.GuardStatus{Harmed: tidy(buckets, longest(c.windows), c.now), LastWrite: token}
	if len(written.Status.Guard.Harmed) == 0 {
		written.Status.Guard = nil
	}
	if err := c.window.Update(ctx, written); err != nil {
		return err
	}
	o.ResourceVersion, o.Status.Guard = written.ResourceVersion, written.Status.Guard
	c.memory.counted[o.UID] = harmed(o)
	return nil
}

func harmed(o *v1alpha1.Organization) []v1alpha1.HarmBucket {
	if o.Status.Guard == nil {
		return nil
	}
	return o.Status.Guard.Harmed
}
