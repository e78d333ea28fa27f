package lifecycle

import (
	"context"
	"slices"

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
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

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

// finder finds the objects that a change of another object wakes. Before and after are the
// same for an object that appears or goes.
type finder func(ctx context.Context, before, after client.Object, wake func(client.Object))

// waking wakes what a finder finds, with one search for each event.
func waking(find finder) handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	look := func(ctx context.Context, before, after client.Object, q queue) {
		find(ctx, before, after, func(object client.Object) { q.Add(requestOf(object)) })
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, q queue) { look(ctx, e.Object, e.Object, q) },
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) { look(ctx, e.ObjectOld, e.ObjectNew, q) },
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q queue) { look(ctx, e.Object, e.Object, q) },
	}
}

// waker finds the objects of one kind that an event concerns. There may be ten thousand, and
// each list is a copy: it lists only those that it wakes, and others only if they may be
// rivals.
type waker struct {
	client client.Client // reads from the cache
	object client.Object
	// identityKeys are those of a Contender; nil: the kind has none.
	identityKeys client.IndexerFunc
}

// index indexes the objects of the kind by a field.
func (w waker) index(indexer client.FieldIndexer, field string, values client.IndexerFunc) error {
	ctx := context.Background() //nolint:forbidigo // an index is registered before there is anything to wait for
	return indexer.IndexField(ctx, w.object, field, values)
}

// indexIdentityKeys indexes the objects by their identity keys.
func (w waker) indexIdentityKeys(indexer client.FieldIndexer) error {
	return w.index(indexer, IdentityKeysField, func(object client.Object) []string { return IdentityBuckets(w.identityKeys(object)) })
}

// naming finds the objects whose field holds the changed object's namespace and name.
func (w waker) naming(field string) finder {
	return func(ctx context.Context, _, changed client.Object, wake func(client.Object)) {
		w.each(ctx, client.MatchingFields{field: client.ObjectKeyFromObject(changed).String()}, wake)
	}
}

// ofOrganizations finds the objects whose field holds the changed Organization, or one that
// connects to the same organization.
func (w waker) ofOrganizations(field string) finder {
	return func(ctx context.Context, _, changed client.Object, wake func(client.Object)) {
		w.each(ctx, client.MatchingFields{field: client.ObjectKeyFromObject(changed).String()}, wake)
		for _, twin := range w.twins(ctx, changed, changed) {
			w.each(ctx, client.MatchingFields{field: client.ObjectKeyFromObject(twin).String()}, wake)
		}
	}
}

// members finds the members of the changed Organization, and objects that may wait for what
// these stand for: members of another Organization that connects to the same organization, or
// to the one before.
func (w waker) members(ctx context.Context, before, after client.Object, wake func(client.Object)) {
	var members, others []client.Object
	w.each(ctx, client.MatchingFields{organizationField: client.ObjectKeyFromObject(after).String()}, func(object client.Object) {
		wake(object)
		members = append(members, object)
	})
	if w.identityKeys == nil {
		return
	}
	for _, twin := range w.twins(ctx, before, after) {
		w.each(ctx, client.MatchingFields{organizationField: client.ObjectKeyFromObject(twin).String()}, func(object client.Object) {
			others = append(others, object)
		})
	}
	w.rivalsAmong(others, members, wake)
}

// inNamespace finds the objects in the changed namespace, and those that may wait for what
// these stand for.
func (w waker) inNamespace(ctx context.Context, _, changed client.Object, wake func(client.Object)) {
	var inside, outside []client.Object
	w.each(ctx, client.InNamespace(changed.GetName()), func(object client.Object) {
		wake(object)
		inside = append(inside, object)
	})
	if w.identityKeys == nil || len(inside) == 0 {
		return
	}
	w.each(ctx, &client.ListOptions{}, func(object client.Object) {
		if object.GetNamespace() != changed.GetName() {
			outside = append(outside, object)
		}
	})
	w.rivalsAmong(outside, inside, wake)
}

// twins returns the other Organizations that connect to the same organization as an
// Organization does, or did before.
func (w waker) twins(ctx context.Context, before, after client.Object) []*v1alpha1.Organization {
	was, is := as[*v1alpha1.Organization](before), as[*v1alpha1.Organization](after)
	all, err := twinsOf(ctx, w.client, is)
	if err == nil && was.Status.OrganizationID != is.Status.OrganizationID {
		var former []*v1alpha1.Organization
		former, err = twinsOf(ctx, w.client, was)
		all = append(all, former...)
	}
	if err != nil {
		log.FromContext(ctx).Error(err, "Could not find the Organizations that lead to one organization")
	}
	return all
}

// rivalsAmong finds those in some that have a key in common with one in others.
func (w waker) rivalsAmong(some, others []client.Object, wake func(client.Object)) {
	if len(some) == 0 {
		return
	}
	keys := sets.New[string]()
	for _, object := range others {
		keys.Insert(w.identityKeys(object)...)
	}
	for _, object := range some {
		if slices.ContainsFunc(w.identityKeys(object), keys.Has) {
			wake(object)
		}
	}
}

// rivals finds the objects that have a key in common with the changed one, or had.
func (w waker) rivals(ctx context.Context, before, after client.Object, wake func(client.Object)) {
	keys := w.identityKeys(after)
	if before != after {
		keys = append(keys, w.identityKeys(before)...)
	}
	for key := range sets.New(keys...) {
		w.each(ctx, inBucketOf(key), func(object client.Object) {
			if requestOf(object) != requestOf(after) && slices.Contains(w.identityKeys(object), key) {
				wake(object)
			}
		})
	}
}

// onSession wakes the members of an Organization whose session changed.
func (w waker) onSession(pool *session.Pool) source.Source {
	return source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		pool.Subscribe(ctx, func(e session.Event) {
			w.each(ctx, client.MatchingFields{organizationField: e.Organization.String()}, func(object client.Object) {
				queue.Add(requestOf(object))
			})
		})
		return nil
	})
}

func requestOf(object client.Object) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetName()}}
}

// each visits the objects that an event concerns.
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
