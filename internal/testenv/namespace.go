package testenv

import (
	"context"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// cleanUpTimeout bounds the clean-up after a test.
const cleanUpTimeout = 5 * time.Minute

// Namespace creates a namespace that no other test uses, and cleans it up when the test ends;
// see CleanUp.
func (p *ControlPlane) Namespace(t testing.TB) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	if err := p.Client.Create(t.Context(), namespace); err != nil {
		t.Fatalf("create a namespace: %v", err)
	}
	p.CleanUp(t, namespace.Name)
	return namespace.Name
}

// CleanUp deletes the operator's objects in a namespace when the test ends, finalizers or not,
// so that the operator of a later test does not find them. The namespace itself stays: envtest
// has no controller that could empty it.
func (p *ControlPlane) CleanUp(t testing.TB, namespace string) {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), cleanUpTimeout)
		defer cancel()
		if err := p.deleteCustomObjects(ctx, namespace); err != nil {
			t.Errorf("clean up namespace %s: %v", namespace, err)
		}
	})
}

// listKind is the list kind of a CRD.
type listKind = schema.GroupVersionKind

// cleaners is how many objects are cleaned up at the same time.
const cleaners = 8

// deleteCustomObjects deletes the objects of every CRD in a namespace, finalizers or not. It
// deletes them one by one: the API server would not delete a thousand of them within one
// request.
func (p *ControlPlane) deleteCustomObjects(ctx context.Context, namespace string) error {
	for _, kind := range p.lists {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(kind)
		if err := p.Client.List(ctx, list, client.InNamespace(namespace)); err != nil {
			return err
		}
		group, groupCtx := errgroup.WithContext(ctx)
		group.SetLimit(cleaners)
		for i := range list.Items {
			object := &list.Items[i]
			object.SetGroupVersionKind(kind.GroupVersion().WithKind(strings.TrimSuffix(kind.Kind, "List")))
			group.Go(func() error { return p.forceDelete(groupCtx, object) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// forceDelete deletes an object and removes its finalizers.
func (p *ControlPlane) forceDelete(ctx context.Context, object *metav1.PartialObjectMetadata) error {
	if err := client.IgnoreNotFound(p.Client.Delete(ctx, object)); err != nil {
		return err
	}
	if len(object.GetFinalizers()) == 0 {
		return nil
	}
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`))
	return client.IgnoreNotFound(p.Client.Patch(ctx, object, patch))
}
