package v1alpha1

// Condition types. Ready is present from the first status write on. Reconciling and
// Stalled are present only while they are True, and never together. Ready is never True
// while Stalled is.
const (
	// ReadyCondition reports whether the declared state has been reached.
	ReadyCondition = "Ready"
	// ReconcilingCondition means that the operator is working, or waits for something
	// that will wake it up.
	ReconcilingCondition = "Reconciling"
	// StalledCondition means that nothing more happens until a person acts.
	StalledCondition = "Stalled"
	// PausedCondition means that the paused annotation stops mutating calls.
	PausedCondition = "Paused"
	// AuthenticatedCondition reports whether JumpCloud accepts the credentials of an
	// Organization, or Workday those of a WorkdayInstance.
	AuthenticatedCondition = "Authenticated"
)

// Reasons of Ready=True: the declared state has been reached.
const (
	// SucceededReason: the run ended and every row is as declared.
	SucceededReason = "Succeeded"
	// UpToDateReason: the live state equals the declared state.
	UpToDateReason = "UpToDate"
	// AdoptedReason: something that already existed in JumpCloud is now managed.
	AdoptedReason = "Adopted"
	// ScheduledReason: the change is in JumpCloud's schedule, or the first run is not
	// due yet.
	ScheduledReason = "Scheduled"
	// ExecutedReason: the scheduled change has been verified.
	ExecutedReason = "Executed"
	// PlannedReason: mode Plan; the plan is in status and nothing was sent.
	PlannedReason = "Planned"
	// GrantedReason: the plan that a PlanApproval names may be carried out.
	GrantedReason = "Granted"
	// UsedReason: the plan that a PlanApproval names is done. An approval counts once.
	UsedReason = "Used"
)

// Reasons of Reconciling=True: work is in progress.
const (
	// ProgressingReason: the operator is reading, planning or writing.
	ProgressingReason = "Progressing"
	// JobRunningReason: a job was accepted and its results are polled.
	JobRunningReason = "JobRunning"
	// SubmissionSettlingReason: the response to a submission was lost, and the operator
	// waits until the directory shows the outcome.
	SubmissionSettlingReason = "SubmissionSettling"
	// DeletingReason: the object is being deleted.
	DeletingReason = "Deleting"
)

// Reasons of Reconciling=True with Ready=False: a watch or the next resync wakes the
// object up.
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
	// RemoteUnavailableReason: JumpCloud returns errors or unusable responses.
	RemoteUnavailableReason = "RemoteUnavailable"
	// ProgressingWithRetryReason: a step failed for a transient reason and is retried.
	ProgressingWithRetryReason = "ProgressingWithRetry"
)

// Reasons of Stalled=True with Ready=False: a person must act.
const (
	// InvalidSpecReason: the spec contradicts itself, or contradicts what it refers to.
	InvalidSpecReason = "InvalidSpec"
	// InvalidRowsReason: rows of the sources are invalid, and nothing was sent.
	InvalidRowsReason = "InvalidRows"
	// CredentialsNotFoundReason: the Secret with the credentials, or a key of it, does not exist.
	CredentialsNotFoundReason = "CredentialsNotFound"
	// AuthenticationFailedReason: JumpCloud rejects the credentials.
	AuthenticationFailedReason = "AuthenticationFailed"
	// PermissionDeniedReason: the credentials are valid but lack a permission, or the
	// Organization does not grant it.
	PermissionDeniedReason = "PermissionDenied"
	// OrganizationMismatchReason: the credentials belong to another organization than the one recorded.
	OrganizationMismatchReason = "OrganizationMismatch"
	// NamespaceNotAllowedReason: the Organization does not allow the object's
	// namespace.
	NamespaceNotAllowedReason = "NamespaceNotAllowed"
	// RemoteConflictReason: the live state contradicts the declared state.
	RemoteConflictReason = "RemoteConflict"
	// RemoteNotFoundReason: something that the spec names does not exist in JumpCloud.
	RemoteNotFoundReason = "RemoteNotFound"
	// RowsFailedReason: the run ended and some rows failed.
	RowsFailedReason = "RowsFailed"
	// SubmissionRejectedReason: JumpCloud refused a job as a whole.
	SubmissionRejectedReason = "SubmissionRejected"
	// ScheduleInPastReason: the time has passed and the policy is Reject.
	ScheduleInPastReason = "ScheduleInPast"
	// ScheduleMissedReason: the time has passed and the users are not in the declared
	// state.
	ScheduleMissedReason = "ScheduleMissed"
	// ApprovalRequiredReason: the plan waits for an approval.
	ApprovalRequiredReason = "ApprovalRequired"
	// PlanChangedReason: the approval names another plan than the current one.
	PlanChangedReason = "PlanChanged"
	// PlanOnlyReason: the Organization's mode is Plan and the plan is not empty.
	PlanOnlyReason = "PlanOnly"
	// AdoptionRefusedReason: the adoption policy forbids adopting what already exists.
	AdoptionRefusedReason = "AdoptionRefused"
	// ProtectedUserReason: a protected user would be changed.
	ProtectedUserReason = "ProtectedUser"
	// NameConflictReason: a ConfigMap with the name of a ledger or plan belongs to
	// something else.
	NameConflictReason = "NameConflict"
	// SchemaOutdatedReason: the API server dropped part of a status write, because the
	// CRDs are older than the operator. Nothing is sent.
	SchemaOutdatedReason = "SchemaOutdated"
)

// Reasons of Stalled=True with Ready=Unknown: a person must decide, with
// the resolve-submission annotation.
const (
	// SubmissionOutcomeUnknownReason: three attempts of one job ended without a
	// response, and the directory does not show the outcome either.
	SubmissionOutcomeUnknownReason = "SubmissionOutcomeUnknown"
	// JobTimedOutReason: the results of a job were not complete in time.
	JobTimedOutReason = "JobTimedOut"
)

// PausedReason is the reason of Paused=True.
const PausedReason = "Paused"
