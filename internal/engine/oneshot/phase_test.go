package oneshot

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

func TestPhases(t *testing.T) {
	now := metav1.Now()
	open := func(jobs ...v1alpha1.JobState) *v1alpha1.RunStatus {
		status := &v1alpha1.RunStatus{StartTime: &now}
		for i, state := range jobs {
			status.Jobs = append(status.Jobs, v1alpha1.JobStatus{Index: int32(i + 1), State: state})
		}
		return status
	}
	rows := func(jobs ...int32) *ledger.Ledger {
		l := &ledger.Ledger{}
		for i, job := range jobs {
			l.Entries = append(l.Entries, ledger.Entry{Row: i + 1, Job: job})
		}
		return l
	}
	for name, c := range map[string]struct {
		status *v1alpha1.RunStatus
		ledger *ledger.Ledger
		want   phase
	}{
		"nothing ran yet":            {&v1alpha1.RunStatus{}, nil, phasePlanning},
		"a run ended":                {&v1alpha1.RunStatus{StartTime: &now, CompletionTime: &now}, nil, phasePlanning},
		"results were written":       {open(v1alpha1.JobSubmitted), &ledger.Ledger{Finished: true}, phaseFinishing},
		"a job was announced":        {open(v1alpha1.JobFinished, v1alpha1.JobIntended), rows(1, 2, 3), phaseFollowing},
		"a job runs, without ledger": {open(v1alpha1.JobSubmitted), nil, phaseFollowing},
		"a job waits for a person":   {open(v1alpha1.JobTimedOut), rows(1), phaseFollowing},
		"the ledger is gone":         {open(v1alpha1.JobFinished), nil, phaseStartingOver},
		"no job was announced":       {open(), rows(1, 2), phaseSubmitting},
		"another job is left":        {open(v1alpha1.JobFinished), rows(1, 2), phaseSubmitting},
		"a job is sent again":        {open(v1alpha1.JobPlanned, v1alpha1.JobFinished), rows(1, 2), phaseSubmitting},
		"all jobs ended":             {open(v1alpha1.JobFinished, v1alpha1.JobRejected), rows(1, 2), phaseProving},
		"no row is in a job":         {open(), rows(0), phaseProving},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(phaseOf(c.status, c.ledger, false)).To(Equal(c.want))
		})
	}
}
