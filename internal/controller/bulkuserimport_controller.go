package controller

import (
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/run"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=bulkuserimports,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=bulkuserimports/status,verbs=update
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=bulkuserimports/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch;create;update;delete
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch

// SetupBulkUserImport registers the controller of BulkUserImports.
func SetupBulkUserImport(mgr manager.Manager, o Options) error {
	options := lifecycleOptions[*v1alpha1.BulkUserImport](o)
	options.References = []lifecycle.Reference[*v1alpha1.BulkUserImport]{
		{Object: &corev1.ConfigMap{}, Names: configMapNames},
		{Object: &corev1.Secret{}, Names: secretNames},
	}
	kind := &bulkUserImport{loader: rows.Loader{Reader: mgr.GetAPIReader()}}
	return lifecycle.Setup(mgr, runEngine(mgr, o, kind), options)
}

// runEngine returns the engine of a kind that runs.
func runEngine[T run.Object](mgr manager.Manager, o Options, kind run.Kind[T]) *run.Engine[T] {
	return &run.Engine[T]{
		Kind:   kind,
		Ledger: &ledger.Store{Reader: mgr.GetAPIReader(), Writer: mgr.GetClient()},
		Timing: run.Timing{
			RequestTimeout: o.RequestTimeout, SettleWindow: o.SettleWindow,
			JobStallTimeout: o.JobStallTimeout, JobTimeout: o.JobTimeout,
		},
		Counters: o.Counters,
	}
}

// configMapNames are the ConfigMaps that an import reads rows from.
func configMapNames(object *v1alpha1.BulkUserImport) []string {
	var names []string
	for _, from := range object.Spec.UsersFrom {
		if from.ConfigMapKeyRef != nil {
			names = append(names, from.ConfigMapKeyRef.Name)
		}
	}
	return names
}

// secretNames are the Secrets that an import reads rows and passwords from.
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
