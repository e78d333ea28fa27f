package submission

import "github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"

// Decision is a person's word on a job that the operator cannot decide.
type Decision string

// The decisions.
const (
	// Undecided: nobody said anything.
	Undecided Decision = ""
	// DecideResubmit sends the rows again that are absent now.
	DecideResubmit Decision = "Resubmit"
	// DecideAbandon waits no longer; the undecided rows fail.
	DecideAbandon Decision = "Abandon"
)

// ParseDecision reads the value of the resolve-submission annotation:
// "<job>/<attempt>=Resubmit" or "<job>/<attempt>=Abandon".
func ParseDecision(annotation string) (job, attempt int32, decision Decision, err error) {
	return 0, 0, Undecided, nil
}

// DecisionOn returns what the annotation decides about the very attempt that
// the record is at; Undecided if it is about another one, or is not valid.
func DecisionOn(job v1alpha1.JobStatus, annotation string) Decision { return Undecided }
