package pushendpoint

import (
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/living"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=pushendpoints,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=pushendpoints/status,verbs=update

// Registration of PushEndpoints.
var Registration = setup.Kind{Object: &v1alpha1.PushEndpoint{}, Setup: register}

func register(mgr manager.Manager, o setup.Options) error {
	return living.Setup(mgr, Kind{}, setup.Living[*v1alpha1.PushEndpoint](o))
}
