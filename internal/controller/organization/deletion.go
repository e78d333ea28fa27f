package organization

import (
	"context"
	"fmt"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// holder knows which objects keep an Organization.
type holder interface {
	Holding(ctx context.Context, organization types.NamespacedName) ([]string, error)
	HandOver(ctx context.Context, organization *v1alpha1.Organization) (given bool, err error)
}

// Finalize keeps the session until no object has anything left to do, or verifies the
// credentials again if this process has none. Then it hands over what the guard's window
// counts, and lets the finalizer be removed.
func (a *actuator) Finalize(ctx context.Context, pass *lifecycle.Pass[*v1alpha1.Organization]) lifecycle.Outcome {
	o := pass.Object
	held, err := a.holder.Holding(ctx, client.ObjectKeyFromObject(o))
	if err == nil && len(held) == 0 {
		_, err = a.holder.HandOver(ctx, o)
	}
	switch {
	case err != nil:
		return lifecycle.Failed(err)
	case len(held) == 0:
		return lifecycle.Done(v1alpha1.SucceededReason, "")
	}
	waiting := lifecycle.Waiting(v1alpha1.DeletingReason, fmt.Sprintf(
		"Objects of this Organization still have work to do in JumpCloud and need its credentials: %s. "+
			"Delete them; the annotation %s=true on one ends its deletion without changing JumpCloud.", few(held), v1alpha1.AbandonAnnotation))
	if a.pool.Keep(o) {
		return waiting
	}
	outcome, usable := a.verify(ctx, o)
	if !usable {
		a.pool.Remove(client.ObjectKeyFromObject(o))
	}
	if usable && outcome.Reached() {
		return waiting
	}
	return outcome
}

// withdraw removes the session. If only the Secret is gone and objects may have something left
// to do, the session is kept aside: all of them may be about to be deleted, with the Secret as
// the first.
func (a *actuator) withdraw(o *v1alpha1.Organization) {
	authenticated := apimeta.FindStatusCondition(o.Status.Conditions, v1alpha1.AuthenticatedCondition)
	missing := authenticated != nil && authenticated.Reason == v1alpha1.CredentialsNotFoundReason
	if missing && controllerutil.ContainsFinalizer(o, v1alpha1.Finalizer) {
		a.pool.Retire(client.ObjectKeyFromObject(o))
		return
	}
	a.pool.Remove(client.ObjectKeyFromObject(o))
}

// few lists the first names.
func few(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}
