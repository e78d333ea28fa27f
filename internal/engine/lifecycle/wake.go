package lifecycle

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// wakes registers what wakes an object, besides the time that its last pass asked for: its
// creation, its deletion, a change of its generation or of one of our annotations, a change of
// an object that it refers to, and the sources of its kind. A Member also wakes when its
// Organization or the session of that changes, when somebody else wrote its status, when the
// labels of its namespace change, when a PlanApproval for it appears or goes, when its
// Organization releases its plan or withdraws that, and when the guard's window has room again
// that it waits for. If the actuator is a Contender, an object also wakes when another one
// with a key in common changes in a way that may decide who owns the key.
func wakes[T Object](mgr manager.Manager, b *builder.Builder, reconciler *Reconciler[T], actuator Actuator[T], o *Options[T]) error {
	object := newObject[T]()
	w := waker{client: mgr.GetClient(), object: object}
	if contender, ok := actuator.(Contender[T]); ok {
		w.identityKeys = func(object client.Object) []string { return contender.IdentityKeys(as[T](object)) }
		if err := watchIdentityKeys(mgr, b, w, contender); err != nil {
			return err
		}
	}
	for _, reference := range o.References {
		if err := watchReference(mgr, b, w, reference); err != nil {
			return err
		}
	}
	if _, ok := any(object).(Member); ok {
		b.Watches(newObject[T](), delayed(), builder.WithPredicates(reconciler.known.overwritten()))
		if err := watchOrganization(mgr, b, w, o.Pool); err != nil {
			return err
		}
		if len(o.WatchNamespaces) == 0 {
			b.WatchesMetadata(&corev1.Namespace{}, waking(w.inNamespace), builder.WithPredicates(predicate.LabelChangedPredicate{}, afterStart()))
		}
	}
	for _, src := range o.Sources {
		b.WatchesRawSource(src)
	}
	return nil
}

// watchReference indexes objects by the names that they refer to, and wakes them by that
// index.
func watchReference[T Object](mgr manager.Manager, b *builder.Builder, w waker, reference Reference[T]) error {
	gvk, err := mgr.GetClient().GroupVersionKindFor(reference.Object)
	if err != nil {
		return err
	}
	field := "reference." + gvk.GroupKind().String()
	err = w.index(mgr.GetFieldIndexer(), field, func(object client.Object) []string {
		var keys []string
		for _, name := range reference.Names(as[T](object)) {
			keys = append(keys, types.NamespacedName{Namespace: object.GetNamespace(), Name: name}.String())
		}
		return keys
	})
	if err != nil {
		return fmt.Errorf("index by %s: %w", gvk.Kind, err)
	}
	changed := builder.WithPredicates(predicate.ResourceVersionChangedPredicate{})
	if reference.Whole {
		b.Watches(reference.Object, waking(w.naming(field)), changed)
	} else {
		b.WatchesMetadata(reference.Object, waking(w.naming(field)), changed)
	}
	return nil
}

// watchIdentityKeys indexes objects by their identity keys, and wakes those that may wait for
// what another one stands for.
func watchIdentityKeys[T Object](mgr manager.Manager, b *builder.Builder, w waker, contender Contender[T]) error {
	if err := w.indexIdentityKeys(mgr.GetFieldIndexer()); err != nil {
		return fmt.Errorf("index by identity keys: %w", err)
	}
	b.Watches(newObject[T](), waking(w.rivals), builder.WithPredicates(contentionChanged(contender)))
	return nil
}

// watchOrganization wakes the members of an Organization.
func watchOrganization(mgr manager.Manager, b *builder.Builder, w waker, pool *session.Pool) error {
	if err := w.indexMembers(mgr.GetFieldIndexer()); err != nil {
		return err
	}
	gvk, err := w.client.GroupVersionKindFor(w.object)
	if err != nil {
		return err
	}
	b.WatchesRawSource(w.onSession(pool))
	for _, on := range []struct {
		change predicate.Predicate
		find   finder
	}{
		{organizationChanged(), w.members},
		{releaseChanged(), w.naming(ConcernedField)},
		{roomChanged(), w.ofOrganizations(roomField)},
	} {
		b.Watches(&v1alpha1.Organization{}, waking(on.find), builder.WithPredicates(on.change, afterStart()))
	}
	b.Watches(&v1alpha1.PlanApproval{}, approved(gvk.Kind), builder.WithPredicates(comesOrGoes()))
	return nil
}
