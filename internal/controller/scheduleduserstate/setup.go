package scheduleduserstate

import (
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=scheduleduserstates,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=scheduleduserstates/status,verbs=update

// Registration of ScheduledUserStates.
var Registration = setup.Kind{Object: &v1alpha1.ScheduledUserState{}, Setup: register}

func register(mgr manager.Manager, o setup.Options) error {
	kind := Kind{SettleWindow: o.SettleWindow, JobTimeout: o.JobTimeout, Counters: o.Counters}
	options := setup.Living[*v1alpha1.ScheduledUserState](o)
	options.Orphans = Orphans
	return continuous.Setup(mgr, kind, options)
}
