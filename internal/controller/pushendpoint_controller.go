package controller

import (
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/living"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/pushendpoint"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=pushendpoints,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=pushendpoints/status,verbs=update

// SetupPushEndpoint registers the controller of PushEndpoints.
func SetupPushEndpoint(mgr manager.Manager, o Options) error {
	return living.Setup(mgr, pushendpoint.Kind{}, livingOptions[*v1alpha1.PushEndpoint](o))
}
