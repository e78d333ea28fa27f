// Package usergroup keeps groups of users at JumpCloud, and who is in them, as
// UserGroup objects declare them. What is pure is apart from what calls
// JumpCloud: sources, the comparison of a group with its declaration, and the
// difference between declared and live members.
package usergroup

import (
	"fmt"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/living"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/rows"
)

// Kind is what a UserGroup does in living.Engine.
type Kind struct {
	// Sources reads the ConfigMaps that name members, live.
	Sources rows.Loader
	// SettleWindow is how long after the first sight of an announced creation its
	// request may still be on its way. It must exceed the deadline of a submission.
	SettleWindow time.Duration
}

// Memory is what a process knows of an object besides its status. The zero
// value knows nothing: that costs requests and time, and harms nobody.
type Memory struct {
	sources      sources
	creation     creation
	look         *look
	acquaintance acquaintance
	// peopleSince is when a declared user turned out to have been deleted: who
	// people are must be read newer than that.
	peopleSince time.Time
	// goneAt is when the group of a known id turned out not to exist: lists from
	// before may still show it.
	goneAt time.Time
	// textFilters is set where JumpCloud refused a query with its filters as objects.
	textFilters bool
	// proved is the version of the sources that the group was last found to be as,
	// and provedAt is when.
	proved   string
	provedAt time.Time
}

type (
	pass   = living.Pass[*v1alpha1.UserGroup, Memory]
	plan   = living.Plan[*v1alpha1.UserGroup, Memory]
	change = living.Change[*v1alpha1.UserGroup, Memory]
)

var (
	_ living.Kind[*v1alpha1.UserGroup, Memory]       = (*Kind)(nil)
	_ living.Gatekeeper[*v1alpha1.UserGroup, Memory] = (*Kind)(nil)
	_ living.Holder[*v1alpha1.UserGroup]             = (*Kind)(nil)
)

// Name of the kind.
func (*Kind) Name() string { return "UserGroup" }

// Settings of an object.
func (*Kind) Settings(object *v1alpha1.UserGroup) living.Settings {
	return living.Settings{
		Mode: object.Spec.Mode, ApprovedPlan: object.Spec.ApprovedPlan,
		Thing:     fmt.Sprintf("the group %q", object.GroupName()),
		Finalizes: object.Spec.DeletionPolicy == v1alpha1.DeletionPolicyDelete,
		Open:      object.Status.Creating != nil,
	}
}

// Claims are the group's declared name and what the object holds: while it is
// renamed, somebody else may declare the name that it still has.
func (k *Kind) Claims(object *v1alpha1.UserGroup) []string {
	claims := k.Holds(object)
	if name := nameClaim(object.GroupName()); !slices.Contains(claims, name) {
		claims = append(claims, name)
	}
	return claims
}

// Holds are the id of the group, the name that it has as far as is known, and
// the name by which it may just have been created.
func (*Kind) Holds(object *v1alpha1.UserGroup) []string {
	var held []string
	status := &object.Status
	if status.ID != "" {
		held = append(held, idClaim(status.ID), nameClaim(knownName(object)))
	}
	if creating := status.Creating; creating != nil && !slices.Contains(held, nameClaim(creating.Name)) {
		held = append(held, nameClaim(creating.Name))
	}
	return held
}

// knownName is the name that the group of the id in the status has. Statuses that
// were written before names were noted tell it where the spec is the same.
func knownName(object *v1alpha1.UserGroup) string {
	status := &object.Status
	if status.Name == "" && status.ObservedGeneration == object.Generation {
		return object.GroupName()
	}
	return status.Name
}

// Disown drops the group, or only its name where that is another group's.
func (*Kind) Disown(object *v1alpha1.UserGroup, claim string) {
	status := &object.Status
	switch claim {
	case idClaim(status.ID):
		disown(status)
	case nameClaim(status.Name):
		status.Name = ""
	}
}

func disown(status *v1alpha1.UserGroupStatus) {
	status.ID, status.Name, status.Adopted, status.Members, status.Suggestions = "", "", false, nil, nil
}

func nameClaim(name string) string { return "name " + name }

func idClaim(id string) string { return "id " + id }

// Granted notes that members of an adopted group may be removed from now on,
// where that was approved.
func (*Kind) Granted(object *v1alpha1.UserGroup, gated []change) {
	removes := slices.ContainsFunc(gated, func(c change) bool { return c.Class == v1alpha1.HarmAccessLost })
	if removes && object.Status.Members != nil {
		object.Status.Members.RemovalsApproved = true
	}
}
