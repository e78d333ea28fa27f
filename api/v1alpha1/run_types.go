package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SourceStatus records the version of a source that the last run read.
type SourceStatus struct {
	// Kind is ConfigMap or Secret.
	// +kubebuilder:validation:MaxLength=16
	// +required
	Kind string `json:"kind"`
	// Name of the object, in the import's namespace.
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name"`
	// ResourceVersion that was read.
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
	// Unchanged users already matched their rows.
	Unchanged int32 `json:"unchanged"`
	// Skipped rows are about users that the operation does not change.
	Skipped int32 `json:"skipped"`
	// Failed rows; status.failures lists the first.
	Failed int32 `json:"failed"`
	// Pending rows have no outcome yet.
	Pending int32 `json:"pending"`
	// ManagersNotFound counts rows that did not fail but whose manager is not set,
	// because no such user was found.
	// +optional
	ManagersNotFound int32 `json:"managersNotFound,omitempty"`
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
	// JobSuspend is one PUT /systemusers/{id} per row. It has no job id.
	JobSuspend JobOperation = "Suspend"
	// JobSchedule is one POST /bulk/userstates. Its id is that of the scheduled job.
	JobSchedule JobOperation = "Schedule"
)

// JobState is where a job is in the submission protocol.
// +kubebuilder:validation:Enum=Planned;Intended;Submitted;Finished;Recovered;Rejected;OutcomeUnknown;TimedOut;Abandoned
type JobState string

// The states of a job.
const (
	// JobPlanned: this attempt has not been sent.
	JobPlanned JobState = "Planned"
	// JobIntended: the attempt was announced. The record does not show whether it was
	// sent.
	JobIntended JobState = "Intended"
	// JobSubmitted: JumpCloud accepted the job and returned its id.
	JobSubmitted JobState = "Submitted"
	// JobFinished: the results of the job are complete.
	JobFinished JobState = "Finished"
	// JobRecovered: the response was lost, but the directory shows that the job's rows
	// are done.
	JobRecovered JobState = "Recovered"
	// JobRejected: JumpCloud refused the job as a whole.
	JobRejected JobState = "Rejected"
	// JobOutcomeUnknown: three attempts ended without a response. A person must decide.
	JobOutcomeUnknown JobState = "OutcomeUnknown"
	// JobTimedOut: the results were not complete in time. A person must decide.
	JobTimedOut JobState = "TimedOut"
	// JobAbandoned: a person decided not to wait for the job.
	JobAbandoned JobState = "Abandoned"
)

// JobStatus is the record of one job. It is written before the job is sent, so that a
// crash cannot make the operator send it twice.
type JobStatus struct {
	// Index of the job in its run, from 1.
	// +required
	Index int32 `json:"index"`
	// Operation that the job performs on its rows.
	// +required
	Operation JobOperation `json:"operation"`
	// Rows in the latest attempt.
	// +required
	Rows int32 `json:"rows"`
	// Digest of the rows of the job, without passwords.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	Digest string `json:"digest,omitempty"`
	// Attempt number, from 1. Attempts that provably sent nothing do not count.
	// +optional
	Attempt int32 `json:"attempt,omitempty"`
	// State of the job in the submission protocol.
	// +required
	State JobState `json:"state"`
	// JobID is JumpCloud's id of the job.
	// +kubebuilder:validation:MaxLength=128
	// +optional
	JobID string `json:"jobID,omitempty"`
	// IntendedAt is the time when the latest attempt was announced, before it was sent.
	// It is absent if there was none.
	// +optional
	IntendedAt *metav1.MicroTime `json:"intendedAt,omitempty"`
	// SubmittedAt is the time by which JumpCloud had accepted the job. It is absent if
	// that is not known.
	// +optional
	SubmittedAt *metav1.MicroTime `json:"submittedAt,omitempty"`
	// FinishedAt is the time by which the job had ended. It is absent while the job is
	// open.
	// +optional
	FinishedAt *metav1.MicroTime `json:"finishedAt,omitempty"`
}

// RowFailure describes why one row failed.
type RowFailure struct {
	// Row number within the run, from 1.
	// +required
	Row int32 `json:"row"`
	// Key is the value that the row is matched by.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Key string `json:"key,omitempty"`
	// Reason in one word, as listed in docs/reasons.md.
	// +kubebuilder:validation:MaxLength=64
	// +required
	Reason string `json:"reason"`
	// Message describes what is wrong with which field. At most 1024 characters.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Message string `json:"message,omitempty"`
	// Retryable is set if the row may succeed when it is sent again.
	// +optional
	Retryable bool `json:"retryable,omitempty"`
}

// ResultsReference refers to a ConfigMap of the ledger.
type ResultsReference struct {
	// ConfigMap in the object's namespace.
	// +kubebuilder:validation:MaxLength=253
	// +required
	ConfigMap string `json:"configMap"`
	// Rows in the ConfigMap.
	// +required
	Rows int32 `json:"rows"`
	// Digest of the content. Content with another digest was edited by someone else and
	// is not trusted.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	Digest string `json:"digest,omitempty"`
	// Next is the digest of the content that is about to be written. It is absent if no
	// write is in progress.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	Next string `json:"next,omitempty"`
}

// RunStatus is the part of the status for imports: a plan, jobs, and a result for each
// row.
type RunStatus struct {
	// RunKey identifies what is imported and how. The same key never runs again without
	// a request.
	// +kubebuilder:validation:MaxLength=71
	// +optional
	RunKey string `json:"runKey,omitempty"`
	// RunNumber increases when a run starts, because of a new key or a request.
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
	// Jobs of the run: the open ones and the latest ended ones, at most 100.
	// +kubebuilder:validation:MaxItems=100
	// +listType=map
	// +listMapKey=index
	// +optional
	Jobs []JobStatus `json:"jobs,omitempty"`
	// Failures are the first 50 failed rows. The ConfigMaps in results contain all of
	// them.
	// +kubebuilder:validation:MaxItems=50
	// +listType=atomic
	// +optional
	Failures []RowFailure `json:"failures,omitempty"`
	// Results are the ConfigMaps that contain every row.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=atomic
	// +optional
	Results []ResultsReference `json:"results,omitempty"`
	// Leavers are the users who have left the source. They are absent if spec.leavers is
	// Ignore.
	// +optional
	Leavers *LeaversStatus `json:"leavers,omitempty"`
	// Harmed counts, per hour, the harm that the object did without an approval within
	// the window of the Organization's guard.
	// +kubebuilder:validation:MaxItems=200
	// +listType=atomic
	// +optional
	Harmed []HarmBucket `json:"harmed,omitempty"`
	// IgnoredResolution is the value of the resolve-submission annotation when the run
	// started. It is ignored, because it belongs to an earlier run.
	// +kubebuilder:validation:MaxLength=128
	// +optional
	IgnoredResolution string `json:"ignoredResolution,omitempty"`
	// StartTime of the run.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`
	// CompletionTime of the run. It is absent while the run is open.
	// +optional
	CompletionTime *metav1.Time `json:"completionTime,omitempty"`
}
