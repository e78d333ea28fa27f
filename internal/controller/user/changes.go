package user

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	imports "github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// maxFields is how many fields the status names, maxJobID how many bytes of a job's id it has.
const maxFields, maxJobID = 64, 64

// differences returns the changes that make the user as declared; live is nil for a user who
// does not exist. The state comes first, so that no other field delays it.
func (k *Kind) differences(ctx context.Context, f finder, live *directory.User) ([]change, error) {
	sight, _, err := f.look(ctx, f.Since())
	if err != nil {
		return nil, err
	}
	changes, err := stateChanges(f, live)
	if err != nil {
		return nil, err
	}
	switch decision := sight.Decision; decision.Action {
	case imports.Fail:
		return nil, continuous.Stalled(decision.SpecFailure())
	case imports.Create:
		if live != nil { // the reading may be about another user
			return nil, directory.ErrReading
		}
		if missing := f.Memory.missing; missing != nil {
			return nil, lifecycle.Stop(lifecycle.Waiting(v1alpha1.SourceNotFoundReason, missing.Error()+". The user is created once it is there."))
		}
		return []change{k.create(&f.Memory.creation, decision)}, nil
	case imports.Update:
		if !f.keeps(decision) {
			changes = append(changes, k.update(live, decision))
		}
	default:
		f.Memory.omitted.Forget(&f.Object.Status.Omitted)
		f.Memory.kept.Forget()
		f.keeps(decision)
	}
	return changes, nil
}

// stateChanges returns the change that makes the state as declared. A suspension that this
// object did not make is lifted only with an approval. Users begin as staged and never return
// to that.
func stateChanges(f finder, live *directory.User) ([]change, error) {
	wanted := f.row.State()
	if live == nil || wanted == "" || wanted == v1alpha1.UserStateStaged || wanted == rows.StateOf(live.State) {
		return nil, nil
	}
	is := rows.StateOf(live.State)
	if is == "" && wanted != v1alpha1.UserStateSuspended {
		return nil, continuous.Stalled(v1alpha1.RemoteConflictReason,
			"spec.state: JumpCloud shows no known state, so the user may be suspended. Check the user in JumpCloud, or leave spec.state out.")
	}
	if f.Session.Protected(*live) {
		return nil, continuous.Stalled(v1alpha1.ProtectedUserReason,
			"spec.state: this user is protected (an administrator, or in the Organization's protectedUsers) and is never changed. "+
				"Leave spec.state out, or let it state what is live.")
	}
	foreign := is == v1alpha1.UserStateSuspended && !f.Object.Status.Suspended.ByObject && !f.Memory.changesState(f.Now)
	return []change{setState(live, wanted, foreign)}, nil
}

// create returns the change that creates the user, in a job.
func (k *Kind) create(creation *continuous.Creation, d *imports.Decision) change {
	name := d.Row.Username()
	c := change{Action: v1alpha1.ChangeCreate, Subject: name, Class: v1alpha1.HarmNone, ActivationMail: d.Row.State() == v1alpha1.UserStateActivated}
	c.Batch = batched(d, nil, func(pass *pass, terms batch.Terms) *batch.Ticket {
		return k.Jobs.Creates.Add(pass.Session, d.CreatePayload(pass.Memory.row.Password), terms)
	})
	c.Batch.Creates = &continuous.Announcement{Name: name, Creation: creation}
	return c
}

// batched returns how a job makes the change of a decision.
func batched(d *imports.Decision, fields []string, add func(*pass, batch.Terms) *batch.Ticket) *continuous.Batched[*v1alpha1.User, Memory] {
	return &continuous.Batched[*v1alpha1.User, Memory]{
		Add:  add,
		Made: func(pass *pass, jobID string) { changed(pass, jobID, fields) },
		Ended: func(pass *pass, result batch.Result) (otherwise bool) {
			pass.Memory.kept.JobEnded(d, result.Kind == submission.Completed, result.Failed > 0)
			return d.Action == imports.Create && pass.Memory.omitted.Omit(&pass.Object.Status.Omitted, d.CanOmit(result.Said))
		},
	}
}

// update returns the change of fields of the user, in a job. Making it twice does no harm.
func (k *Kind) update(live *directory.User, d *imports.Decision) change {
	c := change{
		Action: v1alpha1.ChangeUpdate, Subject: live.Username, UserID: live.ID, Class: d.HarmClass(), Needs: continuous.NeedsNothing,
		Fields: d.Fields(), Rereads: d.SendsLists(),
	}
	c.Harm = continuous.HarmOfOne(c.Class)
	c.Batch = batched(d, c.Fields.Names(), func(pass *pass, terms batch.Terms) *batch.Ticket {
		return k.Jobs.Updates.Add(pass.Session, *d.Payload, terms)
	})
	return c
}

// setState returns the change of the state alone.
func setState(live *directory.User, wanted v1alpha1.UserState, gated bool) change {
	field := fielddiff.Field{Name: "state", Old: string(rows.StateOf(live.State)), New: string(wanted)}
	entry, _ := rows.FieldOf("state")
	c := change{
		Action: v1alpha1.ChangeUpdate, Subject: live.Username, UserID: live.ID, Fields: fielddiff.Fields{field},
		Class: entry.Harm.Class(field.Old, field.New), Gated: gated, Needs: continuous.NeedsNothing,
		Urgent:         wanted == v1alpha1.UserStateSuspended,
		ActivationMail: field.Old == string(v1alpha1.UserStateStaged) && wanted == v1alpha1.UserStateActivated,
	}
	c.Harm = continuous.HarmOfOne(c.Class)
	if c.Urgent { // whose suspension it is must be known even if the answer is lost
		c.Begins = func(object *v1alpha1.User) { object.Status.Suspended = &v1alpha1.SuspendedStatus{ByObject: true} }
		c.Reverts = func(object *v1alpha1.User) { object.Status.Suspended = nil }
	}
	c.Do = func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
		request := jumpcloud.UserUpdate{UserAttributes: jumpcloud.UserAttributes{State: new(rows.RemoteState(wanted))}}
		_, err := pass.Session.Client.UpdateUser(ctx, submission, live.ID, request)
		if err == nil || jumpcloud.ClassOf(err) == jumpcloud.Unknown {
			pass.Memory.stateAt = time.Now()
		}
		if err != nil {
			return err
		}
		if !c.Urgent {
			pass.Object.Status.Suspended = nil
		}
		changed(pass, "", c.Fields.Names())
		return nil
	}
	return c
}

// remove returns the change that deletes the user, for good.
func remove(live *directory.User, reports v1alpha1.ReportsPolicy) change {
	options := jumpcloud.DeleteUserOptions{}
	if reports == v1alpha1.ReportsClear {
		options.CascadeManager = "null"
	}
	return change{
		Action: v1alpha1.ChangeDelete, Subject: live.Username, UserID: live.ID, Class: v1alpha1.HarmAccessLost, Harm: 1,
		Do: func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
			err := jumpcloud.IgnoreNotFound(pass.Session.Client.DeleteUser(ctx, submission, live.ID, options))
			if jumpcloud.StatusOf(err) != http.StatusConflict {
				return err
			}
			return continuous.NotMade(lifecycle.Waiting(v1alpha1.ProgressingWithRetryReason, fmt.Sprintf(
				"JumpCloud does not delete the user %q while other users report to it, and spec.reportsTo is Keep. "+
					"Give them another manager, or set spec.reportsTo to Clear. It is retried at the resync.", live.Username)))
		},
	}
}

// mayEnd fails if the end of the user would change somebody protected: the user, or a report
// who would lose the manager.
func mayEnd(ctx context.Context, pass *pass, live *directory.User) error {
	spec := &pass.Object.Spec
	if pass.Session.Protected(*live) {
		return continuous.Protected(strconv.Quote(live.Username), fmt.Sprintf("spec.deletionPolicy is %s", spec.DeletionPolicy), "Set spec.deletionPolicy to Retain")
	}
	if spec.DeletionPolicy != v1alpha1.DeletionPolicyDelete || spec.ReportsTo != v1alpha1.ReportsClear {
		return nil
	}
	reports, err := pass.Session.Users.Reports(ctx, live.ID)
	if at := slices.IndexFunc(reports, pass.Session.Protected); err == nil && at >= 0 {
		return continuous.Protected(strconv.Quote(reports[at].Username), "reports to the user; spec.reportsTo is Clear", "Give them another manager in JumpCloud")
	}
	return err
}

// changed records a change in the status.
func changed(pass *pass, jobID string, fields []string) {
	pass.Object.Status.LastChange = &v1alpha1.UserChangeStatus{
		At: metav1.NewTime(pass.Now.Truncate(1e9)), JobID: text.Clip(jobID, maxJobID), Fields: fields[:min(len(fields), maxFields)],
	}
}

// keeps learns what JumpCloud keeps of what was sent, and reports whether that is all that
// differs.
func (f finder) keeps(d *imports.Decision) (all bool) {
	status, shown := &f.Object.Status, f.Now.Sub(f.ChangedAt) >= continuous.LookedFor()
	status.Kept, all = f.Memory.kept.Learn(string(f.Object.UID), status.Kept, d, shown)
	return all
}
