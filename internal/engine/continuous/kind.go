// Package continuous keeps things at JumpCloud as objects declare them: it
// observes what is live, plans changes, holds the plan against mode, approval
// and guard, carries out what may be, and observes again until nothing is left
// to change. It is one engine for every kind that lives; what differs between
// them is a Kind.
package continuous

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Object is a kind that lives.
type Object interface {
	lifecycle.Member
	// Living returns the part of the status that every kind that lives has.
	Living() *v1alpha1.LivingStatus
}

// Settings are what an object says about how it is handled.
type Settings struct {
	Mode         v1alpha1.Mode
	ApprovedPlan string
	// Thing is what the object stands for, such as `the group "engineers"`.
	Thing string
	// Deletion is what the deletion of the object means.
	Deletion Deletion
}

// Deletion is what the deletion of an object means at JumpCloud.
type Deletion int

const (
	// DeletionRetains leaves everything as it is: the object has no finalizer.
	DeletionRetains Deletion = iota
	// DeletionActs carries out what PlanDeletion plans, in mode Plan nothing. It is
	// said as soon as planned changes make something that deletion is to act on.
	DeletionActs
	// DeletionSettles has PlanDeletion find out first what became of a call whose
	// answer was lost, in mode Plan too, and whoever owns the keys.
	DeletionSettles
)

// Identity is what an object stands for within its organization, by keys that
// are compared as text.
type Identity struct {
	// Keys are exclusive: of two objects with one in common, one owns it, and
	// the other is RemoteConflict: see lifecycle.Pass.Owner.
	Keys []string
	// Held are keys, too: those that the status proves.
	Held []string
	// Disown drops what the status tells of what a held key names, for it is
	// another object's: it was noted in this pass, or while no other contended.
	// Nil: nothing is held.
	Disown func(key string)
	// Shared keys meet without excluding each other: Observe settles what of
	// that is the object's, by Pass.Contenders.
	Shared []string
}

// Kind is what differs between kinds that live. M is what it remembers of an
// object between passes. Its methods are called from one goroutine an object
// at a time. They end the pass with an outcome of their own by returning an
// error of lifecycle.Stop; all other errors are those of calls, which the shell
// classifies.
type Kind[T Object, M any] interface {
	// Name of the kind, for metrics.
	Name() string
	// Settings of an object.
	Settings(object T) Settings
	// Identity names what the object stands for, from spec and status alone.
	Identity(object T) Identity
	// Load reads what the spec refers to in the cluster, keeps it in Memory, and
	// names its version: a plan that was made with another one is dropped.
	Load(ctx context.Context, pass *Pass[T, M]) (version string, err error)
	// Observe reads what is live, newer than Pass.NewerThan, notes it in the
	// status, and plans. It must not change anything at JumpCloud.
	Observe(ctx context.Context, pass *Pass[T, M]) (*Plan[T, M], error)
	// PlanDeletion plans what is to be done before an object that is being deleted
	// may go. It is called again once its changes were carried out; a plan
	// without changes lets the object go. When it is called, Settings.Deletion
	// says.
	PlanDeletion(ctx context.Context, pass *Pass[T, M]) (*Plan[T, M], error)
}

// Forgetter is a kind's memory of an object that has something to end.
type Forgetter interface {
	// Forget is called when the object is gone.
	Forget()
}

// Counters count what kinds that live do. Its methods must not block.
type Counters interface {
	// DriftCorrection counts a correction of what had moved away from what is
	// declared.
	DriftCorrection(organizationID, kind string)
}

// Pass is one pass over one object.
type Pass[T Object, M any] struct {
	*lifecycle.Pass[T]
	// Memory is the kind's own memory of the object. It is the zero value in the
	// first pass of a process.
	Memory *M
	// NewerThan is what every reading that Observe relies on must be newer than:
	// when this process first saw the object as it is, or a resync interval ago
	// where that is later or the object is older than the process.
	// It stays the same from pass to pass until Observe has returned a plan, or
	// has ended with an outcome that waits for the resync.
	NewerThan time.Time
	// ChangedAt is when the last change of the object that this process made
	// ended; zero if it made none. What the change affects must be read newer than
	// it. To read the one thing itself is better then than to read a shared list
	// anew, which objects that are changed in turn would all do.
	ChangedAt time.Time
	// Unasked is set in Change.Do where no approval covers the change.
	Unasked bool
	// missing are the users that Resolve did not find.
	missing []v1alpha1.UserReference
	// Working is the outcome while changes are carried out, for Pass.CommitStatus and
	// Pass.Record in Change.Do.
	Working lifecycle.Outcome
}

// Since is what a look at what the object stands for must be newer than, NewerThan and
// the change of it that this process made last.
func (p *Pass[T, M]) Since() time.Time { return Latest(p.NewerThan, p.ChangedAt) }

// Plan is what is to be changed.
type Plan[T Object, M any] struct {
	// Changes in the order in which they are to be carried out.
	Changes []Change[T, M]
	// Outcome of the pass where no change is left.
	Outcome lifecycle.Outcome
}

// Dependency is what a change needs of those before it in the plan.
type Dependency int

const (
	// NeedsMade is that they were made. Where one fails, the plan ends.
	NeedsMade Dependency = iota
	// NeedsApproved is also that they were all approved, if the change was. It takes away
	// what they replace.
	NeedsApproved
	// NeedsNothing is that where JumpCloud refuses this one, the others are made
	// nevertheless.
	NeedsNothing
)

// Change is one mutating call to JumpCloud, or a part of one.
type Change[T Object, M any] struct {
	Action v1alpha1.ChangeAction
	// Subject is what people know the target by: a group's name, a username.
	Subject string
	// UserID of the user that the change is about, if it is about one; or
	// another id that tells the target for sure.
	UserID string
	// Fields that change, if the action is about fields.
	Fields Fields
	// Class says how the change may harm people. It is required: a plan with a
	// change that lacks one is not carried out.
	Class v1alpha1.HarmClass
	// Harm is how many users the change harms in the sense of the guard; 0 where
	// the class is HarmNone.
	Harm int
	// Gated changes need an approval whatever the guard says.
	Gated bool
	// Approved notes in the status, before the change is made, that a person approved
	// it; nil: that is not to be remembered.
	Approved func(object T)
	// Needs is what the change needs of those before it in the plan.
	Needs Dependency
	// Rereads changes send back a whole of what was read, such as a list. They are
	// planned again, from a reading that begins once nothing holds them back: what was
	// added at the console since an older reading would be lost.
	Rereads bool
	// Urgent changes take access away now, and go before other calls that wait for
	// the limiter, as the removal of a member and a deletion always do.
	Urgent bool
	// Do makes the call, once. What it learns goes into the object's status. The
	// pass is the one in which the call is made, perhaps a later one than
	// planned it. Where the answer is lost, the next observation tells what
	// became of it; a call whose repetition does harm is announced by Pass.CommitStatus
	// before it is sent, and its answer is written by Pass.Record.
	Do func(ctx context.Context, pass *Pass[T, M], submission jumpcloud.Submission) error
	// Batch takes the place of Do for a change that travels in a job.
	Batch *Batched[T, M]

	// unasked changes are not covered by an approval.
	unasked bool
}

// HarmOfOne is how many users a change of one user harms, by its class.
func HarmOfOne(class v1alpha1.HarmClass) int {
	if class.Harmful() {
		return 1
	}
	return 0
}

// Stalled ends a pass with lifecycle.Stalled, as the error of a Kind's method.
func Stalled(reason, message string) error {
	return lifecycle.Stop(lifecycle.Stalled(reason, message))
}

// Protected ends a pass that would change a protected user, of that name. what is what
// would change, and wayOut says how to do without.
func Protected(name, what, wayOut string) error {
	return Stalled(v1alpha1.ProtectedUserReason, fmt.Sprintf(
		"User %s is protected, as an administrator or by spec.protectedUsers of the Organization, and %s. Nothing is sent. %s.", name, what, wayOut))
}
