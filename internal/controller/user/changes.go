package user

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	imports "github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// statePath is that of the field that is handled apart from the others.
const statePath = "state"

// maxFields is how many fields the status names, and maxJobID how much of the id of a job
// it has, in bytes.
const maxFields, maxJobID = 64, 64

// differences are the changes that make the user as declared; nil stands for a
// user who is not there. The state comes first: no other field may hold it up.
func (k *Kind) differences(ctx context.Context, f finder, live *directory.User) ([]change, error) {
	sight, _, err := f.look(ctx, f.Since())
	if err != nil {
		return nil, err
	}
	var changes []change
	if live != nil {
		if changes, err = stateChanges(f, live); err != nil {
			return nil, err
		}
	}
	switch decision := sight.Decision; decision.Action {
	case imports.Fail:
		return nil, continuous.Stalled(reasonOf(decision), "spec."+decision.Message+".")
	case imports.Create:
		if live != nil { // the reading may be of another user by now
			return nil, directory.ErrReading
		}
		return []change{k.create(&f.Memory.creation, decision)}, nil
	case imports.Update:
		if !f.keeps(decision) {
			changes = append(changes, k.update(live, decision))
		}
	default:
		f.Memory.omitted, f.Object.Status.Omitted = nil, nil // all of it is there
		f.Memory.sent = nil
		f.keeps(decision)
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
	wanted, is := v1alpha1.UserState(declared), rows.StateOf(live.State)
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
				return k.Creates.Add(pass.Session, payload(d, pass.Memory.row.Password), terms)
			},
			Made: func(pass *pass, jobID string) { changed(pass, jobID, nil) },
			Ended: func(pass *pass, result batch.Result) (otherwise bool) {
				pass.Memory.note(result, d)
				return !d.Omits && omit(pass, d.Row, result.Said)
			},
		},
	}
}

// payload creates the user of a decision.
func payload(d *imports.Decision, password *rows.Password) jumpcloud.BulkUserCreate {
	row := *d.Row
	row.Password = password
	payload := rows.CreatePayload(&row, nil)
	payload.Manager = cmp.Or(d.Manager, payload.Manager)
	if d.Omits {
		rows.Omit(&payload)
	}
	return payload
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
		Action: v1alpha1.ChangeUpdate, Subject: live.Username, UserID: live.ID, Class: d.HarmClass(), Needs: continuous.NeedsNothing,
		Rereads: d.SendsLists(),
	}
	for _, field := range d.Changes {
		c.Fields.Note(field.Path, field.Old, field.New)
	}
	if c.Class.Harmful() {
		c.Harm = 1
	}
	c.Batch = &continuous.Batched[*v1alpha1.User, Memory]{
		Add: func(pass *pass, terms batch.Terms) *batch.Ticket {
			return k.Updates.Add(pass.Session, *d.Payload, terms)
		},
		Made: func(pass *pass, jobID string) { changed(pass, jobID, c.Fields.Names()) },
		Ended: func(pass *pass, result batch.Result) (otherwise bool) {
			pass.Memory.note(result, d)
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
	field := continuous.Field{Name: statePath, Old: string(rows.StateOf(live.State)), New: string(wanted)}
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
		request.State = new(rows.RemoteState(wanted))
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

// note remembers what a job sent of which JumpCloud may keep another form, until that is
// known.
func (m *Memory) note(result batch.Result, d *imports.Decision) {
	m.sent = nil
	if result.Kind == submission.Completed {
		m.sent, m.failed = d.Respells(), result.Failed > 0
	}
}

// keeps reports whether all that differs is what JumpCloud keeps of what was sent, and
// remembers that in the status, as long as looks do not show otherwise. Where it is not
// certain, what was sent must have had the time to show.
func (f finder) keeps(d *imports.Decision) bool {
	m, status, salt := f.Memory, &f.Object.Status, salt(f.Object)
	status.Kept = d.StillKept(salt, status.Kept)
	if m.sent == nil {
		return false
	}
	learned, known := imports.LearnKept(salt, m.sent, d.Changes)
	if !known || !learned.Certain && (m.failed || f.Now.Sub(f.ChangedAt) < continuous.LookedFor()) {
		return false
	}
	status.Kept, m.sent = imports.MergeKept(status.Kept, learned.Kept), nil
	return true
}

// salt of the digests of an object.
func salt(object *v1alpha1.User) string { return string(object.UID) }
