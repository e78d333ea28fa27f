package cli

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// runObject is an object whose rows are in a ledger.
type runObject interface {
	lifecycle.Object
	Run() *v1alpha1.RunStatus
}

// looks is how often an object and its ledger are read if one of them was written between the
// two readings.
const looks = 3

// ledgerOwner returns the object as the owner of its ledger.
func ledgerOwner(object runObject) ledger.Owner {
	suffix := ledger.ImportSuffix
	if _, ok := object.(*v1alpha1.WorkdayImport); ok {
		suffix = ledger.WorkdaySuffix
	}
	return ledger.OwnerOf(object, object.GetObjectKind().GroupVersionKind(), suffix)
}

// rows reads the ledger of an object. If necessary it rereads the object, so that its status
// matches the ledger. It returns nil if there is no ledger yet. A ledger that does not match
// the status is an error: its rows may come from anyone.
func (c *cluster) rows(ctx context.Context, object runObject) (*ledger.Ledger, error) {
	owner, store := ledgerOwner(object), ledger.Store{Reader: c}
	for range looks {
		read, err := store.Read(ctx, owner)
		if err != nil {
			return nil, fmt.Errorf("read the rows of %s: %w", title(object), err)
		}
		references := object.Run().Results
		switch {
		case read == nil && len(references) == 0:
			return nil, nil
		case read != nil && read.Anchored(references):
			return read, nil
		}
		version, uid := object.GetResourceVersion(), object.GetUID()
		if err := c.reread(ctx, object); err != nil {
			return nil, err
		}
		if object.GetUID() != uid {
			return nil, fmt.Errorf("%s was replaced by another object of the same name in the meantime: try again", title(object))
		}
		if object.GetResourceVersion() == version {
			return nil, c.notTheRows(ctx, object)
		}
	}
	return nil, fmt.Errorf("%s is being updated at the moment: try again", title(object))
}

// notTheRows says which ConfigMap of a ledger is missing, or that one was changed.
func (c *cluster) notTheRows(ctx context.Context, object runObject) error {
	remedy := "To make the operator read the directory and write the rows again, set the annotation " +
		v1alpha1.ReconcileRequestedAtAnnotation + " to a new value."
	for _, reference := range object.Run().Results {
		err := c.Get(ctx, client.ObjectKey{Namespace: object.GetNamespace(), Name: reference.ConfigMap}, &corev1.ConfigMap{})
		if apierrors.IsNotFound(err) {
			return fmt.Errorf("the rows of %s are incomplete: ConfigMap %s does not exist. %s", title(object), reference.ConfigMap, remedy)
		}
		if err != nil {
			return fmt.Errorf("read the rows of %s: %w", title(object), err)
		}
	}
	return fmt.Errorf("the rows of %s do not match its status: a ConfigMap in status.results was edited, "+
		"or was written by another version of the operator. %s", title(object), remedy)
}
