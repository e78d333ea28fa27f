package scheduleduserstate_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestADateThatHasPassed(t *testing.T) {
	for name, c := range map[string]struct {
		policy v1alpha1.PastDuePolicy
		spec   func(*spec)
		// before and after are the states of ada and chas at first, and at the end.
		before, after [2]string
		ready         string
		sent          int
		phases        map[string]v1alpha1.ScheduledUserPhase
	}{
		"is rejected": {
			policy: v1alpha1.PastDueReject, before: [2]string{"ACTIVATED", "SUSPENDED"}, after: [2]string{"ACTIVATED", "SUSPENDED"},
			ready: "False/ScheduleInPast", phases: map[string]v1alpha1.ScheduledUserPhase{"ada": v1alpha1.PhasePastDue},
		},
		"is ignored": {
			policy: v1alpha1.PastDueIgnore, before: [2]string{"ACTIVATED", "SUSPENDED"}, after: [2]string{"ACTIVATED", "SUSPENDED"},
			ready: "True/UpToDate", phases: map[string]v1alpha1.ScheduledUserPhase{"ada": v1alpha1.PhasePastDue},
		},
		"is made up for": {
			policy: v1alpha1.PastDueRunNow, before: [2]string{"ACTIVATED", "SUSPENDED"}, after: [2]string{"SUSPENDED", "SUSPENDED"},
			ready: "True/Executed", sent: 1, phases: map[string]v1alpha1.ScheduledUserPhase{},
		},
		"needs nothing, whoever did it": {
			policy: v1alpha1.PastDueReject, before: [2]string{"SUSPENDED", "SUSPENDED"}, after: [2]string{"SUSPENDED", "SUSPENDED"},
			ready: "True/Executed", phases: map[string]v1alpha1.ScheduledUserPhase{},
		},
		"the final state counts": {
			policy: v1alpha1.PastDueReject, before: [2]string{"ACTIVATED", "ACTIVATED"}, after: [2]string{"ACTIVATED", "ACTIVATED"},
			spec: ends(-time.Minute), ready: "True/Executed", phases: map[string]v1alpha1.ScheduledUserPhase{},
		},
		"the final state is made up for": {
			policy: v1alpha1.PastDueRunNow, before: [2]string{"SUSPENDED", "ACTIVATED"}, after: [2]string{"ACTIVATED", "ACTIVATED"},
			spec: ends(-time.Minute), ready: "True/Executed", sent: 1, phases: map[string]v1alpha1.ScheduledUserPhase{},
		},
		"an end that is near is all that is scheduled": {
			policy: v1alpha1.PastDueRunNow, before: [2]string{"ACTIVATED", "SUSPENDED"}, after: [2]string{"ACTIVATED", "ACTIVATED"},
			spec: ends(2 * time.Minute), ready: "True/Executed", sent: 1, phases: map[string]v1alpha1.ScheduledUserPhase{},
		},
		"of rejected users the end is not scheduled either": {
			policy: v1alpha1.PastDueReject, before: [2]string{"ACTIVATED", "SUSPENDED"}, after: [2]string{"ACTIVATED", "SUSPENDED"},
			spec: ends(72 * time.Hour), ready: "False/ScheduleInPast", sent: 1, phases: map[string]v1alpha1.ScheduledUserPhase{"ada": v1alpha1.PhasePastDue},
		},
		"of ignored users the end is": {
			policy: v1alpha1.PastDueIgnore, before: [2]string{"ACTIVATED", "SUSPENDED"}, after: [2]string{"ACTIVATED", "SUSPENDED"},
			spec: ends(72 * time.Hour), ready: "True/Scheduled", sent: 1, phases: map[string]v1alpha1.ScheduledUserPhase{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.spec == nil {
				c.spec = func(*spec) {}
			}
			story(t, func(w *world) {
				w.setState("ada", c.before[0])
				w.setState("chas", c.before[1])
				w.Rest()
				for range 2 {
					w.Restart()
					w.Resync()
				}
				w.ExpectReady(c.ready)
				w.Expect([2]string{w.state("ada"), w.state("chas")}).To(Equal(c.after))
				w.Expect(w.Sent()).To(HaveLen(c.sent))
				phases := w.phases()
				w.Expect(phases).To(HaveLen(len(c.phases)))
				for _, u := range w.Get().Status.Users {
					w.Expect(c.phases).To(ContainElement(u.Phase))
				}
			}, starts(-time.Hour), policy(c.policy), c.spec)
		})
	}
}

// The date that replaces a passed one survives a restart.
func TestTheTimeThatMakesUpForAPassedOneIsRemembered(t *testing.T) {
	story(t, func(w *world) {
		w.Until(func() bool { return len(w.pending()) == 1 })
		at := time.Now().Add(2 * time.Minute)
		for range 4 {
			w.sleep(20 * time.Second)
			w.Restart()
			w.Pass()
			w.Pass()
			w.ExpectReady("True/Scheduled")
			w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", at, "ada", "chas")))
		}
		w.Expect(w.Get().Status.Jobs[0].InsteadOf.Time).To(BeTemporally("==", time.Date(1999, 12, 31, 23, 0, 0, 0, time.UTC)))
		w.Rest()
		w.ExpectReady("True/Executed")
		w.Expect(w.Sent()).To(HaveLen(1))
	}, starts(-time.Hour), policy(v1alpha1.PastDueRunNow))
}

// A job that makes up for a start must not run after an end that was moved earlier.
func TestWhatWouldRunAfterTheEndIsCancelled(t *testing.T) {
	story(t, func(w *world) {
		w.setState("ada", "ACTIVATED")
		w.Until(func() bool { return len(w.pending()) == 2 })
		w.edit(ends(time.Minute))
		end := time.Now().Add(time.Minute)
		w.Until(func() bool { return w.Get().Status.ObservedGeneration == 2 })
		w.Expect(w.pending()).To(ConsistOf(scheduled("ACTIVATED", end, "ada", "chas")))
		w.Rest()
		w.ExpectReady("True/Executed")
		w.Expect(w.state("ada")).To(Equal("ACTIVATED"))
	}, starts(-time.Hour), ends(3*time.Hour), policy(v1alpha1.PastDueRunNow))
}

func TestActivationMails(t *testing.T) {
	yes, no := true, false
	for name, c := range map[string]struct {
		change   func(*spec)
		mails    bool
		override string
	}{
		"absent":   {func(*spec) {}, false, ""},
		"none":     {func(s *spec) { s.SendActivationEmails = &no }, false, ""},
		"to users": {func(s *spec) { s.SendActivationEmails = &yes }, true, ""},
		"to me": {func(s *spec) {
			s.SendActivationEmails, s.ActivationEmailOverride = &yes, "me@example.org"
		}, true, "me@example.org"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.setState("ada", "STAGED")
				w.Rest()
				w.ExpectReady("True/Scheduled")
				job := w.Org.ScheduledJobs()[0]
				w.Expect(job.SendActivationEmails).To(Equal(c.mails))
				w.Expect(job.ActivationEmailOverride).To(Equal(c.override))
				var body map[string]any
				w.Expect(json.Unmarshal([]byte(w.Sim.MutatingRequests()[0].Body), &body)).To(Succeed())
				w.Expect(body).To(HaveKeyWithValue("send_activation_emails", c.mails), "it is always sent")
				w.Expect(body).To(HaveKeyWithValue("start_date", "2000-01-02T00:00:00Z"))
				w.sleep(25 * time.Hour)
				w.Rest()
				w.ExpectReady("True/Executed")
			}, users("ada"), becomes(activated), c.change)
		})
	}
}

func TestAnotherMailIsAnotherJob(t *testing.T) {
	story(t, func(w *world) {
		w.setState("ada", "STAGED")
		w.Rest()
		yes := true
		w.edit(func(s *spec) { s.SendActivationEmails = &yes })
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost, http.MethodPost, http.MethodDelete}))
		w.Expect(w.pending()).To(ConsistOf(scheduled("ACTIVATED", w.start, "ada")))
		w.Expect(w.Org.ScheduledJobs()[1].SendActivationEmails).To(BeTrue())
	}, users("ada"), becomes(activated))
}

func TestInvalidDates(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/InvalidSpec")
		w.Expect(w.Message()).To(And(ContainSubstring("2026-03-29T00:30:00Z"), ContainSubstring("2026-03-29T01:30:00Z")))
		w.Expect(w.Sim.MutatingRequests()).To(BeEmpty())
		w.Delete()
		w.Pass()
		w.Expect(w.Gone()).To(BeTrue())
	}, func(s *spec) { s.StartDate, s.TimeZone = "2026-03-29T02:30:00", "Europe/Berlin" })
}

func TestTheGuardHoldsSuspensionsBack(t *testing.T) {
	story(t, func(w *world) {
		w.hire("joan")
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Get().Status.Plan.Harmful).To(BeEquivalentTo(4))
		w.Expect(w.pending()).To(BeEmpty())
		hash := w.Get().Status.Plan.Hash
		w.Resync()
		w.Expect(w.Get().Status.Plan.Hash).To(Equal(hash))
		w.edit(func(s *spec) { s.ApprovedPlan = hash })
		w.Rest()
		w.ExpectReady("True/Scheduled")
		// Users who will be suspended anyway are not harmed again.
		w.edit(users("ada", "chas", "grace"))
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada", "chas", "grace")))
		// A new time harms them: until it is approved, the old one stays.
		w.edit(users("ada", "chas", "grace", "joan"))
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.edit(starts(30 * time.Hour))
		w.Rest()
		w.ExpectReady("False/PlanChanged")
		w.Expect(w.pending()).To(HaveLen(2))
	}, users("ada", "chas", "grace", "joan"))
}

func TestAnApprovalIsOfAllChangesAtOnce(t *testing.T) {
	story(t, func(w *world) {
		approve := func() {
			w.Rest()
			w.Expect(w.Condition(v1alpha1.StalledCondition).Reason).To(BeElementOf(v1alpha1.ApprovalRequiredReason, v1alpha1.PlanChangedReason))
			hash := w.Get().Status.Plan.Hash
			w.edit(func(s *spec) { s.ApprovedPlan = hash })
			w.Rest()
			w.ExpectReady("True/Scheduled")
		}
		approve()
		w.edit(starts(30 * time.Hour))
		w.Rest()
		w.Expect(w.Get().Status.Plan.Total).To(BeEquivalentTo(2), "the new job, and the cancellation of the old one")
		approve()
		w.Expect(w.pending()).To(HaveLen(1))
		w.Expect(w.Get().Status.Jobs).To(HaveLen(1))
	}, mode(v1alpha1.ModeApplyAfterApproval))
}

// The time that RunNow chooses is not known in advance; the approval covers it.
func TestAnApprovedPlanMayRunNow(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		hash := w.Get().Status.Plan.Hash
		w.Resync()
		w.Expect(w.Get().Status.Plan.Hash).To(Equal(hash))
		w.edit(func(s *spec) { s.ApprovedPlan = hash })
		w.Rest()
		w.ExpectReady("True/Executed")
	}, starts(-time.Hour), policy(v1alpha1.PastDueRunNow), mode(v1alpha1.ModeApplyAfterApproval))
}

func TestPlanSendsNothing(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Planned")
		plan := w.Get().Status.Plan
		w.Expect(plan.Changes).To(HaveLen(2))
		w.Expect(plan.Changes[0].Subject).To(Equal("Suspended at 2000-01-02T00:00:00Z for 2 users"))
		w.Expect(plan.Changes[1].Subject).To(Equal("Activated at 2000-01-03T00:00:00Z for 2 users"))
		w.Expect(w.Sim.MutatingRequests()).To(BeEmpty())
		w.Expect(w.Finalized()).To(BeFalse())
	}, mode(v1alpha1.ModePlan), ends(48*time.Hour))
}

func TestPausedSendsNothing(t *testing.T) {
	story(t, func(w *world) {
		w.Annotate(v1alpha1.PausedAnnotation, "true")
		w.Rest()
		w.Expect(w.Sim.MutatingRequests()).To(BeEmpty())
		w.Expect(w.Condition(v1alpha1.PausedCondition).Status).To(BeEquivalentTo("True"))
		w.Annotate(v1alpha1.PausedAnnotation, "")
		w.Rest()
		w.ExpectReady("True/Scheduled")
	})
}

func TestDeletion(t *testing.T) {
	t.Run("cancels what is ours", func(t *testing.T) {
		story(t, func(w *world) {
			w.Rest()
			w.Delete()
			w.Until(w.Gone)
			w.Expect(w.pending()).To(BeEmpty())
			w.Expect(w.Sent()).To(Equal([]string{http.MethodPost, http.MethodPost, http.MethodDelete, http.MethodDelete}))
		}, ends(48*time.Hour))
	})
	t.Run("retains", func(t *testing.T) {
		story(t, func(w *world) {
			w.Rest()
			w.Expect(w.Finalized()).To(BeFalse())
			w.Delete()
			w.Expect(w.Gone()).To(BeTrue())
			w.Expect(w.pending()).To(HaveLen(1))
		}, retains)
	})
	t.Run("what is gone is cancelled", func(t *testing.T) {
		story(t, func(w *world) {
			w.Rest()
			w.Org.RemoveScheduledJob(w.Get().Status.Jobs[0].ScheduledJobID)
			w.Delete()
			w.Until(w.Gone)
		})
	})
	t.Run("when the time has come, it is said that it may be too late", func(t *testing.T) {
		story(t, func(w *world) {
			w.Rest()
			w.sleep(time.Until(w.start))
			w.Delete()
			w.Until(w.Gone)
			w.Expect(w.Events).To(ContainElement(HavePrefix("CancelledLate:")))
			w.Expect(w.state("ada")).To(Equal("SUSPENDED"))
		})
	})
	t.Run("a lost answer is asked for again", func(t *testing.T) {
		for _, carriedOut := range []bool{true, false} {
			story(t, func(w *world) {
				w.Rest()
				w.Sim.Script(jumpcloudtest.Fault{
					Match: jumpcloudtest.Match{Method: http.MethodDelete, Times: 1}, Kind: jumpcloudtest.FaultReset, Commit: carriedOut,
				})
				w.Delete()
				w.Until(w.Gone)
				w.Expect(w.pending()).To(BeEmpty())
			})
		}
	})
}
