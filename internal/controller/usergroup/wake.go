package usergroup

import (
	"context"

	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/groups/membership"
)

// selectedUsers wakes the groups that select a User, or selected it before the change.
func selectedUsers(mgr manager.Manager) source.Source {
	groups := mgr.GetClient()
	return source.Kind(mgr.GetCache(), &v1alpha1.User{}, handler.TypedEnqueueRequestsFromMapFunc(
		func(ctx context.Context, user *v1alpha1.User) []reconcile.Request {
			return selecting(ctx, groups, user)
		}), selectionChanged())
}

// selecting returns the groups that select a User.
func selecting(ctx context.Context, groups client.Reader, user *v1alpha1.User) []reconcile.Request {
	list := &v1alpha1.UserGroupList{}
	if err := groups.List(ctx, list, client.InNamespace(user.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		// The next resync wakes the groups.
		log.FromContext(ctx).Error(err, "Could not find the groups that select a User")
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		if membership.Matches(&list.Items[i], user) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
	}
	return requests
}

// selectionChanged passes updates that may make a User a member or end its membership.
func selectionChanged() predicate.TypedPredicate[*v1alpha1.User] {
	return predicate.TypedFuncs[*v1alpha1.User]{
		UpdateFunc: func(e event.TypedUpdateEvent[*v1alpha1.User]) bool {
			before, after := e.ObjectOld, e.ObjectNew
			return !labels.Equals(before.Labels, after.Labels) || before.Status.ID != after.Status.ID ||
				(before.DeletionTimestamp == nil) != (after.DeletionTimestamp == nil)
		},
	}
}
