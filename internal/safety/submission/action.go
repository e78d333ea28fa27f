package submission

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Verb is what must be done about a job.
type Verb string

// The verbs. Those from Intend to Abandon change the record: Apply makes the change, and it is
// effective once it is written. The others leave the record as it is.
const (
	// Intend announces the next attempt. The job may be submitted, once, after
	// the write of the record succeeded and in the same pass.
	Intend Verb = "Intend"
	// RecordJobID records the id that JumpCloud answered.
	RecordJobID Verb = "RecordJobID"
	// ReturnToPlanned takes the intent back, because provably nothing was sent. It does not
	// use up an attempt. The caller decides when to try again, by the error in the answer.
	ReturnToPlanned Verb = "ReturnToPlanned"
	// Reject ends a job that JumpCloud refused as a whole.
	Reject Verb = "Reject"
	// Recover ends a job whose answer was lost and whose rows are all done.
	Recover Verb = "Recover"
	// PlanAgain makes the absent rows the next attempt of the job. Rows that are present are
	// done, and leave the job.
	PlanAgain Verb = "PlanAgain"
	// Escalate leaves a job to a person after too many attempts without a known outcome.
	Escalate Verb = "Escalate"
	// Finish ends a job that is over. The directory shows what became of its rows.
	Finish Verb = "Finish"
	// TimeOut leaves a job whose results do not end to a person.
	TimeOut Verb = "TimeOut"
	// Abandon ends a job by a person's decision. Its undecided rows fail.
	Abandon Verb = "Abandon"

	// Wait does nothing before Until.
	Wait Verb = "Wait"
	// ReadDirectory requests a reading of the directory about the job's rows that begins after
	// NewerThan.
	ReadDirectory Verb = "ReadDirectory"
	// Poll requests the job's results, not before Until.
	Poll Verb = "Poll"
	// AskPerson does nothing: only a person's decision moves the job.
	AskPerson Verb = "AskPerson"
	// Rest does nothing: the job has ended, or will never be sent.
	Rest Verb = "Rest"
)

// Action is a verb with its parameters.
type Action struct {
	Verb Verb
	// Until is the earliest time of the next step: for Wait and Poll.
	Until time.Time
	// NewerThan is the time after which a reading must begin: for ReadDirectory.
	NewerThan time.Time
	// JobID is JumpCloud's id of the job: for RecordJobID, and for Finish if the id was not
	// known before.
	JobID string
	// Rows is how many rows the next attempt holds: for PlanAgain.
	Rows int32
}

// Apply makes the transition of the action on the record and reports whether it changed the
// record, which must then be written. It is the only place where State, Attempt, JobID and the
// times of a job change. The caller sets Digest when it applies Intend.
func Apply(job *v1alpha1.JobStatus, action Action, now time.Time) bool {
	at := metav1.NewMicroTime(now.Truncate(time.Microsecond))
	switch action.Verb {
	case Intend:
		job.State = v1alpha1.JobIntended
		job.Attempt++
		job.JobID = ""
		job.IntendedAt, job.SubmittedAt, job.FinishedAt = &at, nil, nil
	case RecordJobID:
		job.State = v1alpha1.JobSubmitted
		job.JobID = action.JobID
		job.SubmittedAt = &at
	case ReturnToPlanned:
		job.State = v1alpha1.JobPlanned
		job.Attempt--
		job.IntendedAt = nil
	case PlanAgain:
		job.State = v1alpha1.JobPlanned
		job.Rows = action.Rows
		job.JobID = ""
		job.IntendedAt, job.SubmittedAt = nil, nil
	case Escalate:
		job.State = v1alpha1.JobOutcomeUnknown
	case TimeOut:
		job.State = v1alpha1.JobTimedOut
	case Reject:
		end(job, v1alpha1.JobRejected, at)
	case Recover:
		end(job, v1alpha1.JobRecovered, at)
	case Abandon:
		end(job, v1alpha1.JobAbandoned, at)
	case Finish:
		end(job, v1alpha1.JobFinished, at)
		if action.JobID != "" {
			job.JobID = action.JobID
		}
		if job.SubmittedAt == nil {
			job.SubmittedAt = &at
		}
	default:
		return false
	}
	return true
}

func end(job *v1alpha1.JobStatus, state v1alpha1.JobState, at metav1.MicroTime) {
	job.State = state
	job.FinishedAt = &at
}

// Open reports whether the job was announced and the operator must still find out what became
// of it.
func Open(state v1alpha1.JobState) bool {
	return state == v1alpha1.JobIntended || state == v1alpha1.JobSubmitted
}

// WaitsForPerson reports whether only a person's decision, or a look that shows that all rows
// are done, ends the job.
func WaitsForPerson(state v1alpha1.JobState) bool {
	return state == v1alpha1.JobOutcomeUnknown || state == v1alpha1.JobTimedOut
}
