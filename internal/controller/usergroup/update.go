package usergroup

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/groups/definition"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// update returns the call that changes the planned fields. JumpCloud replaces a group as a whole
// and has no versions, so the call re-reads the group right before: what another client changed
// since the plan is kept, or planned again.
func update(d *definition.Definition, planned fielddiff.Fields) func(context.Context, *pass, jumpcloud.Submission) error {
	return func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
		client, id := pass.Session.Client, pass.Object.Status.ID
		live, err := client.GetUserGroup(ctx, id)
		if jumpcloud.IsNotFound(err) {
			return again("The group does not exist any more.")
		}
		if err != nil {
			return continuous.NotMade(lifecycle.Failed(err))
		}
		if problem := definition.Unwritable(live); problem != "" {
			return continuous.NotMade(lifecycle.Stalled(v1alpha1.RemoteConflictReason, problem))
		}
		edit := d.Over(live.Input())
		switch {
		case len(edit.Fields) == 0:
			return nil
		case !slices.Equal(edit.Fields, planned):
			return again("The group changed at JumpCloud after the change was planned.")
		}
		after, err := client.UpdateUserGroup(ctx, submission, id, edit.Input)
		switch {
		case jumpcloud.IsAlreadyExists(err):
			return nameTaken(d.Name, "JumpCloud does not say which")
		case err != nil:
			return otherFilters(pass, &edit.Input, err)
		}
		if kept := d.Over(after.Input()).Fields; len(kept) > 0 && after.Writable() {
			// Every attempt would end like this. An answer that cannot be read in full proves
			// nothing.
			return continuous.Stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
				"JumpCloud accepted a change of the group %q but kept other values for: %s. Declare the values that JumpCloud keeps, or remove these fields.",
				d.Name, strings.Join(kept.Names(), ", ")))
		}
		return nil
	}
}

// otherFilters makes the next look write a refused query in the other form, once: a group
// without a query does not show which form JumpCloud accepts.
func otherFilters(pass *pass, in *jumpcloud.UserGroupInput, err error) error {
	if jumpcloud.StatusOf(err) != http.StatusBadRequest || in.MemberQuery == nil {
		return err
	}
	pass.Memory.textFilters = !definition.TextFilters(in.MemberQuery, pass.Memory.textFilters)
	if !pass.Memory.textFilters {
		return err // refused in both forms
	}
	return again("JumpCloud refused the query with its filters as objects. They are written as text.")
}

// again ends a pass that changed nothing.
func again(why string) error {
	return continuous.NotMade(lifecycle.Progressing(v1alpha1.ProgressingReason, why+" It is checked again.", 0))
}
