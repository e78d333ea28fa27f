// Package fakestatus makes a fake client accept what lifecycle.UpdateStatus sends.
package fakestatus

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Update updates a status. It stores an unstructured body as a typed object: the fake client
// would store it as it is, and could not list it. change, unless nil, changes the body before
// that.
func Update(
	ctx context.Context, c client.Client, object client.Object, o []client.SubResourceUpdateOption, change func(body map[string]any),
) error {
	options := (&client.SubResourceUpdateOptions{}).ApplyOptions(o)
	body, ok := options.SubResourceBody.(*unstructured.Unstructured)
	if !ok {
		return c.Status().Update(ctx, object, o...)
	}
	if change != nil {
		change(body.Object)
	}
	made, err := c.Scheme().New(body.GroupVersionKind())
	if err != nil {
		return err
	}
	stored, ok := made.(client.Object)
	if !ok {
		return fmt.Errorf("%T is no object", made)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(body.Object, stored); err != nil {
		return err
	}
	options.SubResourceBody = nil
	if err := c.Status().Update(ctx, stored, options); err != nil {
		return err
	}
	body.SetResourceVersion(stored.GetResourceVersion())
	return nil
}
