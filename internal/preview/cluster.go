package preview

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	clienttesting "k8s.io/client-go/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/ciphertext"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle/fakestatus"
)

// newCluster returns an in-memory cluster with the Organization and the objects, as if they
// had just been created, in mode Plan. It also returns the objects that belong to an
// Organization.
func newCluster(objects []client.Object, organization *v1alpha1.Organization) (client.Client, []lifecycle.Member, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, nil, err
		}
	}
	// Unlike the fake client's own, this tracker keeps no managed fields, which would take
	// time.
	tracker := clienttesting.NewObjectTracker(scheme, serializer.NewCodecFactory(scheme).UniversalDecoder())
	builder := fake.NewClientBuilder().WithScheme(scheme).WithObjectTracker(tracker).WithObjects(organization).
		WithStatusSubresource(&v1alpha1.Organization{}).WithInterceptorFuncs(interceptor.Funcs{List: list, SubResourceUpdate: updateStatus})
	for _, kind := range controller.Kinds() {
		builder.WithStatusSubresource(kind)
	}
	var members []lifecycle.Member
	for _, object := range objects {
		object, ok := object.DeepCopyObject().(client.Object)
		if !ok {
			continue
		}
		born(object)
		switch object := object.(type) {
		case lifecycle.Member:
			if err := planOnly(object); err != nil {
				return nil, nil, err
			}
			members = append(members, object)
			builder.WithObjects(object)
		case *corev1.Secret:
			if !encrypted(object) {
				builder.WithObjects(object)
			}
		case *corev1.ConfigMap:
			builder.WithObjects(object)
		}
	}
	return builder.Build(), members, nil
}

// born sets what the API server sets when an object is created. The UID is the same each time,
// so that the same manifests yield the same plan.
func born(object client.Object) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%T %s", object, client.ObjectKeyFromObject(object)))
	object.SetUID(types.UID(hex.EncodeToString(sum[:16])))
	object.SetGeneration(1)
	object.SetCreationTimestamp(metav1.Now())
	object.SetDeletionTimestamp(nil)
	object.SetResourceVersion("")
}

// planOnly puts an object in mode Plan, and unpauses it.
func planOnly(object lifecycle.Member) error {
	annotations := maps.Clone(object.GetAnnotations())
	delete(annotations, v1alpha1.PausedAnnotation)
	object.SetAnnotations(annotations)
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return err
	}
	if err := unstructured.SetNestedField(content, string(v1alpha1.ModePlan), "spec", "mode"); err != nil {
		return err
	}
	return runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(content, object, true)
}

// encrypted reports whether a Secret holds cipher text. What it will hold once it is decrypted
// is unknown, so it counts as absent.
func encrypted(secret *corev1.Secret) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(secret.Data)), func(value []byte) bool { return ciphertext.Is(string(value)) })
}

// list lists objects. It returns nothing for a field index, by which reconcilers look for
// PlanApprovals and for other objects that contend for the same thing, which do not matter in
// mode Plan.
func list(ctx context.Context, c client.WithWatch, into client.ObjectList, options ...client.ListOption) error {
	if (&client.ListOptions{}).ApplyOptions(options).FieldSelector != nil {
		return nil
	}
	return c.List(ctx, into, options...)
}

func updateStatus(ctx context.Context, c client.Client, _ string, object client.Object, options ...client.SubResourceUpdateOption) error {
	return fakestatus.Update(ctx, c, object, options, nil)
}
