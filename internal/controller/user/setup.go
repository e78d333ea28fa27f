package user

import (
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=users,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=users/status,verbs=update
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch

// Registration of Users.
var Registration = setup.Kind{Object: &v1alpha1.User{}, Setup: register}

func register(mgr manager.Manager, o setup.Options) error {
	options := setup.Living[*v1alpha1.User](o)
	options.Orphans = Orphans
	options.References = []lifecycle.Reference[*v1alpha1.User]{{Object: &corev1.Secret{}, Names: passwordSecrets}}
	jobs := batch.NewRunner()
	if err := mgr.Add(jobs); err != nil {
		return err
	}
	limits := submission.Limits{SettleWindow: o.SettleWindow, StallTimeout: o.JobStallTimeout, JobTimeout: o.JobTimeout}
	kind := NewKind(rows.Loader{Reader: mgr.GetAPIReader()}, limits, jobs.Carry, func(organizationID, outcome string) {
		o.Counters.Submission(organizationID, "User", outcome)
	})
	return continuous.Setup(mgr, kind, options)
}

// passwordSecrets are the Secrets that the creation of a user waits for.
func passwordSecrets(object *v1alpha1.User) []string {
	if object.Spec.PasswordSecretRef == nil {
		return nil
	}
	return []string{object.Spec.PasswordSecretRef.Name}
}

// Orphans says what an object that goes without its Organization leaves at JumpCloud.
func Orphans(object *v1alpha1.User) string {
	return lifecycle.OrphanedResource("user", username(object), object.Status.ID, object.Status.Creating)
}
