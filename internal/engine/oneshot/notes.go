package oneshot

import (
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// notes are the messages for rows that did not fail, by reason. They quote nothing from the
// rows, whose values are cells of a file.
var notes = map[string]string{
	v1alpha1.ManagerNotFoundReason: "the manager is not set: the user in the column manager is neither in the directory nor created by this run; " +
		"the next run that finds the user sets the manager",
	v1alpha1.NoEffectReason: "mfa.exclusionDays (EnrollmentDays) has no effect: it counts only if the same row turns MFA on " +
		"(enableUserPortalMultifactor) for a user whose state JumpCloud shows; MFA is unchanged",
}

// noted reports whether the entry's reason is one of the notes.
func noted(entry *ledger.Entry) bool { return notes[entry.Reason] != "" }

// note records in a row without an outcome what a person should know about it. A row that was
// sent for a field is not reported as having no effect once it is done.
func note(entry *ledger.Entry, d *plan.Decision, sent bool) {
	switch {
	case d.ManagerNotFound:
		entry.Reason = v1alpha1.ManagerNotFoundReason
	case d.NoEffect != "" && !sent:
		entry.Reason = v1alpha1.NoEffectReason
	case entry.Reason == v1alpha1.NoEffectReason && sent:
	case noted(entry):
		entry.Reason = ""
	}
}

// conclude gives a row that did not fail its outcome. Its note stays with it.
func conclude(entry *ledger.Entry, outcome ledger.Outcome, message string) {
	if noted(entry) {
		settle(entry, outcome, entry.Reason, notes[entry.Reason])
		return
	}
	settle(entry, outcome, "", message)
}

// byDate converts days to enrol into a date, which JumpCloud accepts for all users except
// staged ones (observed). The days count from the beginning of the run, so that a row that is
// sent again has the same date.
func (r *run[T]) byDate(mfa *jumpcloud.MFA) *jumpcloud.MFA {
	if mfa == nil || mfa.ExclusionDays == nil || mfa.ExclusionUntil != nil || r.status.StartTime == nil {
		return mfa
	}
	dated := *mfa
	dated.ExclusionDays = nil
	dated.ExclusionUntil = new(r.status.StartTime.AddDate(0, 0, int(min(*mfa.ExclusionDays, maxExclusionDays))).UTC().Format(time.RFC3339))
	return &dated
}

// maxExclusionDays limits how far away a date to enrol may be, so that its year stays valid.
const maxExclusionDays = 36_500
