package submission

import "github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"

// AnswerKindOf returns what the error of a submission means; nil is Accepted. Credentials that
// may not submit (403) are Unauthorized: the job is not wrong, and is sent once they may.
func AnswerKindOf(err error) AnswerKind {
	if err == nil {
		return Accepted
	}
	switch jumpcloud.ClassOf(err) {
	case jumpcloud.NotSent:
		return NotSent
	case jumpcloud.RateLimited:
		return RateLimited
	case jumpcloud.Auth:
		return Unauthorized
	case jumpcloud.Refused:
		if jumpcloud.IsForbidden(err) {
			return Unauthorized
		}
		return Refused
	default:
		return Unknown
	}
}

// outcomes are the possible outcomes of an attempt, by verb.
var outcomes = map[Verb]string{
	RecordJobID: "accepted", Reject: "rejected", ReturnToPlanned: "notsent",
	Recover: "recovered", PlanAgain: "lost", Escalate: "unknown",
	TimeOut: "timedout", Abandon: "abandoned",
}

// Outcome returns the word for the outcome of an attempt, for metrics; empty for a verb that
// does not end an attempt. Finish has none either: its answer was already counted.
func (v Verb) Outcome() string { return outcomes[v] }
