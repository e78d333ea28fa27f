package oneshot

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// attemptsOf is how often a job sent its rows. A Suspend job that is announced
// again goes on where it was.
func attemptsOf(record *v1alpha1.JobStatus) int {
	if record.Operation == v1alpha1.JobSuspend {
		return int(min(record.Attempt, 1))
	}
	return int(record.Attempt)
}

// sends is how often a row was sent. Of the job that holds it now the record in
// the status says so, as whoever edits ledgers cannot write it.
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
