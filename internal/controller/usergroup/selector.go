package usergroup

import (
	"cmp"
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// selection is what one selector selects.
type selection struct {
	origin string
	// users are the known ones, by id; pending are the usernames of the others.
	users, pending []v1alpha1.UserReference
}

// selected lists the Users that the selectors of a group select. It returns a
// *rows.SourceError for an invalid selector.
func (k *Kind) selected(ctx context.Context, object *v1alpha1.UserGroup) ([]selection, error) {
	var all []selection
	for i := range object.Spec.MembersFrom {
		if object.Spec.MembersFrom[i].UserSelector == nil {
			continue
		}
		origin := selectorAt(i)
		selector, err := metav1.LabelSelectorAsSelector(object.Spec.MembersFrom[i].UserSelector)
		if err != nil {
			return nil, &rows.SourceError{Origin: origin, Message: err.Error()}
		}
		list := &v1alpha1.UserList{}
		// The list holds the cache's own objects, read only: ten thousand are not copied.
		err = k.Users.List(ctx, list, client.InNamespace(object.Namespace), client.MatchingLabelsSelector{Selector: selector}, client.UnsafeDisableDeepCopy)
		if err != nil {
			return nil, err
		}
		all = append(all, choose(origin, object, list.Items))
	}
	return all, nil
}

// choose selects the Users of the group's organization that are not being deleted.
func choose(origin string, object *v1alpha1.UserGroup, users []v1alpha1.User) selection {
	s := selection{origin: origin}
	for i := range users {
		user := &users[i]
		switch {
		case !choosable(object, user):
		case user.Status.ID != "":
			s.users = append(s.users, v1alpha1.UserReference{ID: user.Status.ID})
		default:
			s.pending = append(s.pending, v1alpha1.UserReference{Username: user.Username()})
		}
	}
	return s
}

// choosable reports whether a selector may make a User a member: it belongs to the group's
// organization and is not being deleted.
func choosable(group *v1alpha1.UserGroup, user *v1alpha1.User) bool {
	return organizationOf(user) == organizationOf(group) && user.DeletionTimestamp == nil
}

// SelectedBy returns which selectors of a group make a User of its namespace a member, as
// paths in the spec.
func SelectedBy(group *v1alpha1.UserGroup, user *v1alpha1.User) []string {
	if !choosable(group, user) {
		return nil
	}
	return selectors(group, user)
}

func selectorAt(i int) string { return fmt.Sprintf("spec.membersFrom[%d].userSelector", i) }

func organizationOf(object interface {
	client.Object
	OrganizationRef() v1alpha1.OrganizationReference
}) v1alpha1.OrganizationReference {
	reference := object.OrganizationRef()
	reference.Namespace = cmp.Or(reference.Namespace, object.GetNamespace())
	return reference
}

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
		if len(selectors(&list.Items[i], user)) > 0 {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
	}
	return requests
}

// selectors returns the paths of the group's selectors that match a User's labels.
func selectors(group *v1alpha1.UserGroup, user *v1alpha1.User) (paths []string) {
	for i := range group.Spec.MembersFrom {
		if group.Spec.MembersFrom[i].UserSelector == nil {
			continue
		}
		selector, err := metav1.LabelSelectorAsSelector(group.Spec.MembersFrom[i].UserSelector)
		if err == nil && selector.Matches(labels.Set(user.Labels)) {
			paths = append(paths, selectorAt(i))
		}
	}
	return paths
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
