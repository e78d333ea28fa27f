package user

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=users,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=users/status,verbs=update
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch

// Registration registers the User kind.
var Registration = setup.Living(&v1alpha1.User{},
	func(c lifecycle.Cluster, o setup.Options) continuous.Kind[*v1alpha1.User, Memory] {
		count := func(organizationID, outcome string) { o.Counters.Submission(organizationID, "User", outcome) }
		return &Kind{Rows: rows.Loader{Reader: c.Live}, Jobs: batch.NewUsers(o.Limits, o.Carry, count)}
	},
	setup.Details[*v1alpha1.User]{
		Orphans:    Orphans,
		References: []lifecycle.Reference[*v1alpha1.User]{{Object: &corev1.Secret{}, Names: func(o *v1alpha1.User) []string { return o.Spec.PasswordSecretRef.Names() }}},
	})

// Orphans says what an object that is deleted without its Organization leaves at JumpCloud.
func Orphans(object *v1alpha1.User) string {
	return lifecycle.OrphanedResource("user", object.Username(), object.Status.ID, object.Status.Creating)
}
