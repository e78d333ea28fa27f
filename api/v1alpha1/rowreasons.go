package v1alpha1

// Reasons of a row that failed, in status.failures and in the ledger, besides
// RemoteConflict, RemoteNotFound, ProtectedUser and SubmissionRejected.
const (
	// RowInvalidReason: the row itself is wrong, and it was not sent.
	RowInvalidReason = "Invalid"
	// RowFailedReason: JumpCloud's record of the row says that it failed.
	RowFailedReason = "JobFailed"
	// RowNotAppliedReason: the job ended and the directory does not show the row.
	RowNotAppliedReason = "NotApplied"
	// RowAbandonedReason: a person decided not to wait for the row's job.
	RowAbandonedReason = "Abandoned"
)
