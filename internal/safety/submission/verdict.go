package submission

import "github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"

// AnswerKindOf says what the error of a submission means; nil is Accepted.
// Credentials that may not submit (403) are Unauthorized: the job is not wrong,
// and is sent once they may.
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

// outcomes are what an attempt ends with.
var outcomes = map[Verb]string{
	RecordJobID: "accepted", Reject: "rejected", ReturnToPlanned: "notsent",
	Recover: "recovered", PlanAgain: "lost", Escalate: "unknown",
	TimeOut: "timedout", Abandon: "abandoned",
}

// Outcome is the word for what an attempt came to, for metrics; empty for a
// verb that ends none. Finish has none either: the answer was counted.
func (v Verb) Outcome() string { return outcomes[v] }
