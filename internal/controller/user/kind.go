// Package user keeps users of the directory as User objects declare them.
package user

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/utils/ptr"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/follow"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// Kind implements continuous.Kind for Users. A User declares one row, which is validated,
// compared and sent as in an import.
type Kind struct {
	// Rows reads the password that a User refers to.
	Rows rows.Loader
	// Jobs are the bulk jobs that carry changes.
	Jobs *batch.Users
}

// Memory is what the process keeps of an object between passes.
type Memory struct {
	// row is what the object declares; with the password while there is no user. missing is
	// the password that the row lacks; nil: it lacks none.
	row      *rows.Row
	missing  *rows.NotFoundError
	creation continuous.Creation
	look     follow.Look
	omitted  follow.Omitting
	kept     follow.Keeping
	stateAt  time.Time // when the state was changed last
}

// Forget ends the look of an object that is gone.
func (m *Memory) Forget() { m.look.Stop() }

type (
	pass   = continuous.Pass[*v1alpha1.User, Memory]
	plan   = continuous.Plan[*v1alpha1.User, Memory]
	change = continuous.Change[*v1alpha1.User, Memory]
)

// Name returns the name of the kind.
func (*Kind) Name() string { return "User" }

// Settings returns the engine's settings for an object.
func (*Kind) Settings(object *v1alpha1.User) continuous.Settings {
	spec := &object.Spec
	settings := continuous.Settings{Mode: spec.Mode, ApprovedPlan: spec.ApprovedPlan, Thing: fmt.Sprintf("the user %q", object.Username())}
	switch {
	case object.Status.Creating != nil:
		settings.Deletion = continuous.DeletionSettles
	case spec.DeletionPolicy == v1alpha1.DeletionPolicySuspend, spec.DeletionPolicy == v1alpha1.DeletionPolicyDelete:
		settings.Deletion = continuous.DeletionActs
	}
	return settings
}

// Identity returns what the object declares that no two users share, and what it holds: the
// user's id, its last known username, and the username with which it may just have been
// created.
func (*Kind) Identity(object *v1alpha1.User) continuous.Identity {
	status, row := &object.Status, object.Row()
	identity := continuous.Named(&status.LivingStatus, object.Username(), status.ID, status.Username, usernameKey)
	identity.Disown = func(string) { forget(status) }
	identity.AddUnique("email", strings.ToLower(ptr.Deref(row.Email, "")))
	identity.AddUnique("employeeIdentifier", ptr.Deref(row.EmployeeIdentifier, ""))
	return identity
}

// Load reads the row that the object declares.
func (k *Kind) Load(ctx context.Context, pass *pass) (version string, err error) {
	pass.Memory.row, pass.Memory.missing, err = k.Rows.User(ctx, pass.Object)
	return pass.Memory.missing.Version(), err // the rest is in the generation, and of the password, only the latest counts
}

// Observe finds the user, and plans to create it or to make it as declared.
func (k *Kind) Observe(ctx context.Context, pass *pass) (*plan, error) {
	if complaint := pass.Memory.row.SpecComplaint(); complaint != "" {
		return nil, continuous.Stalled(v1alpha1.InvalidSpecReason, complaint+". Nothing was sent.")
	}
	row, missing, err := withoutMissingManager(ctx, pass)
	if err != nil {
		return nil, err
	}
	pass.Memory.omitted.Recall(&pass.Object.Status.Omitted)
	f := finder{pass, row}
	live, err := k.search(f).Find(ctx, row.Username())
	if err != nil {
		return nil, err
	}
	changes, err := k.differences(ctx, f, live)
	if len(changes) > 0 {
		pass.Memory.look.Planned()
	} else {
		pass.Memory.row = nil // the next pass loads it
	}
	return &plan{Changes: changes, Outcome: outcome(row, missing)}, err
}

// withoutMissingManager returns the row without a manager who is not in the directory. All
// else is done meanwhile, and the object wakes when the manager appears.
func withoutMissingManager(ctx context.Context, pass *pass) (row *rows.Row, missing string, err error) {
	row = pass.Memory.row
	manager := row.Manager()
	if manager == (v1alpha1.UserReference{}) {
		return row, "", nil
	}
	if _, found, err := pass.User(ctx, manager); found || err != nil {
		return row, "", err
	}
	return row.WithoutManager(), manager.String(), nil
}

// outcome returns the outcome for a user who is as declared, except for a missing manager.
func outcome(row *rows.Row, missing string) lifecycle.Outcome {
	if missing != "" {
		return lifecycle.Waiting(v1alpha1.UsersNotFoundReason, fmt.Sprintf(
			"The user %q is as declared except for spec.manager: user %q is not in the directory. It is set when that user appears.", row.Username(), missing))
	}
	return lifecycle.Done(v1alpha1.UpToDateReason, fmt.Sprintf("The user %q is as declared.", row.Username()))
}

// PlanDeletion plans what spec.deletionPolicy says, for the object's own user only.
func (k *Kind) PlanDeletion(ctx context.Context, pass *pass) (*plan, error) {
	live, err := k.search(finder{pass, nil}).Own(ctx)
	if err != nil || live == nil {
		return &plan{}, err
	}
	spec := &pass.Object.Spec
	var c change
	switch {
	case spec.DeletionPolicy == v1alpha1.DeletionPolicyDelete:
		c = remove(live, spec.ReportsTo)
	case spec.DeletionPolicy == v1alpha1.DeletionPolicySuspend && rows.StateOf(live.State) != v1alpha1.UserStateSuspended:
		c = setState(live, v1alpha1.UserStateSuspended, false)
	default:
		return &plan{}, nil
	}
	if err := mayEnd(ctx, pass, live); err != nil {
		return nil, err
	}
	pass.Memory.look.Planned()
	return &plan{Changes: []change{c}}, nil
}

func usernameKey(name string) string { return "username " + strings.ToLower(name) }

// forget drops the user from the status.
func forget(status *v1alpha1.UserStatus) {
	status.ID, status.Username, status.State, status.Adopted, status.Suspended = "", "", "", false, nil
}

// changesState reports whether a change of the state may show late.
func (m *Memory) changesState(now time.Time) bool { return now.Sub(m.stateAt) < continuous.LookedFor() }

// note records the user in the status; own is set if the object created the user as suspended.
func note(pass *pass, live *directory.User, own bool) {
	status := &pass.Object.Status
	status.ID, status.Username, status.State = live.ID, live.Username, rows.StateOf(live.State)
	switch suspended := status.State == v1alpha1.UserStateSuspended; {
	case suspended && status.Suspended == nil:
		status.Suspended = &v1alpha1.SuspendedStatus{ByObject: own}
	case !suspended && !pass.Memory.changesState(pass.Now):
		status.Suspended = nil
	}
}
