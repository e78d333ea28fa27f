package lifecycle

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// relevant lets through what an object's own watch should wake it for: all
// but changes of status, labels and foreign annotations.
func relevant() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		if e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() ||
			e.ObjectOld.GetDeletionTimestamp().IsZero() != e.ObjectNew.GetDeletionTimestamp().IsZero() {
			return true
		}
		for _, annotation := range []string{
			v1alpha1.PausedAnnotation, v1alpha1.ReconcileRequestedAtAnnotation, v1alpha1.AbandonAnnotation,
			v1alpha1.ResolveSubmissionAnnotation, v1alpha1.AllowEmptyAnnotation, v1alpha1.AdoptAnnotation,
		} {
			if e.ObjectOld.GetAnnotations()[annotation] != e.ObjectNew.GetAnnotations()[annotation] {
				return true
			}
		}
		return false
	}}
}

// organizationChanged lets through what members of an Organization care about
// besides its session: its spec, and whether it is ready or why not.
func organizationChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, after := as[*v1alpha1.Organization](e.ObjectOld), as[*v1alpha1.Organization](e.ObjectNew)
		was, is := find(before.Common(), v1alpha1.ReadyCondition), find(after.Common(), v1alpha1.ReadyCondition)
		return before.Generation != after.Generation || was.Status != is.Status || was.Reason != is.Reason
	}}
}

// releaseChanged lets through that an Organization released plans, or does so no
// more.
func releaseChanged() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, after := as[*v1alpha1.Organization](e.ObjectOld), as[*v1alpha1.Organization](e.ObjectNew)
			return !equality.Semantic.DeepEqual(before.Status.Released, after.Status.Released)
		},
		DeleteFunc:  func(event.DeleteEvent) bool { return false },
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}

// roomChanged lets through that there may be more room in the guard's window than
// there was: something was given back, or a limit is another one or gone. What the
// window forgets in time has no event: see Pass.Reserve.
func roomChanged() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, after := as[*v1alpha1.Organization](e.ObjectOld), as[*v1alpha1.Organization](e.ObjectNew)
			return guard.GaveBack(before.Status.Guard, after.Status.Guard) ||
				!equality.Semantic.DeepEqual(before.Spec.Guard.Window, after.Spec.Guard.Window)
		},
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}

// comesOrGoes lets through that an object is there, is being deleted, or is gone.
func comesOrGoes() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return e.ObjectOld.GetDeletionTimestamp().IsZero() != e.ObjectNew.GetDeletionTimestamp().IsZero()
	}}
}

// approved wakes the object of that kind that a PlanApproval names.
func approved(kind string) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(_ context.Context, changed client.Object) []reconcile.Request {
		reference := as[*v1alpha1.PlanApproval](changed).Spec.ObjectRef
		if string(reference.Kind) != kind {
			return nil
		}
		return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: changed.GetNamespace(), Name: reference.Name}}}
	})
}

// contentionChanged lets through what those who share a key of an object's care
// about: that it comes or goes, its identity keys, and its spec. A new
// object may come before one that is there: objects of the same second are
// ordered by their UID. Those of the initial list wake anyway.
func contentionChanged[T Object](contender Contender[T]) predicate.Predicate {
	return predicate.Funcs{
		CreateFunc:  func(e event.CreateEvent) bool { return !e.IsInInitialList },
		GenericFunc: func(event.GenericEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, after := as[T](e.ObjectOld), as[T](e.ObjectNew)
			return before.GetGeneration() != after.GetGeneration() ||
				before.GetDeletionTimestamp().IsZero() != after.GetDeletionTimestamp().IsZero() ||
				!after.GetDeletionTimestamp().IsZero() && !slices.Equal(before.GetFinalizers(), after.GetFinalizers()) ||
				!slices.Equal(contender.IdentityKeys(before), contender.IdentityKeys(after)) ||
				!slices.Equal(contender.HeldKeys(before), contender.HeldKeys(after))
		},
	}
}

// waker finds the objects of one kind that an event is about.
type waker struct {
	client client.Client // reads from the cache
	object client.Object
	// keys are those of a Contender; nil: the kind has none.
	identityKeys client.IndexerFunc
}

// index makes objects of the kind findable by a field.
func (w waker) index(mgr manager.Manager, field string, values client.IndexerFunc) error {
	ctx := context.Background() //nolint:forbidigo // an index is registered before there is anything to wait for
	return mgr.GetFieldIndexer().IndexField(ctx, w.object, field, values)
}

// naming wakes the objects whose field holds the changed object's namespace and name.
func (w waker) naming(field string) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, changed client.Object) []reconcile.Request {
		return w.requests(ctx, client.MatchingFields{field: client.ObjectKeyFromObject(changed).String()})
	})
}

// concerned wakes the members of the changed Organization to which it matters
// what it released.
func (w waker) concerned(field string) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, changed client.Object) []reconcile.Request {
		var requests []reconcile.Request
		w.each(ctx, client.MatchingFields{field: client.ObjectKeyFromObject(changed).String()}, func(object client.Object) {
			if plan := approval.PlanOf(object); plan.Concerned() {
				requests = append(requests, requestOf(object))
			}
		})
		return requests
	})
}

// waitingForRoom wakes the objects that wait for room in the window that the
// changed Organization counts in. It is that of all Organizations which lead to the
// same organization.
func (w waker) waitingForRoom(field string) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, changed client.Object) []reconcile.Request {
		var all v1alpha1.OrganizationList
		if err := w.client.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
			log.FromContext(ctx).Error(err, "Could not find the Organizations of a window")
		}
		var requests []reconcile.Request
		for i := range all.Items {
			o := &all.Items[i]
			if o.Status.OrganizationID != as[*v1alpha1.Organization](changed).Status.OrganizationID {
				continue
			}
			w.each(ctx, client.MatchingFields{field: client.ObjectKeyFromObject(o).String()}, func(object client.Object) {
				if waitsForRoom(as[Object](object)) {
					requests = append(requests, requestOf(object))
				}
			})
		}
		return requests
	})
}

// waitsForRoom reports whether an object waits for room in the window, and for
// nothing else: one that is tried again has its own time for that.
func waitsForRoom(object Object) bool {
	return approval.PlanOf(object).WithheldBy == v1alpha1.WithheldByWindow &&
		apimeta.IsStatusConditionTrue(object.Common().Conditions, v1alpha1.StalledCondition)
}

// rivals wakes the objects that have a key in common with the changed one.
func (w waker) rivals() handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, changed client.Object) []reconcile.Request {
		return slices.DeleteFunc(w.rivalsOf(ctx, changed), func(request reconcile.Request) bool {
			return request.NamespacedName == client.ObjectKeyFromObject(changed)
		})
	})
}

// inNamespace wakes the objects in the changed namespace, and those who may wait
// for what these stand for.
func (w waker) inNamespace() handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, changed client.Object) []reconcile.Request {
		return w.withRivals(ctx, client.InNamespace(changed.GetName()))
	})
}

// ofOrganization wakes the members of the changed Organization, and those who
// may wait for what these stand for: they may be another one's.
func (w waker) ofOrganization(field string) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, changed client.Object) []reconcile.Request {
		return w.withRivals(ctx, client.MatchingFields{field: client.ObjectKeyFromObject(changed).String()})
	})
}

// onSession wakes the members of an Organization whose session changed.
func (w waker) onSession(field string, pool *session.Pool) source.Source {
	return source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		pool.Subscribe(ctx, func(e session.Event) {
			for _, request := range w.requests(ctx, client.MatchingFields{field: e.Organization.String()}) {
				queue.Add(request)
			}
		})
		return nil
	})
}

func (w waker) requests(ctx context.Context, which client.ListOption) []reconcile.Request {
	var requests []reconcile.Request
	w.each(ctx, which, func(object client.Object) { requests = append(requests, requestOf(object)) })
	return requests
}

// withRivals are the requests for some objects, and for all that have a key in
// common with one of them.
func (w waker) withRivals(ctx context.Context, which client.ListOption) []reconcile.Request {
	all := sets.New[reconcile.Request]()
	w.each(ctx, which, func(object client.Object) { all.Insert(requestOf(object)).Insert(w.rivalsOf(ctx, object)...) })
	return all.UnsortedList()
}

func (w waker) rivalsOf(ctx context.Context, object client.Object) []reconcile.Request {
	if w.identityKeys == nil {
		return nil
	}
	var requests []reconcile.Request
	for _, key := range w.identityKeys(object) {
		requests = append(requests, w.requests(ctx, client.MatchingFields{IdentityKeysField: key})...)
	}
	return requests
}

func requestOf(object client.Object) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetName()}}
}

// each visits the objects that an event is about.
func (w waker) each(ctx context.Context, which client.ListOption, visit func(client.Object)) {
	list, err := newList(w.client.Scheme(), w.object)
	if err == nil {
		err = w.client.List(ctx, list, which, client.UnsafeDisableDeepCopy)
	}
	if err == nil {
		err = apimeta.EachListItem(list, func(item runtime.Object) error {
			visit(as[client.Object](item))
			return nil
		})
	}
	if err != nil {
		// The resync wakes the objects.
		log.FromContext(ctx).Error(err, "Could not find the objects that an event is about")
	}
}

func newList(scheme *runtime.Scheme, object client.Object) (client.ObjectList, error) {
	gvk, err := apiutil.GVKForObject(object, scheme)
	if err != nil {
		return nil, err
	}
	list, err := scheme.New(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
	if err != nil {
		return nil, err
	}
	return as[client.ObjectList](list), nil
}
