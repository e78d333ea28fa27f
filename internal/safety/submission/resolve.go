package submission

import (
	"errors"
	"strconv"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Decision is a person's decision about a job that the operator cannot decide.
type Decision string

// The decisions.
const (
	// Undecided: no person has decided.
	Undecided Decision = ""
	// DecideResubmit sends the rows again that are absent at the time.
	DecideResubmit Decision = "Resubmit"
	// DecideAbandon ends the wait: the undecided rows fail.
	DecideAbandon Decision = "Abandon"
)

var errDecision = errors.New("resolve-submission must be <job>/<attempt>=Resubmit or <job>/<attempt>=Abandon")

// ParseDecision reads the value of the resolve-submission annotation:
// "<job>/<attempt>=Resubmit" or "<job>/<attempt>=Abandon".
func ParseDecision(annotation string) (job, attempt int32, decision Decision, err error) {
	about, word, _ := strings.Cut(strings.TrimSpace(annotation), "=")
	first, second, _ := strings.Cut(about, "/")
	j, jobErr := strconv.ParseUint(first, 10, 31)
	a, attemptErr := strconv.ParseUint(second, 10, 31)
	decision = Decision(word)
	if jobErr != nil || attemptErr != nil || (decision != DecideResubmit && decision != DecideAbandon) {
		return 0, 0, Undecided, errDecision
	}
	return int32(j), int32(a), decision, nil
}

// DecisionOn returns what the annotation says about the record's current attempt; Undecided if
// it is about another one, or is not valid.
func DecisionOn(job v1alpha1.JobStatus, annotation string) Decision {
	index, attempt, decision, err := ParseDecision(annotation)
	if err != nil || index != job.Index || attempt != job.Attempt {
		return Undecided
	}
	return decision
}
