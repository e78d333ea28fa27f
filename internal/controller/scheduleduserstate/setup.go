package scheduleduserstate

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=scheduleduserstates,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=scheduleduserstates/status,verbs=update

// Registration registers the ScheduledUserState kind.
var Registration = setup.Living(&v1alpha1.ScheduledUserState{},
	func(_ lifecycle.Cluster, o setup.Options) continuous.Kind[*v1alpha1.ScheduledUserState, Memory] {
		return Kind{Limits: o.Limits, Counters: o.Counters}
	},
	setup.Details[*v1alpha1.ScheduledUserState]{Orphans: Orphans})
