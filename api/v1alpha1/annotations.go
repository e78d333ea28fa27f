package v1alpha1

// Annotations and the finalizer. People set the annotations; the operator only reads
// them.
const (
	// PausedAnnotation, set to "true", stops every mutating call for the object,
	// including its deletion. Open jobs are still polled.
	PausedAnnotation = "jumpcloud-operator.io/paused"

	// ReconcileRequestedAtAnnotation requests a reconcile now, with fresh reads. Its
	// value is any token, which is copied to status.lastHandledReconcileAt.
	ReconcileRequestedAtAnnotation = "jumpcloud-operator.io/reconcile-requested-at"

	// AbandonAnnotation, set to "true" on an object that is being deleted, removes its
	// finalizer without sending anything.
	AbandonAnnotation = "jumpcloud-operator.io/abandon"

	// ResolveSubmissionAnnotation answers SubmissionOutcomeUnknown and
	// JobTimedOut. Its value is "<job>/<attempt>=Resubmit" or
	// "<job>/<attempt>=Abandon".
	ResolveSubmissionAnnotation = "jumpcloud-operator.io/resolve-submission"

	// AdoptAnnotation, set to "true" on a ScheduledUserState, lets it take over scheduled
	// jobs that it did not create, if they are for a declared state and time and all of
	// their users are its users. It then replaces and cancels them like its own. Set it
	// after a restore that dropped the status.
	AdoptAnnotation = "jumpcloud-operator.io/adopt"

	// AllowEmptyAnnotation, set to "true", confirms that an empty source is intended.
	AllowEmptyAnnotation = "jumpcloud-operator.io/allow-empty"

	// Finalizer is present only while a deletion would change something in JumpCloud,
	// or a submission is open.
	Finalizer = "jumpcloud-operator.io/finalizer"
)
