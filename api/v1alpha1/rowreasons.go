package v1alpha1

// Reasons of rows, in status.failures and in the ledger. Rows can also have
// RemoteConflict, RemoteNotFound, ProtectedUser and SubmissionRejected.
const (
	// RowInvalidReason: the row itself is wrong and was not sent.
	RowInvalidReason = "Invalid"
	// RowDuplicateReason: other rows state the same unique value, and the row was not sent.
	RowDuplicateReason = "Duplicate"
	// RowFailedReason: JumpCloud reported that the row failed.
	RowFailedReason = "JobFailed"
	// RowNotAppliedReason: the job ended, but the directory does not show the row as
	// sent.
	RowNotAppliedReason = "NotApplied"
	// ManagerNotFoundReason: the row did not fail, but the manager that it names is not
	// set, because there is no such user.
	ManagerNotFoundReason = "ManagerNotFound"
	// NoEffectReason: the row did not fail, but one of its values changes nothing.
	NoEffectReason = "NoEffect"
	// RowAbandonedReason: a person decided not to wait for the row's job.
	RowAbandonedReason = "Abandoned"
)
