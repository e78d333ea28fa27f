package validation

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/manifest"
)

// The kinds of sources.
const (
	configMapKind = "ConfigMap"
	secretKind    = "Secret"
)

// name identifies an object.
type name struct {
	kind string
	client.ObjectKey
}

// set is what a cluster with only the manifests would contain. It is the client.Reader of the
// controllers' own code.
type set struct {
	scheme  *runtime.Scheme
	objects map[name]declared
	order   []name
}

var _ client.Reader = (*set)(nil)

// add returns the object that had the name before, if any.
func (s *set) add(object *manifest.Object, typed client.Object) *manifest.Object {
	if secret, ok := typed.(*corev1.Secret); ok {
		encode(secret)
	}
	key := name{object.GetKind(), client.ObjectKeyFromObject(object)}
	before, twice := s.objects[key]
	s.objects[key] = declared{object, typed}
	if twice {
		return before.Object
	}
	s.order = append(s.order, key)
	return nil
}

// all returns the objects in the order of the manifests.
func (s *set) all() []client.Object {
	all := make([]client.Object, len(s.order))
	for i, key := range s.order {
		all[i] = s.objects[key].typed
	}
	return all
}

// encode merges a Secret's stringData into its data, as the API server does.
func encode(secret *corev1.Secret) {
	for key, value := range secret.StringData {
		if secret.Data == nil {
			secret.Data = map[string][]byte{}
		}
		secret.Data[key] = []byte(value)
	}
}

// Get reads an object.
func (s *set) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	gvk, err := apiutil.GVKForObject(into, s.scheme)
	if err != nil {
		return err
	}
	found, ok := s.objects[name{gvk.Kind, key}]
	if !ok {
		return apierrors.NewNotFound(schema.GroupResource{Group: gvk.Group, Resource: gvk.Kind}, key.Name)
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(found.typed)
	if err != nil {
		return err
	}
	return runtime.DefaultUnstructuredConverter.FromUnstructured(content, into)
}

// List reads the objects of a kind, in a namespace and with labels.
func (s *set) List(_ context.Context, list client.ObjectList, options ...client.ListOption) error {
	gvk, err := apiutil.GVKForObject(list, s.scheme)
	if err != nil {
		return err
	}
	o := (&client.ListOptions{}).ApplyOptions(options)
	var items []runtime.Object
	for _, key := range s.order {
		found := s.objects[key].typed
		if key.kind != strings.TrimSuffix(gvk.Kind, "List") || o.Namespace != "" && o.Namespace != key.Namespace {
			continue
		}
		if o.LabelSelector == nil || o.LabelSelector.Matches(labels.Set(found.GetLabels())) {
			items = append(items, found)
		}
	}
	return apimeta.SetList(list, items)
}
