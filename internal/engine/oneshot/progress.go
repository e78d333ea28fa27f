package oneshot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// running is the outcome while jobs run; record is, or was, one of them.
func (r *run[T]) running(record *v1alpha1.JobStatus) lifecycle.Outcome {
	jobs := unsettled(r.status.Jobs)
	if !slices.Contains(jobs, record) {
		jobs = append(jobs, record)
	}
	return lifecycle.Progressing(v1alpha1.JobRunningReason, r.progressText(jobs...), firstPoll)
}

// progressText describes the progress of the run and its running jobs. It changes with jobs
// and not with polls, so that polling writes nothing.
func (r *run[T]) progressText(jobs ...*v1alpha1.JobStatus) string {
	if r.m.ledger == nil {
		return capital(described(jobs)) + verb(jobs) + "running."
	}
	numbers, run, newest := make([]string, len(jobs)), map[int32]bool{}, int32(0)
	all := v1alpha1.JobStatus{Operation: jobs[0].Operation}
	for i, record := range jobs {
		numbers[i], run[record.Index] = strconv.Itoa(int(record.Index)), true
		newest = max(newest, record.Index)
		all.Rows += record.Rows
	}
	last, before := newest, 0
	for i := range r.m.ledger.Entries {
		entry := &r.m.ledger.Entries[i]
		last = max(last, entry.Job)
		if entry.Outcome != "" || entry.Job != 0 && entry.Job < newest && !run[entry.Job] {
			before++
		}
	}
	return fmt.Sprintf("%s %s of %d%srunning (%s). %d of %s were dealt with before.",
		capital(plural(jobs, "job")), enumerated(numbers), last, verb(jobs), holds(&all), before, counted(count32(len(r.m.ledger.Entries)), "row"))
}

// lostText describes jobs whose answer was lost.
func lostText(lost []*v1alpha1.JobStatus) string {
	if len(lost) == 1 {
		return "JumpCloud's answer to " + describe(lost[0]) + " was lost. It is not sent again until the user list shows its outcome."
	}
	return "JumpCloud's answers to " + described(lost) + " were lost. They are not sent again until the user list shows their outcome."
}

// described names jobs for a message.
func described(jobs []*v1alpha1.JobStatus) string {
	all := make([]string, len(jobs))
	for i, record := range jobs {
		all[i] = describe(record)
	}
	return enumerated(all)
}

// verb returns the verb that follows the names of jobs.
func verb(jobs []*v1alpha1.JobStatus) string {
	if len(jobs) == 1 {
		return " is "
	}
	return " are "
}

// plural returns word, in the plural if there are several jobs.
func plural(jobs []*v1alpha1.JobStatus, word string) string {
	if len(jobs) == 1 {
		return word
	}
	return word + "s"
}

// enumerated joins words to a list: "1, 2 and 3".
func enumerated(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
