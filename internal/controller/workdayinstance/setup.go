package workdayinstance

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=workdayinstances,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=workdayinstances/status,verbs=update
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch

// Registration registers the WorkdayInstance kind.
var Registration = setup.Living(&v1alpha1.WorkdayInstance{},
	func(c lifecycle.Cluster, o setup.Options) continuous.Kind[*v1alpha1.WorkdayInstance, Memory] {
		return &Kind{Reader: c.Live, SettleWindow: o.Limits.SettleWindow, AnyHost: o.AllowEndpointOverride}
	},
	setup.Details[*v1alpha1.WorkdayInstance]{
		Orphans:    Orphans,
		References: []lifecycle.Reference[*v1alpha1.WorkdayInstance]{{Object: &corev1.Secret{}, Names: credentialsSecret}},
	})

// credentialsSecret returns the Secret that an object reads credentials from.
func credentialsSecret(object *v1alpha1.WorkdayInstance) []string {
	return object.Spec.CredentialsSecretRef.Names()
}

// Orphans says what an object that is deleted without its Organization leaves at JumpCloud.
func Orphans(object *v1alpha1.WorkdayInstance) string {
	return lifecycle.OrphanedResource("Workday instance", cmp.Or(object.Status.Name, object.Name), object.Status.ID, object.Status.Creating)
}
