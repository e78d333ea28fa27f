package oneshot

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

const (
	// maxFailures is how many failed rows a status lists.
	maxFailures = 50
	// maxKey is how much of a row's key is stored, in bytes.
	maxKey = 1024
)

// renew resets the status to the present key, about which only the sources are known.
func (r *run[T]) renew(set *rows.Set) { r.reset(set.Sources) }

// reset drops everything from the status that describes a run, except what outlives one.
func (r *run[T]) reset(sources []v1alpha1.SourceStatus) {
	before, anchors := *r.status, r.leavers.anchors()
	*r.status = v1alpha1.RunStatus{
		RunKey: r.m.key, RunNumber: before.RunNumber, Results: before.Results, Sources: sources, Harmed: before.Harmed,
		Leavers: anchors, Plan: lasting(&before),
	}
}

// lasting returns what is kept of the previous run's plan: the approval that was used and, if
// that run starts over, what was approved or withdrawn.
func lasting(before *v1alpha1.RunStatus) *v1alpha1.PlanStatus {
	if before.Plan == nil {
		return nil
	}
	kept := v1alpha1.PlanStatus{Grant: v1alpha1.Grant{DoneHash: before.Plan.DoneHash}}
	if before.StartTime == nil {
		kept.ApprovedHash, kept.Withdrawn = before.Plan.ApprovedHash, before.Plan.Withdrawn
	}
	if kept == (v1alpha1.PlanStatus{}) {
		return nil
	}
	return &kept
}

// beginRun opens a run in the status.
func (r *run[T]) beginRun() {
	r.renew(r.m.set)
	r.status.RunNumber++
	r.status.Leavers = r.leavers.report()
	r.status.Plan, r.status.StartTime = new(r.m.plan), &metav1.Time{Time: r.pass.Now}
	r.status.IgnoredResolution = ledger.Text(r.object.GetAnnotations()[v1alpha1.ResolveSubmissionAnnotation], maxResolution)
	r.m.jobs = map[int32]*job{}
}

// summarize counts the run's rows by outcome.
func (r *run[T]) summarize() {
	s := v1alpha1.RunSummary{}
	for i := range r.m.ledger.Entries {
		entry := &r.m.ledger.Entries[i]
		if entry.Reported() {
			continue
		}
		s.Total++
		if !pending(entry) && entry.Reason == v1alpha1.ManagerNotFoundReason {
			s.ManagersNotFound++
		}
		switch entry.Outcome {
		case ledger.OutcomeCreated:
			s.Created++
		case ledger.OutcomeUpdated:
			s.Updated++
		case ledger.OutcomeUnchanged:
			s.Unchanged++
		case ledger.OutcomeSkipped:
			s.Skipped++
		case ledger.OutcomeFailed:
			s.Failed++
		default:
			s.Pending++
		}
	}
	r.status.Summary = &s
}

// failures returns the first rows that failed.
func (r *run[T]) failures(entries []ledger.Entry) []v1alpha1.RowFailure {
	var first []v1alpha1.RowFailure
	for i := range entries {
		if entry := &entries[i]; entry.Outcome == ledger.OutcomeFailed && len(first) < maxFailures {
			first = append(first, v1alpha1.RowFailure{
				Row: count32(entry.Row), Key: ledger.Text(r.key(entry), maxKey), Reason: entry.Reason,
				Message: entry.Message, Retryable: entry.Retryable,
			})
		}
	}
	return first
}

// key returns the value that tells a person which user a row is about.
func (r *run[T]) key(entry *ledger.Entry) string {
	if r.settings.MatchBy == v1alpha1.MatchByEmail || entry.Username == "" {
		return entry.Email
	}
	return entry.Username
}
