package submission_test

import (
	"encoding/json"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

func TestApply(t *testing.T) {
	g := NewWithT(t)
	at := metav1.NewMicroTime(now)
	job := v1alpha1.JobStatus{Index: 4, Operation: v1alpha1.JobCreate, Rows: rows, State: v1alpha1.JobPlanned}
	apply := func(action submission.Action) v1alpha1.JobStatus {
		g.Expect(submission.Apply(&job, action, now)).To(BeTrue())
		return job
	}
	base := job

	want := base
	want.State, want.Attempt, want.IntendedAt = v1alpha1.JobIntended, 1, &at
	g.Expect(apply(submission.Action{Verb: submission.Intend})).To(Equal(want))

	g.Expect(apply(submission.Action{Verb: submission.ReturnToPlanned})).To(Equal(base), "it uses up no attempt")
	apply(submission.Action{Verb: submission.Intend})

	want.State, want.JobID, want.SubmittedAt = v1alpha1.JobSubmitted, "a", &at
	g.Expect(apply(submission.Action{Verb: submission.RecordJobID, JobID: "a"})).To(Equal(want))

	want.State = v1alpha1.JobTimedOut
	g.Expect(apply(submission.Action{Verb: submission.TimeOut})).To(Equal(want))

	want = base
	want.Attempt, want.Rows = 1, 3
	g.Expect(apply(submission.Action{Verb: submission.PlanAgain, Rows: 3})).To(Equal(want))

	want.State, want.Attempt, want.IntendedAt = v1alpha1.JobIntended, 2, &at
	g.Expect(apply(submission.Action{Verb: submission.Intend})).To(Equal(want))

	want.State = v1alpha1.JobOutcomeUnknown
	g.Expect(apply(submission.Action{Verb: submission.Escalate})).To(Equal(want))

	for verb, state := range map[submission.Verb]v1alpha1.JobState{
		submission.Recover: v1alpha1.JobRecovered,
		submission.Reject:  v1alpha1.JobRejected,
		submission.Abandon: v1alpha1.JobAbandoned,
	} {
		over, want := job, want
		want.State, want.FinishedAt = state, &at
		g.Expect(submission.Apply(&over, submission.Action{Verb: verb}, now)).To(BeTrue())
		g.Expect(over).To(Equal(want))
		g.Expect(ended(over.State)).To(BeTrue())
	}

	want.State, want.JobID, want.SubmittedAt, want.FinishedAt = v1alpha1.JobFinished, "b", &at, &at
	g.Expect(apply(submission.Action{Verb: submission.Finish, JobID: "b"})).To(Equal(want))

	for _, verb := range []submission.Verb{submission.Wait, submission.ReadDirectory, submission.Poll, submission.AskPerson, submission.Rest} {
		g.Expect(submission.Apply(&job, submission.Action{Verb: verb}, now)).To(BeFalse())
		g.Expect(job).To(Equal(want))
	}
}

// A record that comes back from the API server must belong to the same attempt as the one in
// memory, or the process would forget the answer to it.
func TestApplyWritesTimesThatSurviveStorage(t *testing.T) {
	g := NewWithT(t)
	job := record(v1alpha1.JobPlanned, 0, 0)
	submission.Apply(&job, submission.Action{Verb: submission.Intend}, now.Add(123456789*time.Nanosecond))
	var seen submission.Observation
	seen.SawAnswer(job, submission.Answer{Kind: submission.NotSent}, now)

	text, err := json.Marshal(job)
	g.Expect(err).NotTo(HaveOccurred())
	var stored v1alpha1.JobStatus
	g.Expect(json.Unmarshal(text, &stored)).To(Succeed())
	seen.Track(stored, submission.Undecided, now)
	g.Expect(seen.Sent).NotTo(BeNil())
}

func TestSlowestCountsFinishedJobs(t *testing.T) {
	g := NewWithT(t)
	took := func(state v1alpha1.JobState, d time.Duration) v1alpha1.JobStatus {
		began, ended := metav1.NewMicroTime(now), metav1.NewMicroTime(now.Add(d))
		return v1alpha1.JobStatus{State: state, SubmittedAt: &began, FinishedAt: &ended}
	}
	g.Expect(submission.Slowest([]v1alpha1.JobStatus{
		{State: v1alpha1.JobPlanned},
		took(v1alpha1.JobFinished, 20*time.Second),
		took(v1alpha1.JobFinished, 10*time.Second),
		took(v1alpha1.JobAbandoned, time.Hour),
	})).To(Equal(20 * time.Second))
}

func TestOldestCountsJobsThatHaveNotEnded(t *testing.T) {
	g := NewWithT(t)
	accepted := func(state v1alpha1.JobState, ago time.Duration) v1alpha1.JobStatus {
		began := metav1.NewMicroTime(now.Add(-ago))
		return v1alpha1.JobStatus{State: state, SubmittedAt: &began}
	}
	jobs := []v1alpha1.JobStatus{
		{State: v1alpha1.JobIntended},
		accepted(v1alpha1.JobFinished, time.Hour),
		accepted(v1alpha1.JobSubmitted, 10*time.Second),
		accepted(v1alpha1.JobSubmitted, 20*time.Second),
		accepted(v1alpha1.JobSubmitted, -time.Minute), // by a clock that was ahead
	}
	g.Expect(submission.Oldest(jobs, now)).To(Equal(20 * time.Second))
	g.Expect(submission.Oldest(append(jobs, accepted(v1alpha1.JobTimedOut, 3*time.Hour)), now)).To(Equal(3 * time.Hour))
	g.Expect(submission.Oldest(nil, now)).To(BeZero())
}

func TestWhichJobsAreUnderway(t *testing.T) {
	for name, c := range map[string]struct {
		state   v1alpha1.JobState
		results *submission.Progress
		want    bool
	}{
		"not read yet":               {v1alpha1.JobSubmitted, nil, true},
		"no records yet":             {v1alpha1.JobSubmitted, &submission.Progress{}, true},
		"records are pending":        {v1alpha1.JobSubmitted, &submission.Progress{Records: 2, Pending: 1, Final: 1}, true},
		"records are missing":        {v1alpha1.JobSubmitted, &submission.Progress{Records: 1, Final: 1}, false},
		"a word that is not known":   {v1alpha1.JobSubmitted, &submission.Progress{Records: 2, Final: 1}, false},
		"results are gone":           {v1alpha1.JobSubmitted, &submission.Progress{Gone: true}, false},
		"no answer":                  {v1alpha1.JobIntended, nil, false},
		"timed out":                  {v1alpha1.JobTimedOut, &submission.Progress{Records: 2, Pending: 1, Final: 1}, false},
		"lost":                       {v1alpha1.JobOutcomeUnknown, nil, false},
		"ended":                      {v1alpha1.JobFinished, nil, false},
		"a state of a newer version": {"Newer", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			job := v1alpha1.JobStatus{State: c.state, Rows: 2}
			NewWithT(t).Expect(submission.Underway(job, submission.Observation{Results: c.results})).To(Equal(c.want))
		})
	}
}

func TestParseDecision(t *testing.T) {
	g := NewWithT(t)
	job, attempt, decision, err := submission.ParseDecision(" 12/3=Resubmit\n")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(job).To(BeEquivalentTo(12))
	g.Expect(attempt).To(BeEquivalentTo(3))
	g.Expect(decision).To(Equal(submission.DecideResubmit))

	for _, wrong := range []string{"", "Resubmit", "1=Abandon", "1/2", "1/2=", "1/2=abandon", "1/2/3=Abandon", "-1/2=Abandon", "1/2=Abandon=", "1/4294967297=Abandon", "a/b=Abandon", "1 / 2=Abandon"} {
		_, _, decision, err := submission.ParseDecision(wrong)
		g.Expect(err).To(HaveOccurred(), wrong)
		g.Expect(decision).To(Equal(submission.Undecided), wrong)
	}
}

func TestDecisionIsOnOneAttemptOfOneJob(t *testing.T) {
	g := NewWithT(t)
	job := v1alpha1.JobStatus{Index: 12, Attempt: 3}
	g.Expect(submission.DecisionOn(job, "12/3=Abandon")).To(Equal(submission.DecideAbandon))
	for _, other := range []string{"12/2=Abandon", "11/3=Abandon", "12/3=Wrong", ""} {
		g.Expect(submission.DecisionOn(job, other)).To(Equal(submission.Undecided), other)
	}
}
