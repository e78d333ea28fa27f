package lifecycle

import (
	"context"
	"errors"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

func (r *Reconciler[T]) save(ctx context.Context, pass *Pass[T], outcome Outcome) error {
	if err := r.Schemas.known(kindFor[T]()); err != nil {
		return err
	}
	return r.write(ctx, pass, r.classify(ctx, pass, outcome), ifChanged)
}

func (r *Reconciler[T]) commitStatus(ctx context.Context, pass *Pass[T], outcome Outcome) error {
	if err := r.Schemas.known(kindFor[T]()); err != nil {
		return err
	}
	return r.write(ctx, pass, r.classify(ctx, pass, outcome), always)
}

// when says whether to send a status that equals the stored one. The API server changes
// nothing then, but it checks the precondition.
type when bool

const (
	ifChanged when = false
	always    when = true
)

// write stores the status with the conditions of the outcome, unless it equals what is stored.
// The precondition is the version that the pass read or wrote last: of two leaders, or of a
// pass on an old copy, only one can win. If the CRD does not keep all of it, write fails with
// an *OutdatedError, unless that is what the outcome reports.
func (r *Reconciler[T]) write(ctx context.Context, pass *Pass[T], outcome Outcome, when when) error {
	status, generation := pass.Object.Common(), pass.Object.GetGeneration()
	if pass.Paused {
		setPaused(status, generation, outcome)
	} else {
		apimeta.RemoveStatusCondition(&status.Conditions, v1alpha1.PausedCondition)
		setConditions(status, generation, outcome)
	}
	if when == ifChanged && equality.Semantic.DeepEqual(pass.stored, pass.Object) {
		return nil
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	written := copyOf(pass.Object)
	end := r.known.writing(pass.Object)
	defer end()
	err := UpdateStatus(ctx, r.Client, written)
	if found := outdated(err); found != nil {
		r.Schemas.found(found)
	} else if err != nil {
		return err
	}
	before := pass.stored.Common()
	pass.Object.SetResourceVersion(written.GetResourceVersion())
	pass.stored = copyOf(pass.Object)
	r.known.wrote(pass.Object)
	if err != nil && outcome.reason != v1alpha1.SchemaOutdatedReason {
		return err
	}
	r.announce(pass.Object, before)
	return nil
}

func (r *Reconciler[T]) ensureCurrent(ctx context.Context, pass *Pass[T]) error {
	stored, err := r.live(ctx, pass)
	if err != nil || stored.GetResourceVersion() == pass.Object.GetResourceVersion() {
		return err
	}
	return changedSince(pass)
}

// live reads the object from the API server. It fails if another object has the name.
func (r *Reconciler[T]) live(ctx context.Context, pass *Pass[T]) (T, error) {
	stored := newObject[T]()
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(pass.Object), stored); err != nil {
		return stored, err
	}
	if stored.GetUID() != pass.Object.GetUID() {
		return stored, changedSince(pass)
	}
	return stored, nil
}

func changedSince[T Object](pass *Pass[T]) error {
	resource := schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: kindFor[T]()}
	return apierrors.NewConflict(resource, pass.Object.GetName(), errors.New("the object was changed since this pass read it"))
}

func (r *Reconciler[T]) ensureFinalizer(ctx context.Context, pass *Pass[T]) error {
	if controllerutil.ContainsFinalizer(pass.Object, v1alpha1.Finalizer) {
		return nil
	}
	if err := r.mayCreate(ctx, pass.Object.GetNamespace()); err != nil {
		return err
	}
	return r.patchMetadata(ctx, pass, func(object client.Object) { controllerutil.AddFinalizer(object, v1alpha1.Finalizer) })
}

func (r *Reconciler[T]) removeFinalizer(ctx context.Context, pass *Pass[T]) error {
	if !controllerutil.ContainsFinalizer(pass.Object, v1alpha1.Finalizer) {
		return nil
	}
	err := r.patchMetadata(ctx, pass, func(object client.Object) { controllerutil.RemoveFinalizer(object, v1alpha1.Finalizer) })
	return client.IgnoreNotFound(err)
}

func (r *Reconciler[T]) belong(ctx context.Context, pass *Pass[T], owner client.Object) error {
	if slices.ContainsFunc(pass.Object.GetOwnerReferences(), func(o metav1.OwnerReference) bool { return o.UID == owner.GetUID() }) {
		return nil
	}
	gvk, err := r.Client.GroupVersionKindFor(owner)
	if err != nil {
		return err
	}
	reference := metav1.OwnerReference{
		APIVersion: gvk.GroupVersion().String(), Kind: gvk.Kind, Name: owner.GetName(), UID: owner.GetUID(),
	}
	return r.patchMetadata(ctx, pass, func(object client.Object) {
		object.SetOwnerReferences(append(object.GetOwnerReferences(), reference))
	})
}

// patchMetadata changes finalizers or owner references and nothing else. Without the
// optimistic lock, a merge patch of the whole list would drop what another client has just
// added.
func (r *Reconciler[T]) patchMetadata(ctx context.Context, pass *Pass[T], change func(client.Object)) error {
	ctx, cancel := detached(ctx)
	defer cancel()
	patched := copyOf(pass.stored)
	change(patched)
	patch := client.MergeFromWithOptions(copyOf(pass.stored), client.MergeFromWithOptimisticLock{})
	end := r.known.writing(pass.Object)
	defer end()
	if err := r.Client.Patch(ctx, patched, patch); err != nil {
		return err
	}
	for _, object := range []T{pass.Object, pass.stored} {
		object.SetFinalizers(patched.GetFinalizers())
		object.SetOwnerReferences(patched.GetOwnerReferences())
		object.SetResourceVersion(patched.GetResourceVersion())
	}
	r.known.wrote(pass.Object)
	return nil
}

// mayCreate fails if the namespace is being deleted. The API server says so on every create,
// even a dry run, before it consults quotas, policies and webhooks; reading the namespace
// itself takes a permission that namespaced mode does not have.
func (r *Reconciler[T]) mayCreate(ctx context.Context, namespace string) error {
	probe := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
		Namespace: namespace, GenerateName: "jumpcloud-operator-",
		// config/admission lets the operator write only objects with this label.
		Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy},
	}}
	err := r.Client.Create(ctx, probe, client.DryRunAll)
	switch {
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return err
	case apierrors.IsForbidden(err), apierrors.IsBadRequest(err), apierrors.IsInvalid(err):
		return nil // what these say about a ConfigMap does not answer the question
	default:
		return err
	}
}

// detached returns a context that outlives ctx by the grace period.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), saveGrace)
}
