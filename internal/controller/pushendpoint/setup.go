package pushendpoint

import (
	"cmp"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=pushendpoints,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=pushendpoints/status,verbs=update

// Registration registers the PushEndpoint kind.
var Registration = setup.Living(&v1alpha1.PushEndpoint{},
	func(lifecycle.Cluster, setup.Options) continuous.Kind[*v1alpha1.PushEndpoint, Memory] { return Kind{} },
	setup.Details[*v1alpha1.PushEndpoint]{Orphans: Orphans})

// Orphans says what an object that is deleted without its Organization leaves at JumpCloud.
func Orphans(object *v1alpha1.PushEndpoint) string {
	return lifecycle.OrphanedResource("push endpoint", cmp.Or(object.Spec.Name, object.Name), object.Status.ID, nil)
}
