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
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
)

// finalizedField is the index, by Organization, of members that have the finalizer.
const finalizedField = "finalized.organizationRef"

// mostHeld is how many objects of each kind Holding returns.
const mostHeld = 10

// OrganizationFinalizer keeps the finalizer on an Organization in two cases: as long as one of
// its objects has one, so that objects that are deleted together with their Organization can
// finish their work at JumpCloud; and as long as its counts in the guard's window are needed
// by another Organization once this one is gone. It writes that finalizer, and hands over the
// counts.
type OrganizationFinalizer struct {
	client  client.Client // reads from the cache
	window  *guard.Window
	schemas *Schemas
	kinds   []Member
}

// NewOrganizationFinalizer returns an OrganizationFinalizer for all kinds of the client's
// scheme that belong to an Organization. It is not registered anywhere yet: see
// SetupOrganizationFinalizer.
func NewOrganizationFinalizer(c client.Client, window *guard.Window, schemas *Schemas) *OrganizationFinalizer {
	h := &OrganizationFinalizer{client: c, window: window, schemas: schemas}
	for _, kind := range c.Scheme().KnownTypes(v1alpha1.GroupVersion) {
		if member, ok := reflect.TypeAssert[Member](reflect.New(kind)); ok {
			h.kinds = append(h.kinds, member)
		}
	}
	slices.SortFunc(h.kinds, func(a, b Member) int { return strings.Compare(kindOf(a), kindOf(b)) })
	return h
}

// SetupOrganizationFinalizer registers an OrganizationFinalizer with the manager.
func SetupOrganizationFinalizer(mgr manager.Manager, h *OrganizationFinalizer) error {
	b := builder.ControllerManagedBy(mgr).
		Named("organizationfinalizer").
		For(&v1alpha1.Organization{}, builder.WithPredicates(finalizerChanged(deletionBegins))).
		Watches(&v1alpha1.Organization{}, handler.EnqueueRequestsFromMapFunc(h.twins), builder.WithPredicates(countingChanged()))
	for _, kind := range h.kinds {
		if err := (waker{client: h.client, object: kind}).index(mgr.GetFieldIndexer(), finalizedField, finalizedOrganization); err != nil {
			return fmt.Errorf("index by Organization: %w", err)
		}
		b.Watches(kind, handler.EnqueueRequestsFromMapFunc(func(_ context.Context, object client.Object) []reconcile.Request {
			return []reconcile.Request{{NamespacedName: organizationKey(as[Member](object))}}
		}), builder.WithPredicates(finalizerChanged(nil)))
	}
	return b.Complete(h)
}

// Reconcile adds the finalizer to an Organization or removes it.
func (h *OrganizationFinalizer) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	organization := &v1alpha1.Organization{}
	if err := h.client.Get(ctx, request.NamespacedName, organization); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	held, err := h.keeps(ctx, organization)
	if err != nil {
		return reconcile.Result{}, err
	}
	patch := client.MergeFromWithOptions(organization.DeepCopy(), client.MergeFromWithOptimisticLock{})
	var changed bool
	switch {
	case !held:
		changed = controllerutil.RemoveFinalizer(organization, v1alpha1.Finalizer)
	case organization.DeletionTimestamp.IsZero(): // the API server takes no new finalizer after that
		changed = controllerutil.AddFinalizer(organization, v1alpha1.Finalizer)
	}
	if !changed {
		return reconcile.Result{}, nil
	}
	// The precondition also ensures that nothing was counted since.
	err = h.client.Patch(ctx, organization, patch)
	if apierrors.IsConflict(err) {
		return requeue(staleCacheDelay, priorityActive), nil
	}
	return reconcile.Result{}, client.IgnoreNotFound(err)
}

// keeps reports whether an Organization must not go yet. If it is being deleted and no object
// needs it any more, keeps hands over its counts.
func (h *OrganizationFinalizer) keeps(ctx context.Context, organization *v1alpha1.Organization) (bool, error) {
	held, err := h.holds(ctx, client.ObjectKeyFromObject(organization), 1)
	switch {
	case err != nil || len(held) > 0:
		return true, err
	case organization.DeletionTimestamp.IsZero():
		return h.counts(ctx, organization)
	default:
		return h.HandOver(ctx, organization)
	}
}

// counts reports whether an Organization has counts that another one needs: one that connects
// to the same organization and is not being deleted.
func (h *OrganizationFinalizer) counts(ctx context.Context, organization *v1alpha1.Organization) (bool, error) {
	if !guard.Counts(organization) {
		return false, nil
	}
	twins, err := twinsOf(ctx, h.client, organization)
	return slices.ContainsFunc(twins, func(o *v1alpha1.Organization) bool { return o.DeletionTimestamp.IsZero() }), err
}

// HandOver gives the counts of an Organization that is being deleted to another one, and
// reports whether there were any. If the CRD is older than this operator, it gives nothing.
func (h *OrganizationFinalizer) HandOver(ctx context.Context, organization *v1alpha1.Organization) (given bool, err error) {
	counts, err := h.counts(ctx, organization)
	if err == nil && counts {
		err = h.keepsCounts(ctx, organization)
	}
	if err == nil {
		given, err = h.window.HandOver(ctx, organization)
	}
	return given, h.schemas.Note(err)
}

// keepsCounts fails, by a dry run, if the CRD does not keep all that a window writes. If the
// name of the write were lost, the same counts would be given again.
func (h *OrganizationFinalizer) keepsCounts(ctx context.Context, organization *v1alpha1.Organization) error {
	tried := organization.DeepCopy()
	tried.Status.Guard.LastWrite = "tried"
	return UpdateStatus(ctx, h.client, tried, client.DryRunAll)
}

// twins returns the requests for the other Organizations that connect to the same
// organization, and for the changed one.
func (h *OrganizationFinalizer) twins(ctx context.Context, changed client.Object) []reconcile.Request {
	twins, err := twinsOf(ctx, h.client, as[*v1alpha1.Organization](changed))
	if err != nil {
		log.FromContext(ctx).Error(err, "Could not find the Organizations of a window")
	}
	requests := []reconcile.Request{requestOf(changed)}
	for _, o := range twins {
		requests = append(requests, requestOf(o))
	}
	return requests
}

// twinsOf returns the other Organizations that connect to the same organization.
func twinsOf(ctx context.Context, reader client.Reader, organization *v1alpha1.Organization) ([]*v1alpha1.Organization, error) {
	id := organization.Status.OrganizationID
	if id == "" {
		return nil, nil
	}
	var list v1alpha1.OrganizationList
	if err := reader.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	var twins []*v1alpha1.Organization
	for i := range list.Items {
		if o := &list.Items[i]; o.Status.OrganizationID == id && o.UID != organization.UID {
			twins = append(twins, o)
		}
	}
	return twins, nil
}

// Holding returns the first objects that keep the finalizer on an Organization, as kind and
// namespace/name.
func (h *OrganizationFinalizer) Holding(ctx context.Context, organization types.NamespacedName) ([]string, error) {
	return h.holds(ctx, organization, mostHeld)
}

// holds returns at most that many objects of each kind that have the finalizer.
func (h *OrganizationFinalizer) holds(ctx context.Context, organization types.NamespacedName, most int64) ([]string, error) {
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

// finalizerChanged lets through the first event and the deletion of an object, updates that
// add or remove the finalizer, and updates for which also returns true.
func finalizerChanged(also func(event.UpdateEvent) bool) predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return controllerutil.ContainsFinalizer(e.ObjectOld, v1alpha1.Finalizer) != controllerutil.ContainsFinalizer(e.ObjectNew, v1alpha1.Finalizer) ||
			also != nil && also(e)
	}}
}

// countingChanged lets through that an Organization appears or goes, begins or stops counting,
// or connects to another organization.
func countingChanged() predicate.Predicate {
	return predicate.Funcs{
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, after := as[*v1alpha1.Organization](e.ObjectOld), as[*v1alpha1.Organization](e.ObjectNew)
			return before.Status.OrganizationID != after.Status.OrganizationID || guard.Counts(before) != guard.Counts(after) || deletionBegins(e)
		},
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}

func deletionBegins(e event.UpdateEvent) bool {
	return e.ObjectOld.GetDeletionTimestamp().IsZero() != e.ObjectNew.GetDeletionTimestamp().IsZero()
}

func kindOf(object client.Object) string { return reflect.TypeOf(object).Elem().Name() }
