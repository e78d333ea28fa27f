package organization

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=organizations,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=jumpcloud-operator.io,resources=organizations/status,verbs=update
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Setup registers the controller of Organizations. An Organization also wakes when a Secret
// with its credentials changes, and when another object finds out that JumpCloud rejects them.
func Setup(mgr manager.Manager, o setup.Options) error {
	options := setup.Lifecycle[*v1alpha1.Organization](&o)
	options.References = []lifecycle.Reference[*v1alpha1.Organization]{{
		Object: &corev1.Secret{},
		Names:  secretsOf,
	}}
	options.Sources = []source.Source{onRejection(o.Pool)}
	holder := lifecycle.NewOrganizationFinalizer(mgr.GetClient(), o.Window, o.Schemas)
	if err := lifecycle.SetupOrganizationFinalizer(mgr, holder); err != nil {
		return err
	}
	return lifecycle.Setup(mgr, &actuator{
		reader: mgr.GetAPIReader(), pool: o.Pool, holder: holder,
		allowEndpointOverride: o.AllowEndpointOverride,
		namespaced:            len(o.WatchNamespaces) > 0,
	}, options)
}

// onRejection wakes an Organization whose credentials were rejected in use.
func onRejection(pool *session.Pool) source.Source {
	return source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		pool.Subscribe(ctx, func(e session.Event) {
			if e.Rejected {
				queue.Add(reconcile.Request{NamespacedName: e.Organization})
			}
		})
		return nil
	})
}
