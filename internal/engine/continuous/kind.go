// Package continuous keeps things at JumpCloud as objects declare them: it observes the live
// state, plans changes, checks the plan against mode, approval and guard, carries out what is
// permitted, and observes again until nothing is left to change. It is one engine for every
// kind that lives; what differs between them is a Kind.
package continuous

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/fielddiff"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Object is a kind that lives.
type Object interface {
	lifecycle.Member
	// Living returns the part of the status that all kinds that live share.
	Living() *v1alpha1.LivingStatus
}

// Settings are what an object declares about its handling.
type Settings struct {
	Mode         v1alpha1.Mode
	ApprovedPlan string
	// Thing names what the object stands for, such as `the group "engineers"`.
	Thing string
	// Deletion says what the deletion of the object means.
	Deletion Deletion
}

// Deletion is what the deletion of an object means at JumpCloud.
type Deletion int

const (
	// DeletionRetains leaves everything as it is: the object has no finalizer.
	DeletionRetains Deletion = iota
	// DeletionActs carries out what PlanDeletion plans; in mode Plan it does nothing. Settings
	// returns it as soon as planned changes make something that a deletion must act on.
	DeletionActs
	// DeletionSettles makes PlanDeletion first find out what became of a call whose answer was
	// lost. That holds in mode Plan, too, and regardless of which object owns the keys.
	DeletionSettles
)

// Identity is what an object stands for within its organization, in the form of keys that are
// compared as text.
type Identity struct {
	// Keys are exclusive: of two objects with one in common, one owns it, and the other gets
	// RemoteConflict: see lifecycle.Pass.Owner.
	Keys []string
	// Held are further exclusive keys: those that the status proves.
	Held []string
	// Disown drops from the status what a held key names, because another object owns it: it
	// was recorded in this pass, or while no other object contended. Nil if nothing is held.
	Disown func(key string)
	// Unique are further exclusive keys, written as messages show them, such as `email "a@b.org"`:
	// see AddUnique.
	Unique []string
	// Shared keys may be common to several objects: Observe decides by Pass.Contenders which
	// part is the object's.
	Shared []string
}

// Kind is what differs between kinds that live. M is what a kind remembers of an object
// between passes. The methods are called from one goroutine per object at a time. To end the
// pass with an outcome of its own, a method returns an error of lifecycle.Stop; all other
// errors are those of calls, and lifecycle.Reconciler classifies them.
type Kind[T Object, M any] interface {
	// Name returns the name of the kind, for metrics.
	Name() string
	// Settings returns the settings of an object.
	Settings(object T) Settings
	// Identity returns what the object stands for, from spec and status alone.
	Identity(object T) Identity
	// Load reads what the spec refers to in the cluster, keeps it in Memory, and returns its
	// version. A plan that was made with another version is dropped.
	Load(ctx context.Context, pass *Pass[T, M]) (version string, err error)
	// Observe reads the live state, newer than Pass.NewerThan, records it in the status, and
	// plans. It must not change anything at JumpCloud.
	Observe(ctx context.Context, pass *Pass[T, M]) (*Plan[T, M], error)
	// PlanDeletion plans what must be done before an object that is being deleted may go. It
	// is called again after its changes were carried out; a plan without changes lets the
	// object go. Settings.Deletion decides when it is called.
	PlanDeletion(ctx context.Context, pass *Pass[T, M]) (*Plan[T, M], error)
}

// Forgetter is implemented by a kind's memory of an object if it has something to end.
type Forgetter interface {
	// Forget is called when the object is gone.
	Forget()
}

// Counters count what kinds that live do. The methods must not block.
type Counters interface {
	// DriftCorrection counts a correction of drift.
	DriftCorrection(organizationID, kind string)
}

// Pass is one pass over one object.
type Pass[T Object, M any] struct {
	*lifecycle.Pass[T]
	// Memory is the kind's own memory of the object. It is the zero value in the first pass of
	// a process.
	Memory *M
	// NewerThan is the time since which the readings that Observe relies on must have begun.
	// It is the latest of these times: when this process first saw the object as it is (unless
	// the object is older than the process), one resync interval ago, and when a change that
	// Rereads was put off. It stays the same from pass to pass until Observe returns a plan,
	// or ends with an outcome that waits for the resync.
	NewerThan time.Time
	// ChangedAt is when the last change of the object by this process ended; zero if there was
	// none. Readings of anything that the change affects must be newer. For these, read only
	// the one thing and not a shared list, which objects that change one after another would
	// each re-read.
	ChangedAt time.Time
	// Unasked is set in Change.Do if no approval covers the change.
	Unasked bool
	// missing are the users that Resolve did not find.
	missing []v1alpha1.UserReference
	// Working is the outcome while changes are carried out, for Pass.CommitStatus and
	// Pass.Record in Change.Do.
	Working lifecycle.Outcome
}

// Since returns what a reading of the object's counterpart must be newer than: NewerThan, and
// the last change of the object by this process.
func (p *Pass[T, M]) Since() time.Time { return Latest(p.NewerThan, p.ChangedAt) }

// Plan holds the changes that must be made.
type Plan[T Object, M any] struct {
	// Changes are in the order in which they are carried out.
	Changes []Change[T, M]
	// Outcome is that of the pass if no change is left.
	Outcome lifecycle.Outcome
}

// Dependency is what a change requires of those before it in the plan.
type Dependency int

const (
	// NeedsMade requires that all of them were made. If one fails, the plan ends.
	NeedsMade Dependency = iota
	// NeedsApproved also requires that all of them were approved, if the change itself was: it
	// removes what they replace.
	NeedsApproved
	// NeedsNothing means that the others are made even if JumpCloud refuses this change.
	NeedsNothing
)

// Change is one mutating call to JumpCloud, or a part of one.
type Change[T Object, M any] struct {
	Action v1alpha1.ChangeAction
	// Subject is what people know the target by: a group's name, a username.
	Subject string
	// UserID is the id of the user that the change is about, if there is one, or another id
	// that identifies the target for certain.
	UserID string
	// Fields are the fields that change, if the action is about fields.
	Fields fielddiff.Fields
	// Class says how the change may harm people. It is required: a plan with a change that
	// lacks one is not carried out.
	Class v1alpha1.HarmClass
	// Harm is how many users the change harms as the guard counts it; 0 if the class is
	// HarmNone.
	Harm int
	// ActivationMail is set if JumpCloud mails the user to activate the account.
	ActivationMail bool
	// Gated changes need an approval whatever the guard says.
	Gated bool
	// Approved records in the status, before the change is made, that a person approved it.
	// Nil: the approval is not recorded.
	Approved func(object T)
	// Begins records in the status, which is written right before the change is made, that it
	// may have been made: the process may not live to see the answer. Reverts takes that back
	// if the change was provably not made. Nil: nothing is recorded.
	Begins, Reverts func(object T)
	// Needs is what the change requires of those before it in the plan.
	Needs Dependency
	// Rereads marks a change that sends back something as a whole that was read, such as a
	// list. It is planned again, from a reading that begins once nothing holds the change
	// back; otherwise, additions in the console since an older reading would be lost.
	Rereads bool
	// Urgent changes take access away now, and go before other calls that wait for the
	// limiter. Removals of members and deletions always do.
	Urgent bool
	// Do makes the call, once, and records in the object's status what it learns. pass is the
	// one in which the call is made, perhaps later than the one that planned it. After a lost
	// answer, the next observation finds out what became of the call. A call whose repetition
	// does harm is announced by Pass.CommitStatus before it is sent, and its answer is written
	// by Pass.Record.
	Do func(ctx context.Context, pass *Pass[T, M], submission jumpcloud.Submission) error
	// Batch replaces Do for a change that is made by a job.
	Batch *Batched[T, M]

	// unasked changes are not covered by an approval.
	unasked bool
}

// HarmOfOne returns how many users a change of one user harms, by its class.
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

// Protected ends a pass that would change the protected user of that name. what describes the
// change, and wayOut how to do without it.
func Protected(name, what, wayOut string) error {
	return Stalled(v1alpha1.ProtectedUserReason, fmt.Sprintf(
		"User %s is protected, as an administrator or by spec.protectedUsers of the Organization, and %s. Nothing is sent. %s.", name, what, wayOut))
}
