// Package pushendpoint keeps push endpoints, the devices that users enrolled
// for push notifications, as PushEndpoint objects declare them.
package pushendpoint

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Kind implements continuous.Kind for PushEndpoints. The zero value is ready to use. It only
// adopts: JumpCloud's app enrolls devices.
type Kind struct{}

// Memory is empty: an observation is a read of one endpoint.
type Memory = struct{}

type (
	pass   = continuous.Pass[*v1alpha1.PushEndpoint, Memory]
	plan   = continuous.Plan[*v1alpha1.PushEndpoint, Memory]
	change = continuous.Change[*v1alpha1.PushEndpoint, Memory]
)

// Name returns the name of the kind.
func (Kind) Name() string { return "PushEndpoint" }

// Settings returns the engine's settings for an object.
func (Kind) Settings(object *v1alpha1.PushEndpoint) continuous.Settings {
	spec := &object.Spec
	settings := continuous.Settings{
		Mode: spec.Mode, ApprovedPlan: spec.ApprovedPlan,
		Thing: fmt.Sprintf("the push endpoint %q of user %s", cmp.Or(spec.Endpoint.Name, spec.Endpoint.ID), spec.User),
	}
	if spec.DeletionPolicy == v1alpha1.DeletionPolicyDelete {
		settings.Deletion = continuous.DeletionActs
	}
	return settings
}

// Identity returns the reference in the spec and, once it is known, the endpoint's id: two
// objects may name one endpoint in different ways. All keys are held once the endpoint was
// found, because what the spec refers to never changes.
func (Kind) Identity(object *v1alpha1.PushEndpoint) continuous.Identity {
	status := &object.Status
	var identity continuous.Identity
	if name, user := object.Spec.Endpoint.Name, object.Spec.User; name != "" {
		identity.Keys = append(identity.Keys, fmt.Sprintf("name %q of %q %q %q", name, user.Username, strings.ToLower(user.Email), user.ID))
	}
	if id := recordedID(object); id != "" {
		identity.Keys = append(identity.Keys, continuous.IDKey(id))
	}
	if status.ID != "" {
		identity.Held = identity.Keys
		identity.Disown = func(string) {
			*status = v1alpha1.PushEndpointStatus{CommonStatus: status.CommonStatus, LivingStatus: status.LivingStatus}
		}
	}
	return identity
}

// Load reads nothing in the cluster.
func (Kind) Load(context.Context, *pass) (string, error) { return "", nil }

// Observe reads the endpoint and plans one call that changes what differs.
func (Kind) Observe(ctx context.Context, pass *pass) (*plan, error) {
	object, reference := pass.Object, pass.Object.Spec.User
	user, ok, err := pass.User(ctx, reference)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, lifecycle.Stop(lifecycle.Waiting(v1alpha1.UsersNotFoundReason,
			fmt.Sprintf("User %s is not in the directory. The push endpoint is looked for when the user appears.", reference)))
	}
	live, err := find(ctx, pass.Session.Client, user.ID, wantedBy(object))
	if missing, ok := errors.AsType[*missingError](err); ok {
		return nil, continuous.Stalled(v1alpha1.RemoteNotFoundReason,
			fmt.Sprintf("For user %s, %s. It is looked for at every resync; only JumpCloud's app enrolls a device.", reference, missing.why))
	}
	if err != nil {
		return nil, err
	}
	note(&object.Status, user.ID, live)
	if object.Spec.Name != "" && live.Unread.Has("name") || object.Spec.State != "" && live.Unread.Has("state") {
		return nil, continuous.Stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
			"The name or the state that JumpCloud has of push endpoint %s cannot be read, so it is not known whether it differs from what is declared. "+
				"Correct it in JumpCloud, or leave spec.name and spec.state out.", live.ID))
	}
	fields := diff(&object.Spec, live)
	if len(fields) == 0 {
		return &plan{Outcome: lifecycle.Done(v1alpha1.UpToDateReason,
			fmt.Sprintf("Push endpoint %q (%s) of user %s is as declared.", live.Name, live.ID, reference))}, nil
	}
	if pass.Session.Protected(user) {
		return nil, continuous.Protected(user.Username, "the push endpoint differs from what is declared ("+strings.Join(fields.Names(), ", ")+")",
			"Change it in JumpCloud, or let the spec state what is live")
	}
	c := update(user.ID, live, fields)
	if c.Harm == 0 && reactivates(fields) && !object.Status.Deactivated {
		c.Class, c.Harm = v1alpha1.HarmAccessGained, 1
	}
	return &plan{Changes: []change{c}}, nil
}

// PlanDeletion plans to delete the endpoint that the object stood for, never another one that
// has its name.
func (Kind) PlanDeletion(ctx context.Context, pass *pass) (*plan, error) {
	object, reference := pass.Object, pass.Object.Spec.User
	wanted := wantedBy(object)
	if wanted.id != "" {
		wanted.names = nil
	}
	if id := object.Status.UserID; id != "" {
		reference = v1alpha1.UserReference{ID: id} // the spec may name another user
	}
	user, ok, err := pass.User(ctx, reference)
	if err != nil || !ok {
		return &plan{}, err // without the user, there is no endpoint of theirs
	}
	live, err := find(ctx, pass.Session.Client, user.ID, wanted)
	switch {
	case isMissing(err):
		return &plan{}, nil
	case err != nil:
		return nil, err
	case pass.Session.Protected(user):
		return nil, continuous.Protected(user.Username, "the push endpoint would be deleted", "Set spec.deletionPolicy to Retain")
	}
	note(&object.Status, user.ID, live)
	return &plan{Changes: []change{remove(user.ID, live)}}, nil
}

// reactivates reports whether an endpoint becomes active. If the object did not deactivate it,
// that gives back access that somebody took away.
func reactivates(fields fielddiff.Fields) bool {
	return slices.ContainsFunc(fields, func(f fielddiff.Field) bool {
		return f.Name == fieldState && f.New == string(v1alpha1.PushEndpointActive)
	})
}

// update returns the change of fields of an endpoint, in one call.
func update(userID string, live *jumpcloud.PushEndpoint, fields fielddiff.Fields) change {
	c := change{Action: v1alpha1.ChangeUpdate, Subject: live.Name, UserID: live.ID, Fields: fields, Class: v1alpha1.HarmNone}
	var request jumpcloud.PushEndpointUpdate
	for _, field := range fields {
		switch field.Name {
		case fieldName:
			request.Name = &field.New
		case fieldState:
			request.State = new(strings.ToLower(field.New))
			if field.New == string(v1alpha1.PushEndpointInactive) {
				c.Class, c.Harm, c.Urgent = v1alpha1.HarmAccessLost, 1, true
			}
		}
	}
	c.Do = func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
		answer, err := pass.Session.Client.UpdatePushEndpoint(ctx, submission, userID, live.ID, request)
		switch {
		case jumpcloud.IsNotFound(err):
			return nil // it is gone, as the next look will show
		case err != nil:
			return err
		}
		if request.State != nil {
			pass.Object.Status.Deactivated = *request.State == strings.ToLower(string(v1alpha1.PushEndpointInactive))
		}
		return taken(fields, answer)
	}
	return c
}

// taken fails if the answer to an update has another value than was sent: JumpCloud would do
// the same again.
func taken(fields fielddiff.Fields, answer *jumpcloud.PushEndpoint) error {
	for _, field := range fields {
		if now := valueOf(answer, field.Name); now != "" && now != field.New {
			return continuous.Stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
				"JumpCloud accepted %s %q of push endpoint %s but kept %q. Set spec.%s to what JumpCloud keeps, or remove it.",
				field.Name, field.New, answer.ID, now, field.Name))
		}
	}
	return nil
}

// remove returns the change that deletes an endpoint.
func remove(userID string, live *jumpcloud.PushEndpoint) change {
	return change{
		Action: v1alpha1.ChangeDelete, Subject: live.Name, UserID: live.ID, Class: v1alpha1.HarmAccessLost, Harm: 1,
		Do: func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
			return jumpcloud.IgnoreNotFound(pass.Session.Client.DeletePushEndpoint(ctx, submission, userID, live.ID))
		},
	}
}
