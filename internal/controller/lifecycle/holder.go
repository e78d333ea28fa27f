package lifecycle

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// finalizedField is the index of members that have the finalizer, by their
// Organization.
const finalizedField = "finalized.organizationRef"

// mostHeld is how many objects per kind Holding returns.
const mostHeld = 10

// Holder keeps the finalizer on an Organization as long as an object of it has
// one, so that objects that are deleted together with their Organization can
// still finish their work at JumpCloud. It writes nothing but that finalizer.
type Holder struct {
	client client.Client // reads from the cache
	kinds  []Member
}

// NewHolder returns a Holder for all kinds of the client's scheme that belong
// to an Organization. It is not registered anywhere yet: see SetupHolder.
func NewHolder(c client.Client) *Holder {
	h := &Holder{client: c}
	for _, kind := range c.Scheme().KnownTypes(v1alpha1.GroupVersion) {
		if member, ok := reflect.TypeAssert[Member](reflect.New(kind)); ok {
			h.kinds = append(h.kinds, member)
		}
	}
	slices.SortFunc(h.kinds, func(a, b Member) int { return strings.Compare(kindOf(a), kindOf(b)) })
	return h
}

// SetupHolder registers the Holder with the manager.
func SetupHolder(mgr manager.Manager, h *Holder) error {
	b := builder.ControllerManagedBy(mgr).
		Named("organizationfinalizer").
		For(&v1alpha1.Organization{}, builder.WithPredicates(finalizerChanged(deletionBegins)))
	for _, kind := range h.kinds {
		if err := (waker{client: h.client, object: kind}).index(mgr, finalizedField, finalizedOrganization); err != nil {
			return fmt.Errorf("index by Organization: %w", err)
		}
		b.Watches(kind, handler.EnqueueRequestsFromMapFunc(func(_ context.Context, object client.Object) []reconcile.Request {
			return []reconcile.Request{{NamespacedName: organizationKey(as[Member](object))}}
		}), builder.WithPredicates(finalizerChanged(nil)))
	}
	return b.Complete(h)
}

// Reconcile adds the finalizer to an Organization or takes it off.
func (h *Holder) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	organization := &v1alpha1.Organization{}
	if err := h.client.Get(ctx, request.NamespacedName, organization); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	held, err := h.holds(ctx, request.NamespacedName, 1)
	if err != nil {
		return reconcile.Result{}, err
	}
	patch := client.MergeFromWithOptions(organization.DeepCopy(), client.MergeFromWithOptimisticLock{})
	var changed bool
	switch {
	case len(held) == 0:
		changed = controllerutil.RemoveFinalizer(organization, v1alpha1.Finalizer)
	case organization.DeletionTimestamp.IsZero(): // the API server takes no new finalizer after that
		changed = controllerutil.AddFinalizer(organization, v1alpha1.Finalizer)
	}
	if !changed {
		return reconcile.Result{}, nil
	}
	err = h.client.Patch(ctx, organization, patch)
	if apierrors.IsConflict(err) {
		return requeue(staleCacheDelay, priorityActive), nil
	}
	return reconcile.Result{}, client.IgnoreNotFound(err)
}

// Holding returns the first objects that keep an Organization's finalizer on
// it, as kind and namespace/name.
func (h *Holder) Holding(ctx context.Context, organization types.NamespacedName) ([]string, error) {
	return h.holds(ctx, organization, mostHeld)
}

// holds returns at most so many objects of each kind that have the finalizer.
func (h *Holder) holds(ctx context.Context, organization types.NamespacedName, most int64) ([]string, error) {
	var names []string
	for _, kind := range h.kinds {
		list, err := newList(h.client.Scheme(), kind)
		if err == nil {
			err = h.client.List(ctx, list, client.MatchingFields{finalizedField: organization.String()},
				client.Limit(most), client.UnsafeDisableDeepCopy)
		}
		if err == nil {
			err = apimeta.EachListItem(list, func(item runtime.Object) error {
				names = append(names, kindOf(kind)+" "+client.ObjectKeyFromObject(as[client.Object](item)).String())
				return nil
			})
		}
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(names)
	return names, nil
}

// finalizedOrganization indexes members that have the finalizer.
func finalizedOrganization(object client.Object) []string {
	if !controllerutil.ContainsFinalizer(object, v1alpha1.Finalizer) {
		return nil
	}
	return []string{organizationKey(as[Member](object)).String()}
}

// finalizerChanged lets through that the finalizer of an object came or went,
// that the object was seen first or is gone, and what else is asked for.
func finalizerChanged(also func(event.UpdateEvent) bool) predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return controllerutil.ContainsFinalizer(e.ObjectOld, v1alpha1.Finalizer) != controllerutil.ContainsFinalizer(e.ObjectNew, v1alpha1.Finalizer) ||
			also != nil && also(e)
	}}
}

func deletionBegins(e event.UpdateEvent) bool {
	return e.ObjectOld.GetDeletionTimestamp().IsZero() != e.ObjectNew.GetDeletionTimestamp().IsZero()
}

func kindOf(object client.Object) string { return reflect.TypeOf(object).Elem().Name() }
