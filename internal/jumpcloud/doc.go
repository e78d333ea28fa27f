// Package jumpcloud is a client of JumpCloud's API for one organization. It knows nothing
// about Kubernetes.
//
// # Calls
//
// New returns a Client, which has one method for each call. Reads are repeated where that
// helps. Mutating calls take a Submission and are never repeated: most of JumpCloud's have no
// idempotency key, and the id of a job whose answer was lost is lost for good. So the caller
// records what it is about to do, and the client keeps the promises that this record relies
// on:
//
//   - exactly one HTTP request, on a connection of its own, which neither this
//     package nor net/http repeats (only after a 401 to a bearer token, which
//     proves that nothing was processed, it is sent again with a new token);
//   - not one byte of it past Submission.Deadline;
//   - an error that reports whether JumpCloud may have processed it.
//
// # Errors
//
// Every error is an *Error with a Class, which only this package decides:
//
//	                            read          mutating call
//	no connection               Unavailable   NotSent
//	no OAuth token              Unavailable   NotSent
//	past the deadline           -             NotSent, or Unknown if a part was written
//	connection or answer lost   Unavailable   Unknown
//	2xx that cannot be read     Unavailable   Unknown
//	408, 5xx                    Unavailable   Unknown
//
// and for both
//
//	3xx                         NotSent
//	401, OAuth client rejected  Auth
//	429, paused, no token       RateLimited
//	other 4xx, unusable input   Refused
//
// The texts of errors are safe to show; Error.Message is for ledgers only. ListOrganizations
// confirms or refutes what PossiblyAuth reports.
//
// # Limits
//
// All clients of an organization share a Limiter. Each call takes a token and waits at most
// two seconds for it. A 429 pauses the organization: until the pause ends nothing is sent, and
// calls that would have to wait longer than that fail at once with RateLimited.
//
// # What is known about JumpCloud
//
// Comments mark as documented what JumpCloud's specifications or articles state, as observed
// what the service or JumpCloud's own clients were seen to do, and the rest as assumed. The
// code takes the cautious side of each: a job is accepted with any 2xx, a list must look like
// one, and records of a job prove nothing about users.
package jumpcloud
