package user

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	imports "github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// Paths of fields that are handled apart from the others.
const (
	managerPath = "manager"
	statePath   = "state"
)

// maxFields is how many fields the status names.
const maxFields = 64

// maxJobID is how much of the id of a job it has, in bytes.
const maxJobID = 64

// differences are the changes that make the user as declared; nil stands for a
// user who is not there. The state comes first: no other field may hold it up.
func (k *Kind) differences(ctx context.Context, f finder, live *directory.User) ([]change, error) {
	r, _, err := f.look(ctx, f.newerThan())
	if err != nil {
		return nil, err
	}
	var changes []change
	if live != nil {
		if changes, err = stateChanges(f, live); err != nil {
			return nil, err
		}
	}
	switch decision := r.decision; decision.Action {
	case imports.Fail:
		return nil, continuous.Stalled(reasonOf(decision), "spec."+decision.Message+".")
	case imports.Create:
		if live != nil { // the reading may be of another user by now
			return nil, directory.ErrReading
		}
		return []change{k.create(&f.Memory.creation, decision)}, nil
	case imports.Update:
		f.forgetKept(decision)
		if !f.learn(decision) {
			changes = append(changes, k.update(live, decision))
		}
	default:
		f.Memory.omitted, f.Object.Status.Omitted = nil, nil // all of it is there
		f.Memory.sent = nil
		f.forgetKept(decision)
	}
	return changes, nil
}

// reasonOf is the condition's reason for a row that fails.
func reasonOf(d *imports.Decision) string {
	switch {
	case d.Reason == v1alpha1.RowInvalidReason:
		return v1alpha1.InvalidSpecReason
	case d.Ungranted:
		return v1alpha1.PermissionDeniedReason
	default:
		return d.Reason
	}
}

// stateChanges make the state as declared. A suspension that this object did not
// make is lifted only with an approval. Staged is where users begin, and none goes
// back to it.
func stateChanges(f finder, live *directory.User) ([]change, error) {
	declared, _ := f.row.Get(statePath)
	wanted, is := v1alpha1.UserState(declared), stateOf(live)
	if wanted == "" || wanted == v1alpha1.UserStateStaged || wanted == is {
		return nil, nil
	}
	if is == "" && wanted != v1alpha1.UserStateSuspended {
		return nil, continuous.Stalled(v1alpha1.RemoteConflictReason,
			"spec.state: JumpCloud shows no state that is known, so the user may be suspended. Look at the user in JumpCloud, or leave spec.state out.")
	}
	if f.Session.Protected(*live) {
		return nil, continuous.Stalled(v1alpha1.ProtectedUserReason,
			"spec.state: this user is protected (an administrator, or in the Organization's protectedUsers) and is never changed. "+
				"Leave spec.state out, or let it state what is live.")
	}
	foreign := is == v1alpha1.UserStateSuspended && (f.Object.Status.Suspended == nil || !f.Object.Status.Suspended.ByObject)
	return []change{setState(live, wanted, foreign)}, nil
}

// create makes the user, in a job.
func (k *Kind) create(creation *continuous.Creation, d *imports.Decision) change {
	name := d.Row.Username()
	return change{
		Action: v1alpha1.ChangeCreate, Subject: name, Class: v1alpha1.HarmNone,
		Batch: &continuous.Batched[*v1alpha1.User, Memory]{
			Creates: &continuous.Announcement{Name: name, Creation: creation},
			Add: func(pass *pass, terms batch.Terms) *batch.Ticket {
				row := *d.Row
				row.Password = pass.Memory.row.Password
				payload := rows.CreatePayload(&row, nil)
				payload.Manager = cmp.Or(d.Manager, payload.Manager)
				if d.Omits {
					rows.Omit(&payload)
				}
				return k.Creates.Add(pass.Session, payload, terms)
			},
			Made: func(pass *pass, jobID string) { changed(pass, jobID, nil) },
			Ended: func(pass *pass, result batch.Result) (otherwise bool) {
				pass.Memory.note(result, created(d.Row))
				return !d.Omits && omit(pass, d.Row, result.Said)
			},
		},
	}
}

// omit lets the user be created without what JumpCloud refused there, if what it said is
// about that.
func omit(pass *pass, row *rows.Row, said []string) bool {
	omitted := rows.Omits(row.Fields)
	if len(omitted) == 0 || !slices.ContainsFunc(said, rows.NamesOmissible) {
		return false
	}
	pass.Memory.omitted = omitted[:min(len(omitted), maxFields)]
	pass.Object.Status.Omitted = pass.Memory.omitted
	return true
}

// update changes fields of the user, in a job. To make it twice does no harm.
func (k *Kind) update(live *directory.User, d *imports.Decision) change {
	c := change{
		Action: v1alpha1.ChangeUpdate, Subject: live.Username, UserID: live.ID, Class: v1alpha1.HarmNone, Needs: continuous.NeedsNothing,
		Rereads: d.SendsLists(),
	}
	for _, field := range d.Changes {
		c.Fields.Note(field.Path, field.Old, field.New)
		entry, _ := rows.FieldOf(field.Path)
		if class := entry.Harm.Class(field.Old, field.New); d.Harmful && class.Harmful() && c.Harm == 0 {
			c.Class, c.Harm = class, 1
		}
	}
	c.Batch = &continuous.Batched[*v1alpha1.User, Memory]{
		Add: func(pass *pass, terms batch.Terms) *batch.Ticket {
			return k.Updates.Add(pass.Session, *d.Payload, terms)
		},
		Made: func(pass *pass, jobID string) { changed(pass, jobID, c.Fields.Names()) },
		Ended: func(pass *pass, result batch.Result) (otherwise bool) {
			pass.Memory.note(result, d.Changes)
			return false
		},
	}
	return c
}

func startCreate(ctx context.Context, client *jumpcloud.Client, s jumpcloud.Submission, users []jumpcloud.BulkUserCreate) (string, error) {
	return client.StartBulkCreate(ctx, s, users, jumpcloud.BulkCreateOptions{SuppressEmail: true})
}

func startUpdate(ctx context.Context, client *jumpcloud.Client, s jumpcloud.Submission, users []jumpcloud.BulkUserUpdate) (string, error) {
	return client.StartBulkUpdate(ctx, s, users, jumpcloud.BulkUpdateOptions{SuppressEmail: true})
}

// setState changes the state alone.
func setState(live *directory.User, wanted v1alpha1.UserState, gated bool) change {
	is := stateOf(live)
	field := continuous.Field{Name: statePath, Old: string(is), New: string(wanted)}
	entry, _ := rows.FieldOf(statePath)
	c := change{
		Action: v1alpha1.ChangeUpdate, Subject: live.Username, UserID: live.ID, Fields: continuous.Fields{field},
		Class: entry.Harm.Class(field.Old, field.New), Gated: gated, Needs: continuous.NeedsNothing,
		Urgent: wanted == v1alpha1.UserStateSuspended,
	}
	if c.Class.Harmful() {
		c.Harm = 1
	}
	c.Do = func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
		request := jumpcloud.UserUpdate{}
		request.State = new(jumpcloud.State(strings.ToUpper(string(wanted))))
		if _, err := pass.Session.Client.UpdateUser(ctx, submission, live.ID, request); err != nil {
			return err
		}
		pass.Object.Status.Suspended = nil
		if wanted == v1alpha1.UserStateSuspended {
			pass.Object.Status.Suspended = &v1alpha1.SuspendedStatus{ByObject: true}
		}
		changed(pass, "", c.Fields.Names())
		return nil
	}
	return c
}

// remove deletes the user, for good.
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
			return lifecycle.Stop(lifecycle.Waiting(v1alpha1.ProgressingWithRetryReason, fmt.Sprintf(
				"JumpCloud does not delete the user %q while other users report to it, and spec.reportsTo is Keep. "+
					"Give them another manager, or set spec.reportsTo to Clear. It is tried again at the resync.", live.Username)))
		},
	}
}

// changed takes a change down in the status.
func changed(pass *pass, jobID string, fields []string) {
	pass.Object.Status.LastChange = &v1alpha1.UserChangeStatus{
		At: metav1.NewTime(pass.Now.Truncate(1e9)), JobID: text.Clip(jobID, maxJobID), Fields: fields[:min(len(fields), maxFields)],
	}
}

// stateOf is the user's state; "" where it is none that is known.
func stateOf(live *directory.User) v1alpha1.UserState {
	return states[live.State]
}

// managerOf is the manager that the row states by username or email.
func managerOf(row *rows.Row) v1alpha1.UserReference {
	manager, _ := row.Get(managerPath)
	switch {
	case manager == "" || imports.IsID(manager):
		return v1alpha1.UserReference{}
	case strings.Contains(manager, "@"):
		return v1alpha1.UserReference{Email: manager}
	default:
		return v1alpha1.UserReference{Username: manager}
	}
}

func has(names []string, name string) bool { return name != "" && slices.Contains(names, name) }

// states are JumpCloud's words.
var states = map[jumpcloud.State]v1alpha1.UserState{
	jumpcloud.StateStaged:    v1alpha1.UserStateStaged,
	jumpcloud.StateActivated: v1alpha1.UserStateActivated,
	jumpcloud.StateSuspended: v1alpha1.UserStateSuspended,
}
