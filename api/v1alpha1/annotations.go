package v1alpha1

// Annotations and the finalizer. People set the annotations; the operator
// reads them and never writes them.
const (
	// PausedAnnotation, set to "true", stops every mutating call for the
	// object, its deletion included. Open jobs are still polled.
	PausedAnnotation = "jumpcloud-operator.io/paused"

	// ReconcileRequestedAtAnnotation asks for a pass now, with fresh reads.
	// Its value is any token; it is echoed in status.lastHandledReconcileAt.
	ReconcileRequestedAtAnnotation = "jumpcloud-operator.io/reconcile-requested-at"

	// AbandonAnnotation, set to "true" on an object that is being deleted,
	// drops its finalizer and sends nothing.
	AbandonAnnotation = "jumpcloud-operator.io/abandon"

	// ResolveSubmissionAnnotation answers SubmissionOutcomeUnknown and
	// JobTimedOut. Its value is "<job>/<attempt>=Resubmit" or
	// "<job>/<attempt>=Abandon".
	ResolveSubmissionAnnotation = "jumpcloud-operator.io/resolve-submission"

	// AllowEmptyAnnotation, set to "true", lets an empty source empty what it feeds.
	AllowEmptyAnnotation = "jumpcloud-operator.io/allow-empty"

	// Finalizer is present only while a deletion would have something to do
	// at JumpCloud, or a submission is open.
	Finalizer = "jumpcloud-operator.io/finalizer"
)
