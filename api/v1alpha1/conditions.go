package v1alpha1

// Condition types. Ready is present from the first status write on.
// Reconciling and Stalled are present only while True, and never together;
// Stalled=True excludes Ready=True.
const (
	// ReadyCondition says whether the declared state was reached.
	ReadyCondition = "Ready"
	// ReconcilingCondition says that the operator is at work, or waits for
	// something that will wake it.
	ReconcilingCondition = "Reconciling"
	// StalledCondition says that nothing happens until a person acts.
	StalledCondition = "Stalled"
	// PausedCondition says that the paused annotation stops mutating calls.
	PausedCondition = "Paused"
	// AuthenticatedCondition says whether JumpCloud accepts an Organization's
	// credentials, or Workday those of a WorkdayInstance.
	AuthenticatedCondition = "Authenticated"
)

// Reasons of Ready=True: the outcome is reached.
const (
	// SucceededReason: the run ended and every row is as declared.
	SucceededReason = "Succeeded"
	// UpToDateReason: what is live equals what is declared.
	UpToDateReason = "UpToDate"
	// AdoptedReason: an object that existed at JumpCloud is now managed.
	AdoptedReason = "Adopted"
	// ScheduledReason: the change is scheduled at JumpCloud, or the first run is
	// not due yet.
	ScheduledReason = "Scheduled"
	// ExecutedReason: the scheduled change was seen to have happened.
	ExecutedReason = "Executed"
	// PlannedReason: mode Plan; the plan is in status and nothing was sent.
	PlannedReason = "Planned"
	// GrantedReason: the plan that a PlanApproval names may be carried out.
	GrantedReason = "Granted"
	// UsedReason: the plan that a PlanApproval names is done. It counts once.
	UsedReason = "Used"
)

// Reasons of Reconciling=True: work is under way.
const (
	// ProgressingReason: the pass reads, plans or writes.
	ProgressingReason = "Progressing"
	// JobRunningReason: a job was accepted and its results are polled.
	JobRunningReason = "JobRunning"
	// SubmissionSettlingReason: a submission's answer was lost; the directory
	// will tell what became of it.
	SubmissionSettlingReason = "SubmissionSettling"
	// DeletingReason: the object is being deleted.
	DeletingReason = "Deleting"
)

// Reasons of Reconciling=True with Ready=False: a watch or the resync wakes the object.
const (
	// OrganizationNotReadyReason: the Organization is missing or not ready.
	OrganizationNotReadyReason = "OrganizationNotReady"
	// SourceNotFoundReason: a ConfigMap, Secret or key that the spec names does not exist.
	SourceNotFoundReason = "SourceNotFound"
	// InstanceNotReadyReason: the WorkdayInstance is not ready, or its credentials are not valid.
	InstanceNotReadyReason = "InstanceNotReady"
	// UsersNotFoundReason: users that the spec names are not in the directory yet.
	UsersNotFoundReason = "UsersNotFound"
	// RateLimitedReason: JumpCloud asked for a pause, or the organization's own limit is reached.
	RateLimitedReason = "RateLimited"
	// RemoteUnavailableReason: JumpCloud does not answer usefully at the moment.
	RemoteUnavailableReason = "RemoteUnavailable"
	// ProgressingWithRetryReason: something failed in a way that passes; it is tried again.
	ProgressingWithRetryReason = "ProgressingWithRetry"
)

// Reasons of Stalled=True with Ready=False: a person must act.
const (
	// InvalidSpecReason: the spec contradicts itself or what it refers to.
	InvalidSpecReason = "InvalidSpec"
	// InvalidRowsReason: rows of the sources are invalid, and nothing was sent.
	InvalidRowsReason = "InvalidRows"
	// CredentialsNotFoundReason: the Secret with the credentials, or a key of it, does not exist.
	CredentialsNotFoundReason = "CredentialsNotFound"
	// AuthenticationFailedReason: JumpCloud rejects the credentials.
	AuthenticationFailedReason = "AuthenticationFailed"
	// PermissionDeniedReason: the credentials are valid but may not do this.
	PermissionDeniedReason = "PermissionDenied"
	// OrganizationMismatchReason: the credentials belong to another organization than the one recorded.
	OrganizationMismatchReason = "OrganizationMismatch"
	// NamespaceNotAllowedReason: the Organization does not admit this namespace.
	NamespaceNotAllowedReason = "NamespaceNotAllowed"
	// RemoteConflictReason: what is live contradicts what is declared.
	RemoteConflictReason = "RemoteConflict"
	// RemoteNotFoundReason: what the spec names does not exist at JumpCloud.
	RemoteNotFoundReason = "RemoteNotFound"
	// RowsFailedReason: the run ended and some rows failed.
	RowsFailedReason = "RowsFailed"
	// SubmissionRejectedReason: JumpCloud refused a job as a whole.
	SubmissionRejectedReason = "SubmissionRejected"
	// ScheduleInPastReason: the time is past and the policy is Reject.
	ScheduleInPastReason = "ScheduleInPast"
	// ScheduleMissedReason: the time is past and the state was not seen.
	ScheduleMissedReason = "ScheduleMissed"
	// ApprovalRequiredReason: the plan waits for spec.approvedPlan.
	ApprovalRequiredReason = "ApprovalRequired"
	// PlanChangedReason: spec.approvedPlan names another plan than the present one.
	PlanChangedReason = "PlanChanged"
	// PlanOnlyReason: the Organization's mode is Plan and the plan is not empty.
	PlanOnlyReason = "PlanOnly"
	// AdoptionRefusedReason: the adoption policy forbids taking over what exists.
	AdoptionRefusedReason = "AdoptionRefused"
	// ProtectedUserReason: a protected user would be changed.
	ProtectedUserReason = "ProtectedUser"
	// NameConflictReason: a ConfigMap of the ledger's name belongs to somebody else.
	NameConflictReason = "NameConflict"
	// SchemaOutdatedReason: the API server dropped a part of a status write,
	// because the CRDs are older than the operator. Nothing is sent.
	SchemaOutdatedReason = "SchemaOutdated"
)

// Reasons of Stalled=True with Ready=Unknown: a person must decide, with
// the resolve-submission annotation.
const (
	// SubmissionOutcomeUnknownReason: three attempts of one job ended without
	// an answer, and the directory does not tell either.
	SubmissionOutcomeUnknownReason = "SubmissionOutcomeUnknown"
	// JobTimedOutReason: a job's results did not end in time.
	JobTimedOutReason = "JobTimedOut"
)

// PausedReason is the reason of Paused=True.
const PausedReason = "Paused"
