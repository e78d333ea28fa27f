// Package batch sends changes of many objects in one bulk job, without a worker that waits for
// it.
//
// An object adds its change to a Batcher in one pass, and gets a Ticket. The job is sent when
// it is full, or once no change was added for a second; at the latest after five seconds, or
// after half of the time to its deadline if that is less. When the job ends, each of its
// objects is woken: its next pass asks the ticket what became of the job, and the directory
// what became of the change. Results are not trusted: they only show when nothing of a job is
// under way any more.
//
// A job has no record of its own. What must not be made twice is announced in the status of
// its object before it is added; if the process dies, the submission protocol resumes from
// there, object by object. Nothing is sent after the first deadline of the changes in a job,
// so a process that was frozen after an announcement sends nothing that another one may have
// made since. A change whose own deadline has passed leaves the job, so that it does not hold
// up the others.
//
// Jobs of one session may run at the same time: a full one does not keep the next one from
// being sent. limits.concurrentJobs is about imports only.
//
// The changes of a job take room in the guard's window in one write, before the job is sent.
// Changes for which there is no room are not sent.
//
// A row that JumpCloud does not accept holds up no other: a job that is refused is sent again
// in halves, until the row is alone. A record that does not end holds up only its own change:
// a job whose results rest wakes its objects, so that those whose change is seen continue.
package batch
