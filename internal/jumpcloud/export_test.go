package jumpcloud

// What the tests outside of the package need of its inside.
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
