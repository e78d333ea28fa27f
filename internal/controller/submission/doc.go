// Package submission decides what is to be done about one job, so that no job
// is sent twice and none is lost.
//
// JumpCloud has no idempotency key and no list of jobs: when the answer to a
// submission is lost, the id of the job is lost for good. Therefore an intent
// is recorded before anything is sent, and what became of an unanswered intent
// is found out by reading the directory, never by sending again.
//
// The package is pure. The caller does what [Next] says, in this order:
//
//	seen.Track(job, decision, now) // once a pass
//	switch action := submission.Next(job, *seen, limits, now); action.Verb {
//	case submission.Intend:
//		// Take the limiter's token. Apply the action and write the status by
//		// compare-and-swap. Only if the write succeeded, submit, once. Then
//		seen.SawAnswer(job, answer, time.Now())
//		// and ask Next again. Its action is applied and written on a context
//		// that outlives the deadline of the pass.
//	case submission.ReadDirectory:
//		// When a read that began after action.NewerThan has ended:
//		seen.SawDirectory(presence, limits)
//	case submission.Poll:
//		// Not before action.Until read the job's results:
//		seen.SawResults(progress)
//	default:
//		// Apply the action, and write the status if Apply says so.
//	}
//
// An Observation lives in memory. A process that lost it, by a restart or a
// change of leader, begins a new one: that costs time and never safety.
package submission
