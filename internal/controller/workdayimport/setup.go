package workdayimport

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=workdayimports,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=workdayimports/status,verbs=update
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=workdayimports/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch;create;update;delete

// Registration registers the WorkdayImport kind.
var Registration = setup.Run(&v1alpha1.WorkdayImport{},
	func(c lifecycle.Cluster) oneshot.Kind[*v1alpha1.WorkdayImport] { return &Kind{Reader: c.Client} },
	setup.Details[*v1alpha1.WorkdayImport]{
		Orphans: Orphans,
		References: []lifecycle.Reference[*v1alpha1.WorkdayImport]{{
			Object: &v1alpha1.WorkdayInstance{}, Whole: true,
			Names: func(object *v1alpha1.WorkdayImport) []string { return []string{object.Spec.WorkdayInstanceRef.Name} },
		}},
	})

// Orphans says what an object that is deleted without its Organization leaves at JumpCloud.
func Orphans(object *v1alpha1.WorkdayImport) string {
	return lifecycle.OrphanedJobs(object.Status.Jobs)
}
