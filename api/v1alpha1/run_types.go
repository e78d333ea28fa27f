package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SourceStatus is the version of a source that the last run read.
type SourceStatus struct {
	// Kind is ConfigMap or Secret.
	// +kubebuilder:validation:MaxLength=16
	// +required
	Kind string `json:"kind"`
	// Name of the object, in the import's namespace.
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`
	// ResourceVersion of it that was read.
	// +kubebuilder:validation:MaxLength=128
	// +required
	ResourceVersion string `json:"resourceVersion"`
}

// RunSummary counts rows by outcome.
type RunSummary struct {
	// Total number of rows.
	Total int32 `json:"total"`
	// Created users.
	Created int32 `json:"created"`
	// Updated users.
	Updated int32 `json:"updated"`
	// Unchanged users were as their rows state.
	Unchanged int32 `json:"unchanged"`
	// Skipped rows are about users whom the operation leaves alone.
	Skipped int32 `json:"skipped"`
	// Failed rows; status.failures lists the first.
	Failed int32 `json:"failed"`
	// Pending rows have no outcome yet.
	Pending int32 `json:"pending"`
}

// JobOperation is what a job does to its rows.
// +kubebuilder:validation:Enum=Create;Update;Suspend;Schedule
type JobOperation string

// The operations of a job.
const (
	// JobCreate is one POST /bulk/users.
	JobCreate JobOperation = "Create"
	// JobUpdate is one PATCH /bulk/users.
	JobUpdate JobOperation = "Update"
	// JobSuspend is one PUT /systemusers/{id} a row; it has no job id.
	JobSuspend JobOperation = "Suspend"
	// JobSchedule is one POST /bulk/userstates. Its id is that of the scheduled job.
	JobSchedule JobOperation = "Schedule"
)

// JobState is where a job is in the submission protocol.
// +kubebuilder:validation:Enum=Planned;Intended;Submitted;Finished;Recovered;Rejected;OutcomeUnknown;TimedOut;Abandoned
type JobState string

// The states of a job.
const (
	// JobPlanned: nothing was sent for this attempt.
	JobPlanned JobState = "Planned"
	// JobIntended: the attempt was announced; whether it was sent is not known from this record.
	JobIntended JobState = "Intended"
	// JobSubmitted: JumpCloud accepted the job and told its id.
	JobSubmitted JobState = "Submitted"
	// JobFinished: the job's results ended.
	JobFinished JobState = "Finished"
	// JobRecovered: no answer was seen, and the directory shows that the job's rows are done.
	JobRecovered JobState = "Recovered"
	// JobRejected: JumpCloud refused the job as a whole.
	JobRejected JobState = "Rejected"
	// JobOutcomeUnknown: three attempts ended without an answer. A person must decide.
	JobOutcomeUnknown JobState = "OutcomeUnknown"
	// JobTimedOut: the results did not end in time. A person must decide.
	JobTimedOut JobState = "TimedOut"
	// JobAbandoned: a person decided not to wait for it.
	JobAbandoned JobState = "Abandoned"
)

// JobStatus is the record of one job: written before it is sent, so that no
// crash can make the operator send it twice.
type JobStatus struct {
	// Index of the job in its run, from 1.
	// +required
	Index int32 `json:"index"`
	// Operation of the job on its rows.
	// +required
	Operation JobOperation `json:"operation"`
	// Rows that the latest attempt holds.
	// +required
	Rows int32 `json:"rows"`
	// Digest of what the job's rows state; passwords are not in it.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	Digest string `json:"digest,omitempty"`
	// Attempt, from 1. Attempts that provably sent nothing do not count.
	// +optional
	Attempt int32 `json:"attempt,omitempty"`
	// State of the job in the submission protocol.
	// +required
	State JobState `json:"state"`
	// JobID is JumpCloud's id of the job.
	// +kubebuilder:validation:MaxLength=128
	// +optional
	JobID string `json:"jobID,omitempty"`
	// IntendedAt is when the latest attempt was announced, before it was sent.
	// Absent: there was none.
	// +optional
	IntendedAt *metav1.MicroTime `json:"intendedAt,omitempty"`
	// SubmittedAt is when JumpCloud had accepted the job. Absent: that is not
	// known.
	// +optional
	SubmittedAt *metav1.MicroTime `json:"submittedAt,omitempty"`
	// FinishedAt is when the job had ended. Absent: it has not.
	// +optional
	FinishedAt *metav1.MicroTime `json:"finishedAt,omitempty"`
}

// RowFailure tells why one row failed.
type RowFailure struct {
	// Row number within the run, from 1.
	// +required
	Row int32 `json:"row"`
	// Key of the row: the value that it is matched by.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Key string `json:"key,omitempty"`
	// Reason in one word; docs/reasons.md lists them.
	// +kubebuilder:validation:MaxLength=64
	// +required
	Reason string `json:"reason"`
	// Message says what is wrong with which field. At most 1024 characters.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Message string `json:"message,omitempty"`
	// Retryable failures may pass when the row is sent again.
	// +optional
	Retryable bool `json:"retryable,omitempty"`
}

// ResultsReference names a ConfigMap of the ledger.
type ResultsReference struct {
	// ConfigMap in the object's namespace.
	// +kubebuilder:validation:MaxLength=253
	// +required
	ConfigMap string `json:"configMap"`
	// Rows that it holds.
	// +required
	Rows int32 `json:"rows"`
	// Digest of its content. Content with another digest was edited by somebody
	// else, and is not believed.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	Digest string `json:"digest,omitempty"`
	// Next is the digest of the content that is about to be written; absent where
	// no write is under way.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	Next string `json:"next,omitempty"`
}

// RunStatus is the status of a kind that runs: a plan, jobs, and a row by row result.
type RunStatus struct {
	// RunKey identifies what is imported and how. The same key never runs again by itself.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	RunKey string `json:"runKey,omitempty"`
	// RunNumber grows when a run starts, by a new key or on request.
	// +optional
	RunNumber int64 `json:"runNumber,omitempty"`
	// Sources that the last run or plan read.
	// +kubebuilder:validation:MaxItems=1024
	// +listType=atomic
	// +optional
	Sources []SourceStatus `json:"sources,omitempty"`
	// Plan of the run.
	// +optional
	Plan *PlanStatus `json:"plan,omitempty"`
	// Summary of the run.
	// +optional
	Summary *RunSummary `json:"summary,omitempty"`
	// Jobs of the run: the open ones and the latest that ended, at most 100.
	// +kubebuilder:validation:MaxItems=100
	// +listType=map
	// +listMapKey=index
	// +optional
	Jobs []JobStatus `json:"jobs,omitempty"`
	// Failures are the first 50 rows that failed; all are in results.
	// +kubebuilder:validation:MaxItems=50
	// +listType=atomic
	// +optional
	Failures []RowFailure `json:"failures,omitempty"`
	// Results name the ConfigMaps that hold every row.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +optional
	Results []ResultsReference `json:"results,omitempty"`
	// Harmed counts by the hour what the object did without an approval in the
	// window of the Organization's guard.
	// +kubebuilder:validation:MaxItems=200
	// +listType=atomic
	// +optional
	Harmed []HarmBucket `json:"harmed,omitempty"`
	// IgnoredResolution is the value that the resolve-submission annotation had
	// when the run began: it was about an earlier run.
	// +kubebuilder:validation:MaxLength=128
	// +optional
	IgnoredResolution string `json:"ignoredResolution,omitempty"`
	// StartTime of the run.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`
	// CompletionTime of the run; absent while it is open.
	// +optional
	CompletionTime *metav1.Time `json:"completionTime,omitempty"`
}
