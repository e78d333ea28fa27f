package scheduleduserstate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/schedules"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// hiddenDelay is how long to wait before a list with a row that cannot be read is re-read.
const hiddenDelay = time.Minute

// follow finds out what became of a submission without an answer. It ends the pass until that
// is known: nothing else may be scheduled meanwhile.
func (k Kind) follow(ctx context.Context, pass *pass) error {
	if pass.Object.Status.Submission == nil {
		return nil
	}
	action, err := (&attempt{kind: k, pass: pass}).driver().Follow(ctx)
	switch {
	case err != nil:
		return err
	case action.Verb == submission.Wait:
		return settling(pass, action.Until)
	case action.Verb == submission.AskPerson:
		return undecided(pass)
	default:
		return nil
	}
}

// lookFor looks for jobs that the open submission made: they were not there before, and their
// rows are exactly those of the submission, apart from deleted users.
func lookFor(ctx context.Context, pass *pass, newerThan time.Time) (submission.Presence, error) {
	listing, err := pass.Session.ScheduledStates.Read(ctx, newerThan)
	if err != nil {
		return submission.Presence{}, err
	}
	status, m := &pass.Object.Status, pass.Memory
	record := status.Submission
	known, asked, gone := recorded(status), schedules.IDs(record.UserIDs), sets.New[string]()
	candidates := schedules.JobsIn(listing.Items)
	maps.DeleteFunc(candidates, func(id string, j *schedules.Job) bool {
		return known.Has(id) || j.Event != schedules.EventOf(record) || !asked.IsSuperset(j.Users)
	})
	if len(candidates) > 0 {
		if gone, err = deleted(ctx, pass, asked, listing.Began); err != nil {
			return submission.Presence{}, err
		}
	}
	m.found = nil
	for _, j := range candidates {
		if gone.IsSuperset(asked.Difference(j.Users)) {
			m.found = append(m.found, j)
		}
	}
	read := submission.Presence{Began: listing.Began, Ended: listing.Ended, Complete: !mayHide(listing, asked), Absent: int(record.Rows)}
	if len(m.found) > 0 {
		read.Present, read.Absent, read.Complete = read.Absent, 0, true
	}
	return read, nil
}

// mayHide reports whether the list may hide a job about these users: it has rows that cannot
// be read.
func mayHide(listing *directory.Listing[jumpcloud.ScheduledState], users sets.Set[string]) bool {
	return listing.Unknown > 0 || slices.ContainsFunc(listing.Items, func(s jumpcloud.ScheduledState) bool {
		return schedules.Unreadable(&s) && users.Has(s.SystemUserID)
	})
}

// deleted returns those of the users who do not exist any more: their rows are gone with them
// (assumed).
func deleted(ctx context.Context, pass *pass, ids sets.Set[string], newerThan time.Time) (sets.Set[string], error) {
	var refs []v1alpha1.UserReference
	for _, id := range sets.List(ids) {
		refs = append(refs, v1alpha1.UserReference{ID: id})
	}
	found, err := pass.Session.Users.Resolve(ctx, refs, newerThan)
	if err != nil {
		return nil, err
	}
	gone := sets.New[string]()
	for _, ref := range refs {
		if _, ok := found.Find(ref); !ok {
			gone.Insert(ref.ID)
		}
	}
	return gone, nil
}

// undecided ends the pass until a person decides about a submission whose answer was lost too
// often.
func undecided(pass *pass) error {
	record := pass.Object.Status.Submission
	return lifecycle.Stop(lifecycle.Undecided(v1alpha1.SubmissionOutcomeUnknownReason, fmt.Sprintf(
		"JumpCloud's answer to %s was lost %d times, and JumpCloud does not list the job. Look there, and annotate this object with %s=%d/%d=Resubmit to send it again, or =Abandon to let it be.",
		describe(record), record.Attempt, v1alpha1.ResolveSubmissionAnnotation, record.Index, record.Attempt)))
}

// settling ends the pass until more can be known.
func settling(pass *pass, until time.Time) error {
	reason, message := v1alpha1.SubmissionSettlingReason, "JumpCloud's answer to "+describe(pass.Object.Status.Submission)+
		" was lost. It is not sent again until the list of scheduled states shows its outcome."
	if !pass.Object.GetDeletionTimestamp().IsZero() {
		reason, message = v1alpha1.DeletingReason, "The deletion waits for the open submission. "+message
	}
	return lifecycle.Stop(lifecycle.Progressing(reason, message, max(time.Until(until), time.Millisecond)))
}

// hidden ends the pass because a row that cannot be read may be the job of the open
// submission.
func hidden(pass *pass) error {
	return lifecycle.Stop(lifecycle.Retrying(v1alpha1.RemoteUnavailableReason, fmt.Sprintf(
		"JumpCloud's answer to %s was lost, and JumpCloud lists a scheduled state that cannot be read: it may be that one. Nothing is sent meanwhile. "+
			"Remove that scheduled state in JumpCloud.", describe(pass.Object.Status.Submission)), hiddenDelay))
}

// describe names a submission for people.
func describe(record *v1alpha1.ScheduleSubmission) string {
	return fmt.Sprintf("submission %d (%s for %s)", record.Index, record.ScheduledState, text.Plural(int(record.Rows), "user"))
}
