package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Operation says what an import may do.
// +kubebuilder:validation:Enum=Upsert;Create;Update
type Operation string

// The operations of an import.
const (
	// OperationUpsert creates who is missing and updates who differs.
	OperationUpsert Operation = "Upsert"
	// OperationCreate creates who is missing and skips who exists.
	OperationCreate Operation = "Create"
	// OperationUpdate updates who differs and fails who is missing.
	OperationUpdate Operation = "Update"
)

// MatchBy says which value of a row tells which live user it is.
// +kubebuilder:validation:Enum=Username;Email;EmployeeIdentifier
type MatchBy string

// What rows are matched by.
const (
	MatchByUsername           MatchBy = "Username"
	MatchByEmail              MatchBy = "Email"
	MatchByEmployeeIdentifier MatchBy = "EmployeeIdentifier"
)

// StateOnUpdate says whether a row's state counts for users that exist.
// +kubebuilder:validation:Enum=Ignore;Apply
type StateOnUpdate string

// What a row's state means for users that exist.
const (
	// StateOnUpdateIgnore leaves the state of existing users alone.
	StateOnUpdateIgnore StateOnUpdate = "Ignore"
	// StateOnUpdateApply suspends Activated users whose row says Suspended.
	// Staged is left alone, and a suspension is never lifted by an import.
	StateOnUpdateApply StateOnUpdate = "Apply"
)

// OnInvalidRow says what an invalid row does to the others.
// +kubebuilder:validation:Enum=Abort;Skip
type OnInvalidRow string

// What an invalid row does to the others.
const (
	// OnInvalidRowAbort sends nothing while any row is invalid.
	OnInvalidRowAbort OnInvalidRow = "Abort"
	// OnInvalidRowSkip counts invalid rows as failed and sends the others.
	OnInvalidRowSkip OnInvalidRow = "Skip"
)

// CreationSource is JumpCloud's record of where a created user came from.
// +kubebuilder:validation:Enum="jumpcloud:bulk";"jumpcloud:gapps";"jumpcloud:o365";"jumpcloud:workday";"jumpcloud:scim";"jumpcloud:custom_integration"
type CreationSource string

// SourceFormat is how rows are written in a source.
// +kubebuilder:validation:Enum=CSV;JSON;YAML
type SourceFormat string

// The formats of a source.
const (
	SourceFormatCSV  SourceFormat = "CSV"
	SourceFormatJSON SourceFormat = "JSON"
	SourceFormatYAML SourceFormat = "YAML"
)

// RowsSource is a key of a ConfigMap or Secret that holds rows.
// +kubebuilder:validation:ExactlyOneOf=configMapKeyRef;secretKeyRef
type RowsSource struct {
	// ConfigMapKeyRef names a key in data or binaryData of a ConfigMap.
	// +optional
	ConfigMapKeyRef *KeyReference `json:"configMapKeyRef,omitempty"`
	// SecretKeyRef names a key of a Secret. Only these may have a password column.
	// +optional
	SecretKeyRef *KeyReference `json:"secretKeyRef,omitempty"`
	// Format of the content; by the key's ending (.csv, .json, .yaml, .yml) if absent.
	// +optional
	Format SourceFormat `json:"format,omitempty"`
}

// BulkUserImportSpec declares users in bulk.
type BulkUserImportSpec struct {
	// OrganizationRef names the Organization to import into. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="organizationRef is immutable: make a new BulkUserImport"
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`

	// Operation says what the import may do.
	// +kubebuilder:default=Upsert
	// +optional
	Operation Operation `json:"operation,omitempty"`

	// MatchBy says which value of a row tells which live user it is.
	// +kubebuilder:default=Username
	// +optional
	MatchBy MatchBy `json:"matchBy,omitempty"`

	// Mode says how far the operator goes.
	// +kubebuilder:validation:Enum=Apply;ApplyAfterApproval;Plan
	// +kubebuilder:default=Apply
	// +optional
	Mode Mode `json:"mode,omitempty"`

	// ApprovedPlan is the hash of the one plan that may run.
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	// +kubebuilder:validation:MaxLength=71
	// +optional
	ApprovedPlan string `json:"approvedPlan,omitempty"`

	// CreationSource is recorded with the users that are created.
	// +kubebuilder:default="jumpcloud:bulk"
	// +optional
	CreationSource CreationSource `json:"creationSource,omitempty"`

	// SuppressAdminEmail keeps JumpCloud from mailing an administrator a summary of each job.
	// +kubebuilder:default=true
	// +optional
	SuppressAdminEmail *bool `json:"suppressAdminEmail,omitempty"`

	// Defaults for users that are created; never for existing ones.
	// +optional
	Defaults *UserAttributes `json:"defaults,omitempty"`

	// StateOnUpdate says whether a row's state counts for users that exist.
	// +kubebuilder:default=Ignore
	// +optional
	StateOnUpdate StateOnUpdate `json:"stateOnUpdate,omitempty"`

	// OnInvalidRow says what an invalid row does to the others.
	// +kubebuilder:default=Abort
	// +optional
	OnInvalidRow OnInvalidRow `json:"onInvalidRow,omitempty"`

	// Users written here.
	// +kubebuilder:validation:MaxItems=500
	// +listType=atomic
	// +optional
	Users []UserRow `json:"users,omitempty"`

	// UsersFrom are ConfigMaps and Secrets with more rows, in order, after users.
	// +kubebuilder:validation:MaxItems=64
	// +listType=atomic
	// +optional
	UsersFrom []RowsSource `json:"usersFrom,omitempty"`
}

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

// BulkUserImportStatus tells what became of the import.
type BulkUserImportStatus struct {
	CommonStatus `json:",inline"`
	RunStatus    `json:",inline"`
}

// BulkUserImport creates and updates users in bulk, and reports every row.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=jcimport,categories=jumpcloud
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 200",message="names of imports have at most 200 characters"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Organization",type=string,JSONPath=`.spec.organizationRef.name`
// +kubebuilder:printcolumn:name="Total",type=integer,JSONPath=`.status.summary.total`
// +kubebuilder:printcolumn:name="Created",type=integer,JSONPath=`.status.summary.created`
// +kubebuilder:printcolumn:name="Updated",type=integer,JSONPath=`.status.summary.updated`
// +kubebuilder:printcolumn:name="Failed",type=integer,JSONPath=`.status.summary.failed`
// +kubebuilder:printcolumn:name="Pending",type=integer,JSONPath=`.status.summary.pending`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Plan",type=string,priority=1,JSONPath=`.status.plan.hash`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type BulkUserImport struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec declares the users.
	// +required
	Spec BulkUserImportSpec `json:"spec"`
	// Status tells what became of them.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status BulkUserImportStatus `json:"status,omitzero"`
}

// Common returns the part of the status that every kind has.
func (i *BulkUserImport) Common() *CommonStatus { return &i.Status.CommonStatus }

// Run returns the part of the status that every kind that runs has.
func (i *BulkUserImport) Run() *RunStatus { return &i.Status.RunStatus }

// OrganizationRef names the Organization that the object belongs to.
func (i *BulkUserImport) OrganizationRef() OrganizationReference { return i.Spec.OrganizationRef }

// BulkUserImportList is a list of BulkUserImports.
// +kubebuilder:object:root=true
type BulkUserImportList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []BulkUserImport `json:"items"`
}
