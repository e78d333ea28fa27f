package scheduleduserstate_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestItSchedulesOneJobAndSeesItHappen(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada", "chas")))
		status := w.Get().Status
		w.Expect(*status.Summary).To(Equal(v1alpha1.ScheduleSummary{Users: 2, Scheduled: 2}))
		w.Expect(status.Next.State).To(Equal(suspended))
		w.Expect(status.Next.At.Time).To(BeTemporally("==", w.start))
		w.Expect(status.Jobs).To(HaveLen(1))
		w.Expect(status.Jobs[0].Adopted).To(BeFalse())
		w.Expect(status.Submission.State).To(Equal(v1alpha1.JobFinished))
		w.Expect(status.Users).To(BeEmpty())
		w.Expect(w.Finalized()).To(BeTrue())
		job := w.Org.ScheduledJobs()[0]
		w.Expect(job.SendActivationEmails).To(BeFalse(), "it is always said")

		w.sleep(time.Until(w.start) - time.Hour)
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.After).To(BeNumerically("~", time.Hour, 15*time.Minute), "it wakes at the time")
		w.sleep(w.After)
		w.Rest()
		w.ExpectReady("True/Executed")
		status = w.Get().Status
		w.Expect(*status.Summary).To(Equal(v1alpha1.ScheduleSummary{Users: 2, Executed: 2}))
		w.Expect(status.Jobs).To(BeEmpty())
		w.Expect(status.Next).To(BeNil())
		w.Expect(w.Finalized()).To(BeFalse(), "nothing is left to cancel")
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost}))
		w.Expect(w.counted).To(Equal(map[string]int{"accepted": 1}))
	})
}

func TestAfterTheEndItCostsNothing(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.sleep(25 * time.Hour)
		w.Rest()
		w.ExpectReady("True/Executed")
		w.Sim.ForgetHistory()
		version := w.Get().ResourceVersion
		w.setState("ada", "ACTIVATED") // later changes of users do not matter
		for range 3 {
			w.Restart()
			w.Resync()
		}
		w.ExpectReady("True/Executed")
		w.Expect(w.Sim.History()).To(BeEmpty())
		w.Expect(w.Get().ResourceVersion).To(Equal(version))
	})
}

func TestAtRestItReadsTheSharedListsAndWritesNothing(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Restart()
		w.Rest()
		version := w.Get().ResourceVersion
		w.Sim.ForgetHistory()
		w.Resync()
		w.Expect(len(w.Sim.History())).To(BeNumerically("<=", 3), "the list of jobs, the number of users, and the users")
		w.Expect(w.Get().ResourceVersion).To(Equal(version))
	})
}

func TestTheOppositeStateComesBackAtTheEnd(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada", "chas"), scheduled("ACTIVATED", w.end, "ada", "chas")))
		w.sleep(time.Until(w.start))
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.state("ada")).To(Equal("SUSPENDED"))
		w.Expect(w.Get().Status.Next.State).To(Equal(activated))
		w.sleep(time.Until(w.end))
		w.Rest()
		w.ExpectReady("True/Executed")
		w.Expect(w.state("ada")).To(Equal("ACTIVATED"))
		w.Expect(w.Sent()).To(HaveLen(2))
	}, ends(48*time.Hour))
}

// Between the events, people may change users as they like.
func TestAnExecutedStartStaysExecuted(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.sleep(time.Until(w.start))
		w.Rest()
		w.setState("ada", "ACTIVATED")
		w.Restart()
		w.Resync()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.summary()).To(Equal(v1alpha1.ScheduleSummary{Users: 2, Scheduled: 2}))
	}, ends(48*time.Hour))
}

func TestWhatOthersScheduledIsAdoptedAndKept(t *testing.T) {
	story(t, func(w *world) {
		w.others("SUSPENDED", w.start, "ada", "grace")
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.Message()).To(ContainSubstring("1 by jobs of others"))
		w.Expect(w.pending()).To(ConsistOf("("+scheduled("SUSPENDED", w.start, "ada", "grace")+")", scheduled("SUSPENDED", w.start, "chas")))
		jobs := w.Get().Status.Jobs
		w.Expect(jobs).To(HaveLen(2))
		w.Expect([]bool{jobs[0].Adopted, jobs[1].Adopted}).To(ConsistOf(true, false))
		w.Expect([]int32{jobs[0].Users, jobs[1].Users}).To(Equal([]int32{1, 1}))
		w.Delete()
		w.Until(w.Gone)
		w.Expect(w.pending()).To(ConsistOf("(" + scheduled("SUSPENDED", w.start, "ada", "grace") + ")"))
	})
}

func TestNothingOfItsOwnNeedsNoFinalizer(t *testing.T) {
	story(t, func(w *world) {
		w.others("SUSPENDED", w.start, "ada", "chas")
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.Sent()).To(BeEmpty())
		w.Expect(w.Finalized()).To(BeFalse())
	})
}

func TestAnotherTimeIsScheduledBeforeTheOldOneIsCancelled(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.edit(starts(30 * time.Hour))
		later := time.Now().Add(30 * time.Hour)
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost, http.MethodPost, http.MethodDelete}))
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", later, "ada", "chas")))
		w.Expect(w.Get().Status.Jobs).To(HaveLen(1))
	})
}

func TestWhoLeavesTheObjectIsNotSuspended(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.edit(users("ada"))
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost, http.MethodPost, http.MethodDelete}))
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada")))
	})
}

func TestWhoJoinsTheObjectGetsAJobOfTheirOwn(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.edit(users("ada", "chas", "grace"))
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost, http.MethodPost}))
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada", "chas"), scheduled("SUSPENDED", w.start, "grace")))
	})
}

func TestUsersWhoAreNotThereYetDoNotHoldUpTheRest(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/UsersNotFound")
		w.Expect(w.Message()).To(ContainSubstring("1 user is not in the directory (joan)"))
		w.Expect(w.phases()).To(Equal(map[string]v1alpha1.ScheduledUserPhase{"joan": v1alpha1.PhaseNotFound}))
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada")))
		w.hire("joan")
		w.Resync()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada"), scheduled("SUSPENDED", w.start, "joan")))
	}, users("ada", "joan"))
}

func TestWhoAppearsTooLateIsPastDue(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.sleep(time.Until(w.start) + time.Hour)
		w.hire("joan")
		w.Resync()
		w.ExpectReady("False/ScheduleInPast")
		w.Expect(w.summary()).To(Equal(v1alpha1.ScheduleSummary{Users: 2, Executed: 1}))
		w.Expect(w.phases()).To(Equal(map[string]v1alpha1.ScheduledUserPhase{"joan": v1alpha1.PhasePastDue}))
	}, users("ada", "joan"))
}

func TestProtectedUsersAreNeverScheduled(t *testing.T) {
	story(t, func(w *world) {
		w.EditOrganization(func(o *v1alpha1.Organization) {
			o.Spec.ProtectedUsers = []v1alpha1.UserReference{{Username: "ada"}}
		})
		w.Rest()
		w.ExpectReady("False/ProtectedUser")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "chas")))
		w.Expect(w.phases()).To(Equal(map[string]v1alpha1.ScheduledUserPhase{"ada": v1alpha1.PhaseProtected}))
	})
}

func TestWhoBecomesProtectedIsTakenOut(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.EditOrganization(func(o *v1alpha1.Organization) {
			o.Spec.ProtectedUsers = []v1alpha1.UserReference{{Username: "ada"}}
		})
		w.Rest()
		w.ExpectReady("False/ProtectedUser")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "chas")))
	})
}

func TestOneUserWhoIsNamedTwiceIsOne(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.summary()).To(Equal(v1alpha1.ScheduleSummary{Users: 1, Scheduled: 1}))
	}, func(s *spec) { s.Users = []v1alpha1.UserReference{{Username: "ada"}, {Email: "ADA@example.org"}} })
}

func TestAJobThatWasRemovedIsScheduledAgain(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Expect(w.Org.RemoveScheduledJob(w.Get().Status.Jobs[0].ScheduledJobID)).To(BeTrue())
		w.Sim.ForgetHistory()
		w.Resync()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada", "chas")))
		w.Expect(w.Events).To(ContainElement(HavePrefix("ScheduleLost:")))
		w.Expect(w.Events).To(ContainElement(HavePrefix("DriftCorrected:")))
		w.Expect(w.Get().Status.Jobs).To(HaveLen(1))
		reads := map[string]int{}
		for _, r := range w.Sim.History() {
			query, err := url.ParseQuery(r.Query)
			w.Expect(err).NotTo(HaveOccurred())
			if user := query.Get("userid"); user != "" {
				reads[user]++
			}
		}
		w.Expect(reads).To(Equal(map[string]int{w.ids["ada"]: 2, w.ids["chas"]: 2}), "the users' own lists are read twice")
	})
}

func TestALostJobIsToldWhereNothingMayBeSent(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Expect(w.Org.RemoveScheduledJob(w.Get().Status.Jobs[0].ScheduledJobID)).To(BeTrue())
		w.edit(mode(v1alpha1.ModePlan))
		w.Rest()
		w.ExpectReady("True/Planned")
		w.Expect(w.summary()).To(Equal(v1alpha1.ScheduleSummary{Users: 2, Lost: 2}))
		version := w.Get().ResourceVersion
		w.Restart()
		w.Resync()
		w.Expect(w.Get().ResourceVersion).To(Equal(version))
		w.edit(mode(v1alpha1.ModeApply))
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.summary()).To(Equal(v1alpha1.ScheduleSummary{Users: 2, Scheduled: 2}))
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada", "chas")))
	})
}

func TestAJobThatIsGoneJustBeforeItsTimeHasPerhapsRun(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.sleep(time.Until(w.start) - 4*time.Minute)
		w.Expect(w.Org.RemoveScheduledJob(w.Get().Status.Jobs[0].ScheduledJobID)).To(BeTrue())
		w.Request()
		w.Until(func() bool { return time.Now().After(w.start.Add(20 * time.Minute)) })
		w.ExpectReady("False/ScheduleMissed")
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost}))
	})
}

// A deleted user who comes back under the same name is scheduled again.
func TestAUserWhoWasDeletedAndComesBackIsScheduled(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Expect(w.Org.DeleteUser(w.ids["ada"])).To(BeTrue())
		w.Resync()
		w.ExpectReady("False/UsersNotFound")
		w.hire("ada")
		w.Resync()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "chas"), scheduled("SUSPENDED", w.start, "ada")))
	})
}

func TestMissed(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(w *world)
		jobs    int
	}{
		"JumpCloud does not suspend a staged user": {func(w *world) {
			w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.RefuseSuspendStaged = true })
			w.setState("ada", "STAGED")
		}, 0},
		"JumpCloud is an hour late": {func(w *world) {
			w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.ScheduleLatency = time.Hour })
			w.setState("chas", "SUSPENDED")
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				c.prepare(w)
				w.Rest()
				w.ExpectReady("True/Scheduled")
				w.sleep(time.Until(w.start))
				w.Pass()
				w.ExpectReady("True/Scheduled")
				w.Expect(w.Condition(v1alpha1.ReconcilingCondition).Reason).To(Equal(v1alpha1.ProgressingReason))
				w.Expect(w.After).To(BeNumerically("<", time.Minute))
				w.Until(func() bool { return w.Condition(v1alpha1.StalledCondition).Status == "True" })
				w.ExpectReady("False/ScheduleMissed")
				w.Expect(time.Since(w.start)).To(BeNumerically(">=", 15*time.Minute))
				w.Expect(time.Since(w.start)).To(BeNumerically("<", 20*time.Minute))
				w.Expect(w.summary()).To(Equal(v1alpha1.ScheduleSummary{Users: 2, Executed: 1, Missed: 1}))
				w.Expect(w.phases()).To(Equal(map[string]v1alpha1.ScheduledUserPhase{"ada": v1alpha1.PhaseMissed}))
				w.Expect(w.Get().Status.Jobs).To(HaveLen(c.jobs))
				w.setState("ada", "SUSPENDED")
				w.Resync()
				w.ExpectReady("True/Executed")
				w.Expect(w.Sent()).To(HaveLen(1))
			})
		})
	}
}

// This is what the message of ScheduleMissed advises.
func TestWhoWasMissedIsScheduledForAnotherDate(t *testing.T) {
	story(t, func(w *world) {
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.RefuseSuspendStaged = true })
		w.setState("ada", "STAGED")
		w.Rest()
		w.sleep(time.Until(w.start))
		w.Until(func() bool { return w.Condition(v1alpha1.StalledCondition).Status == "True" })
		w.ExpectReady("False/ScheduleMissed")
		w.Expect(w.Condition(v1alpha1.ReadyCondition).Message).To(ContainSubstring("declare the state in a User, or set another date"))
		w.setState("ada", "ACTIVATED")
		w.edit(starts(24*time.Hour), users("ada"))
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.sleep(25 * time.Hour)
		w.Rest()
		w.ExpectReady("True/Executed")
		w.Expect(w.state("ada")).To(Equal("SUSPENDED"))
	})
}

func TestALateExecutionIsSeen(t *testing.T) {
	story(t, func(w *world) {
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.ScheduleLatency = 3 * time.Minute })
		w.Rest()
		w.sleep(time.Until(w.start))
		w.Rest()
		w.ExpectReady("True/Executed")
		w.Expect(time.Since(w.start)).To(BeNumerically("~", 5*time.Minute, 2*time.Minute))
	})
}
