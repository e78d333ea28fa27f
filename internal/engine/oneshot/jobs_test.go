package oneshot

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

func TestNextJob(t *testing.T) {
	record := func(index int32, state v1alpha1.JobState) v1alpha1.JobStatus {
		return v1alpha1.JobStatus{Index: index, State: state}
	}
	for name, c := range map[string]struct {
		listed []v1alpha1.JobStatus
		want   int32
	}{
		"none was announced":           {nil, 1},
		"one was announced":            {[]v1alpha1.JobStatus{record(1, v1alpha1.JobFinished)}, 2},
		"one is to be announced again": {[]v1alpha1.JobStatus{record(1, v1alpha1.JobPlanned)}, 1},
		"all were announced":           {[]v1alpha1.JobStatus{record(1, v1alpha1.JobFinished), record(2, v1alpha1.JobFinished), record(3, v1alpha1.JobSubmitted)}, 0},
		// A status lists no more than maxJobs: what it forgot must not be sent again.
		"the first are no longer listed": {[]v1alpha1.JobStatus{record(2, v1alpha1.JobFinished)}, 3},
		"only the last is listed":        {[]v1alpha1.JobStatus{record(3, v1alpha1.JobRecovered)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := &ledger.Ledger{Entries: []ledger.Entry{
				{Row: 1, Job: 3}, {Row: 2, Job: 1}, {Row: 3, Job: 2}, {Row: 4},
				{Row: 5, Job: 4, Withheld: true}, {Row: 6, Job: 5, Outcome: ledger.OutcomeCreated},
			}}
			NewWithT(t).Expect(nextJob(&v1alpha1.RunStatus{Jobs: c.listed}, l)).To(Equal(c.want))
		})
	}
}
