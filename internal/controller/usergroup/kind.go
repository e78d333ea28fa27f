// Package usergroup keeps groups of users at JumpCloud, and their members, as UserGroup
// objects declare them. It reads and makes calls; what differs from what is declared is decided
// in package definition for the group itself, and in package membership for its members.
package usergroup

import (
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/groups/membership"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// Kind implements continuous.Kind for UserGroups.
type Kind struct {
	// Sources reads the ConfigMaps that name members, past the cache.
	Sources rows.Loader
	// Users reads the Users that are selected by their labels.
	Users client.Reader
	// SettleWindow is how long after an announced creation was first seen its request may
	// still take effect. It must exceed the deadline of a submission.
	SettleWindow time.Duration
}

// Memory is what a process knows of an object besides its status. The zero
// value knows nothing: that costs requests and time, and harms no one.
type Memory struct {
	sources  membership.Sources
	creation creation
	look     *look
	names    membership.Names
	// peopleSince is when a declared user turned out to have been deleted: users must be read
	// later than that.
	peopleSince time.Time
	// listsSince is the time that lists of groups must be newer than: earlier ones are known
	// to be out of date.
	listsSince time.Time
	// renamed names the groups that the last list showed under other names than their objects
	// know, so that such a list is re-read only once.
	renamed string
	// textFilters is set if JumpCloud refused a query with its filters as objects.
	textFilters bool
	// proved is the version of the sources that the group was last found to match, provedAt is
	// when.
	proved   string
	provedAt time.Time
}

type (
	pass   = continuous.Pass[*v1alpha1.UserGroup, Memory]
	plan   = continuous.Plan[*v1alpha1.UserGroup, Memory]
	change = continuous.Change[*v1alpha1.UserGroup, Memory]
)

// Name returns the name of the kind.
func (*Kind) Name() string { return "UserGroup" }

// Settings returns the engine's settings for an object.
func (*Kind) Settings(object *v1alpha1.UserGroup) continuous.Settings {
	settings := continuous.Settings{
		Mode: object.Spec.Mode, ApprovedPlan: object.Spec.ApprovedPlan, Thing: fmt.Sprintf("the group %q", object.GroupName()),
	}
	switch {
	case object.Status.Creating != nil:
		settings.Deletion = continuous.DeletionSettles
	case object.Spec.DeletionPolicy == v1alpha1.DeletionPolicyDelete:
		settings.Deletion = continuous.DeletionActs
	}
	return settings
}

// Identity returns the group's declared name and what the object holds: the id of the group,
// its last known name, and the name by which it may just have been created. While a group is
// being renamed, another object may declare the name that it still has.
func (*Kind) Identity(object *v1alpha1.UserGroup) continuous.Identity {
	status := &object.Status
	identity := continuous.Named(&status.LivingStatus, object.GroupName(), status.ID, knownName(object), nameKey)
	identity.Disown = func(key string) { disown(status, key) }
	return identity
}

// knownName is the last known name of the group with the id in the status. A status without a
// recorded name stands for the declared one, if the spec has not changed since.
func knownName(object *v1alpha1.UserGroup) string {
	status := &object.Status
	if status.Name == "" && status.ObservedGeneration == object.Generation {
		return object.GroupName()
	}
	return status.Name
}

// disown drops the group, or only its name if that is another group's.
func disown(status *v1alpha1.UserGroupStatus, key string) {
	switch key {
	case continuous.IDKey(status.ID):
		forgetGroup(status)
	case nameKey(status.Name):
		status.Name = ""
	}
}

func forgetGroup(status *v1alpha1.UserGroupStatus) {
	status.ID, status.Name, status.Adopted, status.Members, status.Suggestions = "", "", false, nil, nil
}

func nameKey(name string) string { return "name " + name }

// removalsApproved returns a function that records an approved change of this class. If
// members lose access by it, members of an adopted group may be removed from then on.
func removalsApproved(class v1alpha1.HarmClass) func(*v1alpha1.UserGroup) {
	return func(object *v1alpha1.UserGroup) {
		if class == v1alpha1.HarmAccessLost && object.Status.Members != nil {
			object.Status.Members.RemovalsApproved = true
		}
	}
}
