// Package submission decides what to do about one job, so that no job is sent twice and none
// is lost.
//
// JumpCloud has no idempotency key and no list of jobs: if the answer to a submission is lost,
// the id of the job is lost for good. Therefore an intent is recorded before anything is sent,
// and the fate of an unanswered intent is found out by reading the directory, never by sending
// again.
//
// [Next] decides: it is pure, and has an answer for every state of a job and everything that
// may have been observed about it. A [Driver] does what Next says, in the order that keeps a
// crash at any point safe:
//
//	Announce  the intent is written by compare-and-swap
//	Send      once, and only if that write succeeded
//	Record    the answer, in a separate write
//	Look      what became of an intent without an answer, in the directory
//	Poll      the results of a job that was accepted
//
// Engines and kinds implement these calls as [Ports].
//
// An Observation lives in memory. A process that lost it, by a restart or a change of leader,
// begins a new one: that costs time but never safety.
package submission
