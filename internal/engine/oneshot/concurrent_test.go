package oneshot

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// Jobs 1 to 4 create, 5 and 6 update, 7 suspends.
func TestWhichJobIsSentBesideOthers(t *testing.T) {
	const (
		planned, intended, submitted = v1alpha1.JobPlanned, v1alpha1.JobIntended, v1alpha1.JobSubmitted
		finished, rejected           = v1alpha1.JobFinished, v1alpha1.JobRejected
		unknown, timedOut            = v1alpha1.JobOutcomeUnknown, v1alpha1.JobTimedOut
	)
	operation := func(index int32) v1alpha1.JobOperation {
		switch {
		case index <= 4:
			return v1alpha1.JobCreate
		case index <= 6:
			return v1alpha1.JobUpdate
		default:
			return v1alpha1.JobSuspend
		}
	}
	manifest := &ledger.Ledger{}
	for index := range int32(7) {
		manifest.Entries = append(manifest.Entries, ledger.Entry{Row: int(index), Job: index + 1})
	}
	for name, c := range map[string]struct {
		limit  int32
		states []v1alpha1.JobState
		uneasy int32
		want   int32
	}{
		"one after another":                     {limit: 1, states: []v1alpha1.JobState{submitted}, want: 0},
		"no limit is known":                     {limit: 0, states: []v1alpha1.JobState{submitted}, want: 0},
		"the second of two":                     {limit: 2, states: []v1alpha1.JobState{submitted}, want: 2},
		"two of two are open":                   {limit: 2, states: []v1alpha1.JobState{submitted, submitted}, want: 0},
		"one of two ended":                      {limit: 2, states: []v1alpha1.JobState{submitted, finished}, want: 3},
		"one of two was rejected":               {limit: 2, states: []v1alpha1.JobState{rejected, submitted}, want: 3},
		"the limit was lowered":                 {limit: 2, states: []v1alpha1.JobState{submitted, submitted, submitted}, want: 0},
		"all creates are announced":             {limit: 8, states: []v1alpha1.JobState{finished, submitted, submitted, submitted}, want: 0},
		"updates beside updates":                {limit: 8, states: []v1alpha1.JobState{finished, finished, finished, finished, submitted}, want: 6},
		"no suspension beside updates":          {limit: 8, states: []v1alpha1.JobState{finished, finished, finished, finished, finished, submitted}, want: 0},
		"an answer is lost":                     {limit: 8, states: []v1alpha1.JobState{submitted, intended}, want: 0},
		"a person must decide":                  {limit: 8, states: []v1alpha1.JobState{submitted, unknown}, want: 0},
		"a job timed out":                       {limit: 8, states: []v1alpha1.JobState{timedOut, submitted}, want: 0},
		"results of one rest":                   {limit: 8, states: []v1alpha1.JobState{submitted, submitted}, uneasy: 1, want: 0},
		"one that was lost is sent again":       {limit: 8, states: []v1alpha1.JobState{planned, submitted}, want: 1},
		"one that was not sent is sent at last": {limit: 2, states: []v1alpha1.JobState{submitted, planned}, want: 2},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			status := &v1alpha1.RunStatus{}
			for i, state := range c.states {
				status.Jobs = append(status.Jobs, v1alpha1.JobStatus{Index: int32(i + 1), State: state, Operation: operation(int32(i + 1))})
			}
			calm := func(record *v1alpha1.JobStatus) bool {
				return record.State == v1alpha1.JobSubmitted && record.Index != c.uneasy
			}
			g.Expect(nextConcurrent(status, manifest, c.limit, operation, calm)).To(Equal(c.want))
			g.Expect(nextConcurrent(status, nil, c.limit, operation, calm)).To(BeZero(), "without a ledger")
			lost := func(int32) v1alpha1.JobOperation { return "" }
			g.Expect(nextConcurrent(status, manifest, c.limit, lost, calm)).To(BeZero(), "without decisions")
		})
	}
}

func TestNoSuspensionRunsBesideAnother(t *testing.T) {
	g := NewWithT(t)
	open := []*v1alpha1.JobStatus{{Index: 1, Operation: v1alpha1.JobSuspend}}
	g.Expect(mayJoin(open, v1alpha1.JobSuspend)).To(BeFalse())
	g.Expect(mayJoin(nil, v1alpha1.JobSuspend)).To(BeTrue())
}

func TestTheTextTellsOfJobsSideBySide(t *testing.T) {
	g := NewWithT(t)
	jobs := []*v1alpha1.JobStatus{
		{Index: 2, Attempt: 1, Operation: v1alpha1.JobCreate, Rows: 2},
		{Index: 4, Attempt: 1, Operation: v1alpha1.JobCreate, Rows: 1},
	}
	r := &run[*v1alpha1.BulkUserImport]{m: &memory{}}
	g.Expect(r.progressText(jobs...)).To(Equal("Job 2, attempt 1 (create of 2 users) and job 4, attempt 1 (create of 1 user) are running."))
	r.m.ledger = &ledger.Ledger{}
	for row, job := range []int32{1, 2, 2, 3, 4, 5} {
		r.m.ledger.Entries = append(r.m.ledger.Entries, ledger.Entry{Row: row + 1, Job: job})
	}
	g.Expect(r.progressText(jobs...)).To(Equal("Jobs 2 and 4 of 5 are running (create of 3 users). 2 of 6 rows were dealt with before."))
	g.Expect(r.progressText(jobs[0])).To(Equal("Job 2 of 5 is running (create of 2 users). 1 of 6 rows were dealt with before."))
	g.Expect(lostText(jobs)).To(HavePrefix("JumpCloud's answers to job 2, attempt 1 (create of 2 users) and job 4, attempt 1 (create of 1 user) were lost. They are"))
	g.Expect(enumerated([]string{"1", "2", "3"})).To(Equal("1, 2 and 3"))
}
