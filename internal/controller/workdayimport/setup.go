package workdayimport

import (
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=workdayimports,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=workdayimports/status,verbs=update
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=workdayimports/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch;create;update;delete

// Registration of WorkdayImports.
var Registration = setup.Kind{Object: &v1alpha1.WorkdayImport{}, Setup: register}

func register(mgr manager.Manager, o setup.Options) error {
	options := setup.Lifecycle[*v1alpha1.WorkdayImport](o)
	options.Orphans = Orphans
	options.References = []lifecycle.Reference[*v1alpha1.WorkdayImport]{{
		Object: &v1alpha1.WorkdayInstance{}, Whole: true,
		Names: func(object *v1alpha1.WorkdayImport) []string { return []string{object.Spec.WorkdayInstanceRef.Name} },
	}}
	return lifecycle.Setup(mgr, setup.Run(mgr, o, &Kind{Reader: mgr.GetClient()}), options)
}

// Orphans says what an object that goes without its Organization leaves at
// JumpCloud.
func Orphans(object *v1alpha1.WorkdayImport) string {
	return lifecycle.OrphanedJobs(object.Status.Jobs)
}
