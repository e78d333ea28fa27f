package planapproval

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=planapprovals,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=planapprovals/status,verbs=update

// Setup registers the controller of PlanApprovals, and the index by which all other kinds find
// theirs. kinds are those whose objects have plans, besides Organizations.
func Setup(mgr manager.Manager, o setup.Options, kinds []lifecycle.Member) error {
	ctx := context.Background() //nolint:forbidigo // an index is registered before there is anything to wait for
	if err := mgr.GetFieldIndexer().IndexField(ctx, &v1alpha1.PlanApproval{}, lifecycle.ApprovalsField, lifecycle.ApprovedObject); err != nil {
		return err
	}
	options := setup.Lifecycle[*v1alpha1.PlanApproval](&o)
	options.References = []lifecycle.Reference[*v1alpha1.PlanApproval]{approves(&v1alpha1.Organization{})}
	for _, kind := range kinds {
		options.References = append(options.References, approves(kind))
	}
	return lifecycle.Setup(mgr, &Actuator{Client: mgr.GetClient()}, options)
}

// approves returns the reference of PlanApprovals to objects of a kind.
func approves(kind client.Object) lifecycle.Reference[*v1alpha1.PlanApproval] {
	return lifecycle.Reference[*v1alpha1.PlanApproval]{Object: kind, Whole: true, Names: func(p *v1alpha1.PlanApproval) []string {
		return Names(p, kind)
	}}
}
