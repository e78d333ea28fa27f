package jumpcloud

// Internals that the external tests need.
var (
	NewTransportFrom  = newTransport
	ErrPastDeadline   = errPastDeadline
	ErrCertificate    = errCertificate
	ErrNoTokens       = errNoTokens
	ErrPaused         = errPaused
	ErrHanging        = errHanging
	ErrTooLarge       = errTooLarge
	LongestRetryAfter = longestRetryAfter
)
