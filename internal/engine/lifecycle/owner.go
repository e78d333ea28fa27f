package lifecycle

import (
	"context"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Contender is an Actuator whose objects stand for things at JumpCloud, each of which has one
// owner.
type Contender[T Object] interface {
	// IdentityKeys are the keys of what an object stands for within its organization, from
	// spec and status alone.
	IdentityKeys(object T) []string
	// HeldKeys are those of the keys that the status proves: it has the id of what they name,
	// or announces it.
	HeldKeys(object T) []string
	// PlansOnly reports whether the object's own mode is Plan.
	PlansOnly(object T) bool
}

// Contenders returns the other objects of the kind, in all watched namespaces, that have any
// of the keys within the same organization of JumpCloud and may act on it: they are admitted,
// and not in mode Plan. They are the cache's own and must not be changed. The kind must be a
// Contender.
func (p *Pass[T]) Contenders(ctx context.Context, keys []string) ([]T, error) {
	return p.shell.contenders(ctx, p, keys)
}

// Owner returns an object that comes before the pass's own for one of the keys, and that key;
// "": there is none. An object that holds the key comes first, according to the status before
// the pass; then one in the Organization's namespace; then the older one. An object in mode
// Plan comes last. An object that has lost another one of its keys stands in the way only with
// keys that it holds. The owner is the cache's own and must not be changed. The kind must be a
// Contender.
func (p *Pass[T]) Owner(ctx context.Context, keys []string) (owner T, key string, err error) {
	return p.shell.owner(ctx, p, keys)
}

func (r *Reconciler[T]) contenders(ctx context.Context, pass *Pass[T], keys []string) ([]T, error) {
	c := r.ownership(pass)
	var all []T
	seen := map[types.UID]bool{pass.Object.GetUID(): true}
	for _, key := range keys {
		others, err := c.sharing(ctx, key)
		if err != nil {
			return nil, err
		}
		for _, other := range others {
			if !seen[other.GetUID()] {
				all = append(all, other)
			}
			seen[other.GetUID()] = true
		}
	}
	return all, nil
}

func (r *Reconciler[T]) owner(ctx context.Context, pass *Pass[T], keys []string) (owner T, key string, err error) {
	c := r.ownership(pass)
	for _, key := range keys {
		owner, found, err := c.ahead(ctx, pass.stored, key)
		if found || err != nil {
			return owner, key, err
		}
	}
	return owner, "", nil
}

// ownership determines who owns what, for one object.
type ownership[T Object] struct {
	*Reconciler[T]
	contender    Contender[T]
	organization string
	// planning is set if the object may change nothing: all others come first.
	planning bool
	self     types.UID
	// contending says which objects contend, and losers which have lost a key, of those that
	// were checked.
	contending, losers map[types.UID]bool
}

func (r *Reconciler[T]) ownership(pass *Pass[T]) *ownership[T] {
	contender := as[Contender[T]](r.actuator)
	organizationPlans := pass.Session != nil && plansOnly(&pass.Session.Spec)
	return &ownership[T]{
		Reconciler: r, contender: contender, organization: pass.Object.Common().OrganizationID,
		planning: contender.PlansOnly(pass.Object) || organizationPlans, self: pass.Object.GetUID(),
		contending: map[types.UID]bool{}, losers: map[types.UID]bool{},
	}
}

// ahead returns an object that comes before the given one for the key. The recursion through
// objects that do not hold their keys ends, because each ranks before the previous one.
func (c *ownership[T]) ahead(ctx context.Context, object T, key string) (owner T, found bool, err error) {
	others, err := c.sharing(ctx, key)
	if err != nil {
		return owner, false, err
	}
	planning := c.planning && object.GetUID() == c.self
	holds := slices.Contains(c.contender.HeldKeys(object), key)
	for _, other := range others {
		otherHolds := slices.Contains(c.contender.HeldKeys(other), key)
		precedes := otherHolds && !holds || otherHolds == holds && RanksBefore(other, object)
		if other.GetUID() == object.GetUID() || !precedes && !planning {
			continue
		}
		lost := false
		if !otherHolds && precedes {
			if lost, err = c.lost(ctx, other); err != nil {
				return owner, false, err
			}
		}
		if !lost {
			return other, true, nil
		}
	}
	return owner, false, nil
}

// lost reports whether another object owns one of the keys of this one, so that this one sends
// nothing.
func (c *ownership[T]) lost(ctx context.Context, object T) (bool, error) {
	if lost, known := c.losers[object.GetUID()]; known {
		return lost, nil
	}
	lost := false
	for _, key := range c.contender.IdentityKeys(object) {
		_, found, err := c.ahead(ctx, object, key)
		if err != nil {
			return false, err
		}
		lost = lost || found
	}
	c.losers[object.GetUID()] = lost
	return lost, nil
}

// sharing returns the objects that contend for a key, including the object of the pass, by
// rank.
func (c *ownership[T]) sharing(ctx context.Context, key string) ([]T, error) {
	if c.organization == "" {
		return nil, nil
	}
	list, err := newList(c.Client.Scheme(), newObject[T]())
	if err != nil {
		return nil, err
	}
	if err := c.Client.List(ctx, list, inBucketOf(key), client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	var all []T
	err = apimeta.EachListItem(list, func(item runtime.Object) error {
		other := as[T](item)
		if !slices.Contains(c.contender.IdentityKeys(other), key) {
			return nil
		}
		contends, known := c.contending[other.GetUID()]
		if !known {
			contends, err = c.contends(ctx, other)
			if err != nil {
				return err
			}
			c.contending[other.GetUID()] = contends
		}
		if contends {
			all = append(all, other)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b T) int {
		if RanksBefore(a, b) {
			return -1
		}
		return 1
	})
	return all, err
}

// contends reports whether an object may act on its identity keys within the organization: it
// is admitted, not in mode Plan, and does not merely wait for other finalizers. While its
// Organization does not exist, it keeps what it holds.
func (c *ownership[T]) contends(ctx context.Context, object T) (bool, error) {
	deleting := !object.GetDeletionTimestamp().IsZero()
	switch {
	case c.organizationOf(object) != c.organization, c.contender.PlansOnly(object):
		return false, nil
	case deleting && !controllerutil.ContainsFinalizer(object, v1alpha1.Finalizer):
		return false, nil
	}
	standing, err := c.admission().Of(ctx, as[Member](object))
	if standing.Orphaned && len(c.contender.HeldKeys(object)) == 0 {
		return false, err
	}
	return standing.Admitted && !standing.PlansOnly, err
}

// RanksBefore orders objects that hold the same: those in the namespace of their Organization
// come first, then the older.
func RanksBefore(a, b client.Object) bool {
	if home := atHome(a); home != atHome(b) {
		return home
	}
	return isOlder(a, b)
}

// atHome reports whether an object lives in the namespace of its Organization.
func atHome(object client.Object) bool {
	return organizationKey(as[Member](object)).Namespace == object.GetNamespace()
}

// isOlder orders objects by age, and those of the same second by UID.
func isOlder(a, b client.Object) bool {
	at, bt := a.GetCreationTimestamp(), b.GetCreationTimestamp()
	if at.Equal(&bt) {
		return a.GetUID() < b.GetUID()
	}
	return at.Before(&bt)
}

// organizationOf returns the id of the organization that an object belongs to, or will belong
// to once it is reconciled; "" if that is unknown, or its Organization connects to another one
// meanwhile.
func (r *Reconciler[T]) organizationOf(object T) string {
	recorded := object.Common().OrganizationID
	s, ok := r.Pool.Get(organizationKey(as[Member](object)))
	switch {
	case !ok:
		return recorded
	case recorded != "" && recorded != s.OrganizationID:
		return ""
	default:
		return s.OrganizationID
	}
}
