package validation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/manifest"
)

// declared is an object that the API server would accept.
type declared struct {
	*manifest.Object
	typed client.Object
}

// create processes an object as the API server does on creation. It returns the object with
// its defaults, or nil if it is refused.
func (v *validator) create(ctx context.Context, object *manifest.Object) (client.Object, error) {
	gvk := object.GroupVersionKind()
	if kinds := v.schemas.Kinds(); !slices.Contains(kinds, gvk) {
		var names []string
		for _, known := range kinds {
			names = append(names, known.Kind)
		}
		slices.Sort(names)
		v.problem(object, "kind", fmt.Sprintf("there is no kind %s in %s: the kinds of %s are %s",
			gvk.Kind, gvk.GroupVersion(), v1alpha1.GroupVersion, strings.Join(names, ", ")))
		return nil, nil
	}
	refused, err := v.schemas.Create(ctx, object.Unstructured)
	if err != nil {
		return nil, err
	}
	for _, found := range refused {
		v.problem(object, found.Field, found.ErrorBody())
	}
	made, err := v.scheme.New(gvk)
	if err != nil {
		return nil, err
	}
	typed, ok := made.(client.Object)
	if !ok {
		return nil, fmt.Errorf("%s is a list, not a kind of object", gvk.Kind)
	}
	if len(refused) > 0 {
		return nil, nil
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, typed); err != nil {
		v.problem(object, "", oneLine(err))
		return nil, nil
	}
	v.add(object, typed)
	return typed, nil
}

// add adds an object to the set. It reports a second object of the same name, which would
// replace the first one when they are applied.
func (v *validator) add(object *manifest.Object, typed any) {
	added, ok := typed.(client.Object)
	if !ok {
		return
	}
	if first := v.set.add(object, added); first != nil {
		v.problem(object, "metadata.name", fmt.Sprintf("is declared twice, the first time in %s: only the one that is applied last would be kept", first.Problem("", "").Place()))
	}
}
