package membership

import (
	"cmp"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// Selector selects Users of a group's namespace, by their labels, as members.
type Selector struct {
	labels.Selector
	// path is the selector's in the spec.
	path string
}

// Selectors returns the valid selectors of a group. Its error, a *rows.SourceError, is about
// the first invalid one.
func Selectors(group *v1alpha1.UserGroup) (valid []Selector, err error) {
	for i := range group.Spec.MembersFrom {
		stated := group.Spec.MembersFrom[i].UserSelector
		if stated == nil {
			continue
		}
		path := fmt.Sprintf("spec.membersFrom[%d].userSelector", i)
		switch selector, invalid := metav1.LabelSelectorAsSelector(stated); {
		case invalid == nil:
			valid = append(valid, Selector{selector, path})
		case err == nil:
			err = &rows.SourceError{Origin: path, Message: invalid.Error()}
		}
	}
	return valid, err
}

// Selection is what one selector selects.
type Selection struct {
	path string
	// users are the known ones, by id; pending are the usernames of the others.
	users, pending []v1alpha1.UserReference
}

// Select returns which of the Users that the selector matches become members: those of the
// group's organization that are not being deleted.
func (s *Selector) Select(group *v1alpha1.UserGroup, matching []v1alpha1.User) Selection {
	selection := Selection{path: s.path}
	for i := range matching {
		user := &matching[i]
		switch {
		case !selectable(group, user):
		case user.Status.ID != "":
			selection.users = append(selection.users, v1alpha1.UserReference{ID: user.Status.ID})
		default:
			selection.pending = append(selection.pending, v1alpha1.UserReference{Username: user.Username()})
		}
	}
	return selection
}

// SelectedBy returns which selectors of a group make a User of its namespace a member, as
// paths in the spec.
func SelectedBy(group *v1alpha1.UserGroup, user *v1alpha1.User) []string {
	if !selectable(group, user) {
		return nil
	}
	return matching(group, user)
}

// Matches reports whether a selector of a group matches the labels of a User of its namespace,
// whether or not it makes the User a member.
func Matches(group *v1alpha1.UserGroup, user *v1alpha1.User) bool {
	return len(matching(group, user)) > 0
}

// matching returns the paths of the group's selectors that match a User's labels.
func matching(group *v1alpha1.UserGroup, user *v1alpha1.User) (paths []string) {
	selectors, _ := Selectors(group) // an invalid one selects nobody
	for _, selector := range selectors {
		if selector.Matches(labels.Set(user.Labels)) {
			paths = append(paths, selector.path)
		}
	}
	return paths
}

// selectable reports whether a selector may make a User a member.
func selectable(group *v1alpha1.UserGroup, user *v1alpha1.User) bool {
	return organizationOf(user) == organizationOf(group) && user.DeletionTimestamp == nil
}

func organizationOf(object interface {
	metav1.Object
	OrganizationRef() v1alpha1.OrganizationReference
}) v1alpha1.OrganizationReference {
	reference := object.OrganizationRef()
	reference.Namespace = cmp.Or(reference.Namespace, object.GetNamespace())
	return reference
}
