package bulkuserimport

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=bulkuserimports,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=bulkuserimports/status,verbs=update
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=bulkuserimports/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch;create;update;delete
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch

// Registration registers the BulkUserImport kind.
var Registration = setup.Run(&v1alpha1.BulkUserImport{},
	func(c lifecycle.Cluster) oneshot.Kind[*v1alpha1.BulkUserImport] {
		return &Kind{Loader: rows.Loader{Reader: c.Live}}
	},
	setup.Details[*v1alpha1.BulkUserImport]{
		Orphans: Orphans,
		References: []lifecycle.Reference[*v1alpha1.BulkUserImport]{
			{Object: &corev1.ConfigMap{}, Names: configMapNames},
			{Object: &corev1.Secret{}, Names: secretNames},
		},
	})

// configMapNames returns the ConfigMaps that an import reads rows from.
func configMapNames(object *v1alpha1.BulkUserImport) []string {
	var names []string
	for _, from := range object.Spec.UsersFrom {
		if from.ConfigMapKeyRef != nil {
			names = append(names, from.ConfigMapKeyRef.Name)
		}
	}
	return names
}

// secretNames returns the Secrets that an import reads rows and passwords from.
func secretNames(object *v1alpha1.BulkUserImport) []string {
	var names []string
	for _, from := range object.Spec.UsersFrom {
		if from.SecretKeyRef != nil {
			names = append(names, from.SecretKeyRef.Name)
		}
	}
	for i := range object.Spec.Users {
		if ref := object.Spec.Users[i].PasswordSecretRef; ref != nil {
			names = append(names, ref.Name)
		}
	}
	return names
}

// Orphans says what an object that is deleted without its Organization leaves at JumpCloud.
func Orphans(object *v1alpha1.BulkUserImport) string {
	return lifecycle.OrphanedJobs(object.Status.Jobs)
}
