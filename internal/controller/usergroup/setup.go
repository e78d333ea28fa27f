package usergroup

import (
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=usergroups,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=usergroups/status,verbs=update
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch;create;update;delete

// Registration registers the UserGroup kind.
var Registration = setup.Living(&v1alpha1.UserGroup{},
	func(c lifecycle.Cluster, o setup.Options) continuous.Kind[*v1alpha1.UserGroup, Memory] {
		return &Kind{Sources: rows.Loader{Reader: c.Live}, Users: c.Client, SettleWindow: o.Limits.SettleWindow}
	},
	setup.Details[*v1alpha1.UserGroup]{
		Orphans:    Orphans,
		References: []lifecycle.Reference[*v1alpha1.UserGroup]{{Object: &corev1.ConfigMap{}, Names: memberSourceNames}},
		Sources:    func(mgr manager.Manager) []source.Source { return []source.Source{selectedUsers(mgr)} },
	})

// memberSourceNames returns the ConfigMaps that a group reads members from.
func memberSourceNames(object *v1alpha1.UserGroup) []string {
	var names []string
	for i := range object.Spec.MembersFrom {
		names = append(names, object.Spec.MembersFrom[i].ConfigMapKeyRef.Names()...)
	}
	return names
}

// Orphans says what an object that is deleted without its Organization leaves at JumpCloud.
func Orphans(object *v1alpha1.UserGroup) string {
	return lifecycle.OrphanedResource("user group", object.GroupName(), object.Status.ID, object.Status.Creating)
}
