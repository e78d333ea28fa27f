package oneshot

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// attemptsOf returns how often a job sent its rows. A Suspend job that is announced again
// continues where it stopped, so all of its attempts count as one.
func attemptsOf(record *v1alpha1.JobStatus) int {
	if record.Operation == v1alpha1.JobSuspend {
		return int(min(record.Attempt, 1))
	}
	return int(record.Attempt)
}

// sends returns how often a row was sent. For the job that holds the row, the number comes
// from the record in the status, which someone who can edit ledgers cannot write.
func (r *run[T]) sends(entry *ledger.Entry) int {
	if entry.Job == 0 {
		return entry.Attempts
	}
	record := r.listed(entry.Job)
	return entry.Attempts + attemptsOf(&record)
}

// leaveJob takes a row out of its job.
func (r *run[T]) leaveJob(entry *ledger.Entry) {
	entry.Attempts, entry.Job = r.sends(entry), 0
}
