package cli

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// objectName is an object as a command line names it.
type objectName struct{ kind, name string }

// object reads the object that a command line names as KIND/NAME or KIND NAME.
func (c *cluster) object(ctx context.Context, args []string) (lifecycle.Object, error) {
	named, err := c.parse(args)
	if err != nil {
		return nil, err
	}
	return c.get(ctx, named.kind, client.ObjectKey{Namespace: c.namespace, Name: named.name})
}

func (c *cluster) parse(args []string) (objectName, error) {
	kind, name, ok := strings.Cut(args[0], "/")
	switch {
	case len(args) == 2 && !ok:
		name = args[1] //nolint:gosec // there are two
	case len(args) == 2, !ok, kind == "", name == "", strings.Contains(name, "/"):
		return objectName{}, usagef("%q does not name one object: write KIND/NAME, such as bulkuserimport/hires", strings.Join(args, " "))
	}
	kind, err := c.kindNamed(kind)
	return objectName{kind, name}, err
}

// get reads an object of a kind of this operator.
func (c *cluster) get(ctx context.Context, kind string, key client.ObjectKey) (lifecycle.Object, error) {
	gvk := v1alpha1.GroupVersion.WithKind(kind)
	made, err := c.Scheme().New(gvk)
	if err != nil {
		return nil, err
	}
	object, ok := made.(lifecycle.Object)
	if !ok {
		return nil, fmt.Errorf("kind %s has no objects of its own", kind)
	}
	err = c.Get(ctx, key, object)
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("there is no %s %s in namespace %s: check the name and --namespace", kind, key.Name, key.Namespace)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", kind, key, err)
	}
	// A typed client does not set the kind of what it reads.
	object.GetObjectKind().SetGroupVersionKind(gvk)
	return object, nil
}

// reread reads an object again. It replaces the whole object, because decoding into it would
// keep fields that no longer exist.
func (c *cluster) reread(ctx context.Context, object lifecycle.Object) error {
	now, err := c.get(ctx, object.GetObjectKind().GroupVersionKind().Kind, client.ObjectKeyFromObject(object))
	if err != nil {
		return err
	}
	reflect.ValueOf(object).Elem().Set(reflect.ValueOf(now).Elem())
	return nil
}

// title returns the name of an object for people.
func title(object client.Object) string {
	return object.GetObjectKind().GroupVersionKind().Kind + " " + client.ObjectKeyFromObject(object).String()
}

// oneObject accepts KIND/NAME, and KIND NAME as kubectl does.
func oneObject() cobra.PositionalArgs { return cobra.RangeArgs(1, 2) }
