package testenv

import (
	"context"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// cleanUpTimeout bounds what is done after a test ended.
const cleanUpTimeout = 5 * time.Minute

// Namespace creates a namespace that no other test has, and cleans it up when
// the test ends; see CleanUp.
func (p *ControlPlane) Namespace(t testing.TB) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	if err := p.Client.Create(t.Context(), namespace); err != nil {
		t.Fatalf("create a namespace: %v", err)
	}
	p.CleanUp(t, namespace.Name)
	return namespace.Name
}

// CleanUp has the operator's objects in a namespace deleted when the test
// ends, finalizers or not, so that an operator of a later test has nothing to
// do with them. The namespace itself stays: envtest has no controller that
// could empty it.
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

// listKind is the kind of the lists of a CRD.
type listKind = schema.GroupVersionKind

// cleaners is how many objects are cleaned up at the same time.
const cleaners = 8

// deleteCustomObjects deletes the objects of every CRD in a namespace, and then takes
// off the finalizers of those that are left.
func (p *ControlPlane) deleteCustomObjects(ctx context.Context, namespace string) error {
	for _, kind := range p.lists {
		object := &unstructured.Unstructured{}
		object.SetGroupVersionKind(kind.GroupVersion().WithKind(strings.TrimSuffix(kind.Kind, "List")))
		if err := p.Client.DeleteAllOf(ctx, object, client.InNamespace(namespace)); err != nil {
			return err
		}
		left := &metav1.PartialObjectMetadataList{}
		left.SetGroupVersionKind(kind)
		if err := p.Client.List(ctx, left, client.InNamespace(namespace)); err != nil {
			return err
		}
		group, groupCtx := errgroup.WithContext(ctx)
		group.SetLimit(cleaners)
		for i := range left.Items {
			group.Go(func() error { return p.dropFinalizers(groupCtx, &left.Items[i]) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

func (p *ControlPlane) dropFinalizers(ctx context.Context, object client.Object) error {
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`))
	return client.IgnoreNotFound(p.Client.Patch(ctx, object, patch))
}
