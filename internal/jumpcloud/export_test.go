package jumpcloud

// What the tests outside of the package need of its inside.
var (
	NewTransportFrom  = newTransport
	ErrPastDeadline   = errPastDeadline
	ErrCertificate    = errCertificate
	ErrTokenRejected  = errTokenRejected
	ErrNoTokens       = errNoTokens
	ErrPaused         = errPaused
	ErrNotJSON        = errNotJSON
	ErrUnreadable     = errUnreadable
	ErrTooLarge       = errTooLarge
	ErrDisconnected   = errDisconnected
	ErrTokenUnusable  = errTokenUnavailable
	LongestRetryAfter = longestRetryAfter
)
