package planapproval

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// Actuator checks the object that a PlanApproval names. It makes no call to JumpCloud.
type Actuator struct {
	// Client reads from the cache.
	Client client.Client
}

// Reconcile reports the state of the plan. That the approval was used is final.
func (a *Actuator) Reconcile(ctx context.Context, pass *lifecycle.Pass[*v1alpha1.PlanApproval]) lifecycle.Outcome {
	p := pass.Object
	if approval.Used(p) {
		return lifecycle.Done(v1alpha1.UsedReason, apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ReadyCondition).Message)
	}
	kind := string(p.Spec.ObjectRef.Kind)
	object, err := a.object(ctx, p)
	if apierrors.IsNotFound(err) {
		return lifecycle.Waiting(v1alpha1.SourceNotFoundReason, fmt.Sprintf(
			"%s %s does not exist in this namespace. Create it, or delete this PlanApproval.", kind, p.Spec.ObjectRef.Name))
	}
	if err != nil {
		return lifecycle.Failed(err)
	}
	if approval.Foreign(p, object.GetUID()) {
		return lifecycle.Stalled(v1alpha1.PlanChangedReason, fmt.Sprintf(
			"This approves a plan of an earlier %s named %s, and has no effect. Review the plan of the present one, and create a new PlanApproval.",
			kind, p.Spec.ObjectRef.Name))
	}
	if err := a.bind(ctx, pass, object); err != nil {
		return lifecycle.Failed(err)
	}
	all, err := lifecycle.PlanApprovals(ctx, a.Client, kind, object)
	if err != nil {
		return lifecycle.Failed(err)
	}
	var first *v1alpha1.PlanApproval
	if i := slices.IndexFunc(all, func(other v1alpha1.PlanApproval) bool { return other.Spec.Plan == p.Spec.Plan }); i >= 0 {
		first = &all[i]
	}
	stands, present := standingOf(object, p.Spec.Plan)
	return outcome(p, first, stands, present)
}

// bind records the object that the PlanApproval counts for, and makes it the owner, so that
// the PlanApproval is deleted with it.
//
// If owner references are enforced (OwnerReferencesPermissionEnforcement), that needs the
// right to delete PlanApprovals, which the operator does not have. It is tried once; the
// PlanApproval then outlives its object, and counts for no other.
func (*Actuator) bind(ctx context.Context, pass *lifecycle.Pass[*v1alpha1.PlanApproval], object client.Object) error {
	if pass.Object.Status.ObjectUID == string(object.GetUID()) {
		return nil
	}
	// An object that is deleted after its dependents would take the PlanApproval with it
	// before the approval can count.
	if !controllerutil.ContainsFinalizer(object, metav1.FinalizerDeleteDependents) {
		if err := pass.AddOwnerReference(ctx, object); err != nil && !apierrors.IsForbidden(err) {
			return err
		}
	}
	pass.Object.Status.ObjectUID = string(object.GetUID())
	return nil
}

// Finalize does nothing: PlanApprovals have no finalizer.
func (*Actuator) Finalize(context.Context, *lifecycle.Pass[*v1alpha1.PlanApproval]) lifecycle.Outcome {
	return lifecycle.Done(v1alpha1.SucceededReason, "")
}

// object reads the object that the PlanApproval names.
func (a *Actuator) object(ctx context.Context, p *v1alpha1.PlanApproval) (client.Object, error) {
	made, err := a.Client.Scheme().New(v1alpha1.GroupVersion.WithKind(string(p.Spec.ObjectRef.Kind)))
	if err != nil {
		return nil, err
	}
	object, ok := made.(client.Object)
	if !ok {
		return nil, fmt.Errorf("%T is no object", made)
	}
	return object, a.Client.Get(ctx, client.ObjectKey{Namespace: p.Namespace, Name: p.Spec.ObjectRef.Name}, object)
}

func standingOf(object client.Object, hash string) (_ standing, present string) {
	if organization, ok := object.(*v1alpha1.Organization); ok {
		return ofOrganization(&organization.Status, hash)
	}
	plan := approval.PlanOf(object)
	return ofPlan(&plan, hash)
}

// IdentityKeys returns what PlanApprovals contend for: when one is deleted, the others for the
// same plan wake.
func (*Actuator) IdentityKeys(p *v1alpha1.PlanApproval) []string {
	return []string{strings.Join([]string{p.Namespace, string(p.Spec.ObjectRef.Kind), p.Spec.ObjectRef.Name, p.Spec.Plan}, "/")}
}

// HeldKeys returns none: PlanApprovals have no owner to find.
func (*Actuator) HeldKeys(*v1alpha1.PlanApproval) []string { return nil }

// PlansOnly returns false: PlanApprovals have no mode.
func (*Actuator) PlansOnly(*v1alpha1.PlanApproval) bool { return false }

var _ lifecycle.Contender[*v1alpha1.PlanApproval] = (*Actuator)(nil)

// Names returns the object that the PlanApproval names, if it is of the kind.
func Names(p *v1alpha1.PlanApproval, kind client.Object) []string {
	if reflect.TypeOf(kind).Elem().Name() != string(p.Spec.ObjectRef.Kind) {
		return nil
	}
	return []string{p.Spec.ObjectRef.Name}
}
