package oneshot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
)

// conclusion is the outcome of a run that ended, derived from its status alone, so that it is
// the same after every resync and restart.
func conclusion(status *v1alpha1.RunStatus) lifecycle.Outcome {
	s := status.Summary
	if s == nil {
		s = &v1alpha1.RunSummary{}
	}
	text := summaryText(s) + leaversText(status.Leavers)
	if s.ManagersNotFound > 0 {
		text += fmt.Sprintf(". The manager of %s was not found and is not set: see the rows with reason %s in %s. The next run that finds the manager sets it",
			counted(s.ManagersNotFound, "user"), v1alpha1.ManagerNotFoundReason, resultsOf(status))
	}
	if s.Failed == 0 {
		return lifecycle.Done(v1alpha1.SucceededReason, text)
	}
	reason := v1alpha1.RowsFailedReason
	for _, record := range status.Jobs {
		if record.State == v1alpha1.JobRejected {
			reason = v1alpha1.SubmissionRejectedReason
		}
	}
	text += "."
	if len(status.Failures) > 0 {
		first := status.Failures[0]
		text += fmt.Sprintf(" The first is row %d (%s).", first.Row, first.Reason)
	}
	if len(status.Results) > 0 {
		text += fmt.Sprintf(" status.failures says why, %s lists every row.", resultsOf(status))
	}
	return lifecycle.Stalled(reason, text+" Correct the rows, or set the annotation "+v1alpha1.ReconcileRequestedAtAnnotation+
		" to a new value to send what is missing once more.")
}

// resultsOf names the place where the rows of a run are listed.
func resultsOf(status *v1alpha1.RunStatus) string {
	if len(status.Results) == 0 {
		return "the results"
	}
	return "ConfigMap " + status.Results[0].ConfigMap
}

// invalidText describes invalid rows, with the first one as the example.
func invalidText(invalid, total int, first string) string {
	text := fmt.Sprintf("%d of %d rows are invalid, so nothing was sent. The first: %s. Correct them (status.failures lists the first %d)",
		invalid, total, first, maxFailures)
	if invalid == 1 {
		text = fmt.Sprintf("1 of %s is invalid, so nothing was sent: %s. Correct it", counted(count32(total), "row"), first)
	}
	if invalid < total {
		text += ", or set spec.onInvalidRow to Skip to send the others"
	}
	return text + "."
}

// summaryText describes a run's outcome: "1000 users: 900 created, 80 updated, 20 unchanged".
func summaryText(s *v1alpha1.RunSummary) string {
	return fmt.Sprintf("%s: %s", counted(s.Total, "user"), parts(
		part{s.Created, "created"}, part{s.Updated, "updated"}, part{s.Unchanged, "unchanged"},
		part{s.Skipped, "skipped"}, part{s.Failed, "failed"}, part{s.Pending, "pending"}))
}

// harmText describes the changes that the guard counts.
const harmText = "remove or grant access, weaken an account's protection, or change a username or an email"

// withheldText says what waits for an approval, and why.
func withheldText(by v1alpha1.WithheldBy, withheld int32, p *v1alpha1.PlanStatus) string {
	rows := counted(withheld, "row")
	switch by {
	case v1alpha1.WithheldByGuard:
		return rows + " would " + harmText + ". With this object's recent changes, that exceeds the Organization's spec.guard, " +
			"so they wait for an approval."
	case v1alpha1.WithheldByWindow:
		return rows + " would create a user, " + harmText + ". With the recent changes of all objects, that exceeds the Organization's spec.guard.window, " +
			"so they wait for an approval."
	case v1alpha1.WithheldByWithdrawal:
		return "The approval of " + rows + " was withdrawn before they were sent, so they wait for another one."
	default:
		return "The plan waits for an approval. " + planText(p) + "."
	}
}

// planText says what a plan would do.
func planText(p *v1alpha1.PlanStatus) string {
	text := fmt.Sprintf("Of %s: %s", counted(p.Total, "row"), parts(
		part{p.Create, "to create"}, part{p.Update, "to update"}, part{p.Unchanged, "unchanged"},
		part{p.Skip, "to skip"}, part{p.Invalid, "that cannot be sent"}))
	if p.Harmful > 0 {
		text += fmt.Sprintf("; %d of them %s", p.Harmful, harmText)
	}
	if p.ActivationMails > 0 {
		text += fmt.Sprintf("; JumpCloud mails %s to activate the account", counted(p.ActivationMails, "created user"))
	}
	return text
}

type part struct {
	count int32
	what  string
}

func parts(all ...part) string {
	var some []string
	for _, p := range all {
		if p.count > 0 {
			some = append(some, fmt.Sprintf("%d %s", p.count, p.what))
		}
	}
	if len(some) == 0 {
		return "nothing to do"
	}
	return strings.Join(some, ", ")
}

// describe names a job for a message.
func describe(record *v1alpha1.JobStatus) string {
	return fmt.Sprintf("job %d, attempt %d (%s)", record.Index, record.Attempt, holds(record))
}

// holds says what a job does, and to how many users.
func holds(record *v1alpha1.JobStatus) string {
	return strings.ToLower(string(record.Operation)) + " of " + counted(record.Rows, "user")
}

// counted returns a number of things, such as "1 row" or "2 rows".
func counted(n int32, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// changed names the fields that an update would change, for a plan.
func changed(d *plan.Decision) string {
	if d.Action != plan.Update {
		return ""
	}
	if d.Leaver {
		return leftText + ", so the user is suspended"
	}
	paths := make([]string, 0, len(d.Changes)+1)
	for _, change := range d.Changes {
		paths = append(paths, change.Path)
	}
	if d.Deferred {
		paths = append(paths, "manager")
	}
	return "changes " + strings.Join(paths, ", ")
}

// joined joins the texts that are not empty.
func joined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), "; ")
}

// paused is the outcome if rows are to be sent while the object is paused.
func paused() lifecycle.Outcome {
	return lifecycle.Paused("Rows are to be sent, and wait.")
}

func count32(n int) int32 { return int32(min(n, math.MaxInt32)) }
