package controller

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/planapproval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/withheld"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=planapprovals,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=planapprovals/status,verbs=update

// withPlans are the kinds whose objects have plans that people approve.
var withPlans = []lifecycle.Member{
	&v1alpha1.BulkUserImport{}, &v1alpha1.UserGroup{}, &v1alpha1.ScheduledUserState{}, &v1alpha1.PushEndpoint{},
	&v1alpha1.WorkdayInstance{}, &v1alpha1.WorkdayImport{},
}

// SetupPlanApproval registers the controller of PlanApprovals, and the index by
// which all other kinds find theirs.
func SetupPlanApproval(mgr manager.Manager, o Options) error {
	ctx := context.Background() //nolint:forbidigo // an index is registered before there is anything to wait for
	if err := mgr.GetFieldIndexer().IndexField(ctx, &v1alpha1.PlanApproval{}, lifecycle.ApprovalsField, lifecycle.ApprovedObject); err != nil {
		return err
	}
	setup := lifecycleOptions[*v1alpha1.PlanApproval](o)
	setup.References = []lifecycle.Reference[*v1alpha1.PlanApproval]{approves(&v1alpha1.Organization{})}
	for _, kind := range withPlans {
		setup.References = append(setup.References, approves(kind))
	}
	return lifecycle.Setup(mgr, &planapproval.Actuator{Client: mgr.GetClient()}, setup)
}

// approves is the reference of PlanApprovals to objects of a kind.
func approves(kind client.Object) lifecycle.Reference[*v1alpha1.PlanApproval] {
	return lifecycle.Reference[*v1alpha1.PlanApproval]{Object: kind, Whole: true, Names: func(p *v1alpha1.PlanApproval) []string {
		return planapproval.Names(p, kind)
	}}
}

// SetupWithheld registers the controller that tells in Organizations what waits
// for an approval, and releases what people approve of that.
func SetupWithheld(mgr manager.Manager, _ Options) error {
	return withheld.Setup(mgr, &withheld.Reconciler{
		Client: mgr.GetClient(), Events: mgr.GetEventRecorder(lifecycle.RecorderName), Kinds: withPlans,
	})
}
