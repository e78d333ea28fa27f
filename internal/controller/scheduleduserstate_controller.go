package controller

import (
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/living"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/scheduledstate"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=scheduleduserstates,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=scheduleduserstates/status,verbs=update

// SetupScheduledUserState registers the controller of ScheduledUserStates.
func SetupScheduledUserState(mgr manager.Manager, o Options) error {
	kind := scheduledstate.Kind{SettleWindow: o.SettleWindow, JobTimeout: o.JobTimeout, Counters: o.Counters}
	return living.Setup(mgr, kind, livingOptions[*v1alpha1.ScheduledUserState](o))
}
