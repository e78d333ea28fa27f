package scheduleduserstate_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestALostAnswerIsNotSentAgain(t *testing.T) {
	story(t, func(w *world) {
		w.lose(1, true)
		w.Until(func() bool { return len(w.Sent()) == 1 })
		w.Expect(w.Condition(v1alpha1.ReconcilingCondition).Reason).To(Equal(v1alpha1.SubmissionSettlingReason))
		w.Expect(w.Finalized()).To(BeTrue())
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.Events).To(ContainElement(HavePrefix("SubmissionRecovered:")))
		w.Expect(w.Sent()).To(HaveLen(1))
		w.Expect(w.Get().Status.Jobs[0].Adopted).To(BeFalse(), "it is ours")
		w.Expect(w.counted).To(Equal(map[string]int{"recovered": 1}))
		w.Delete()
		w.Until(w.Gone)
		w.Expect(w.pending()).To(BeEmpty())
	})
}

func TestALostRequestIsSentAgain(t *testing.T) {
	story(t, func(w *world) {
		w.lose(2, false)
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.Sent()).To(HaveLen(3))
		w.Expect(w.pending()).To(HaveLen(1))
		w.Expect(w.counted).To(Equal(map[string]int{"lost": 2, "accepted": 1}))
		w.Expect(w.Get().Status.Submission.Attempt).To(BeEquivalentTo(3))
	})
}

func TestThreeLostRequestsAreForAPersonToDecide(t *testing.T) {
	for decision, check := range map[string]func(w *world){
		"Resubmit": func(w *world) {
			w.Rest()
			w.ExpectReady("True/Scheduled")
			w.Expect(w.pending()).To(HaveLen(1))
		},
		"Abandon": func(w *world) {
			w.Rest()
			w.ExpectReady("False/RowsFailed")
			w.Restart()
			w.Resync()
			w.Expect(w.pending()).To(BeEmpty())
			w.Request()
			w.Rest()
			w.ExpectReady("True/Scheduled")
		},
		"": func(w *world) { // one turns out to have been accepted
			w.T.Log("found")
		},
	} {
		t.Run(decision, func(t *testing.T) {
			story(t, func(w *world) {
				w.lose(3, false)
				w.Rest()
				w.ExpectReady("Unknown/SubmissionOutcomeUnknown")
				w.Expect(w.Sent()).To(HaveLen(3))
				version := w.Get().ResourceVersion
				w.Restart()
				w.Resync()
				w.ExpectReady("Unknown/SubmissionOutcomeUnknown")
				w.Expect(w.Get().ResourceVersion).To(Equal(version))
				w.Expect(w.Sent()).To(HaveLen(3))
				if decision == "" {
					w.others("SUSPENDED", w.start, "ada", "chas")
					w.Resync()
					w.ExpectReady("True/Scheduled")
					w.Expect(w.Get().Status.Jobs[0].Adopted).To(BeFalse(), "exactly what was sent, and was not there before")
					return
				}
				w.Annotate(v1alpha1.ResolveSubmissionAnnotation, "1/3="+decision)
				check(w)
			})
		})
	}
}

// An answer that cannot be written at once is written later.
func TestAnAnswerOutlivesTheAPIServersTrouble(t *testing.T) {
	story(t, func(w *world) {
		var since time.Time
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if c.Verb == "status" && !since.IsZero() && time.Since(since) < time.Minute {
				return errors.New("the API server is away")
			}
			err := do()
			if c.Verb == http.MethodPost && c.Path == posts {
				since = time.Now()
			}
			return err
		}
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.Sent()).To(HaveLen(1))
		w.Expect(w.Get().Status.Jobs[0].Adopted).To(BeFalse())
		w.Expect(w.counted["recovered"]).To(BeZero(), "the answer was there")
	})
}

// An edit of the object while the answer is on its way does not lose the answer.
func TestTheSpecChangesWhileTheAnswerIsOnItsWay(t *testing.T) {
	story(t, func(w *world) {
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if c.Verb == http.MethodPost && c.Path == posts {
				w.OnCall = nil
				w.edit(users("ada"))
			}
			return do()
		}
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada")))
		w.Expect(w.counted).To(Equal(map[string]int{"accepted": 2}))
	})
}

// Of two jobs that are exactly what was sent, nobody knows which is ours, so neither is ever
// deleted.
func TestOfTwoLikeJobsNeitherIsOurs(t *testing.T) {
	story(t, func(w *world) {
		w.lose(1, true)
		w.Until(func() bool { return len(w.Sent()) == 1 })
		w.others("SUSPENDED", w.start, "ada", "chas")
		w.Rest()
		w.ExpectReady("True/Scheduled")
		jobs := w.Get().Status.Jobs
		w.Expect(jobs).To(HaveLen(2))
		w.Expect(jobs[0].Adopted && jobs[1].Adopted).To(BeTrue())
		w.Delete()
		w.Until(w.Gone)
		w.Expect(w.pending()).To(HaveLen(2))
	})
}

// A job of only some of the users is not ours.
func TestAJobOfSomeOfTheUsersIsNotOurs(t *testing.T) {
	story(t, func(w *world) {
		w.lose(1, false)
		w.Until(func() bool { return len(w.Sent()) == 1 })
		w.others("SUSPENDED", w.start, "ada")
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.counted["recovered"]).To(BeZero())
		w.Expect(w.pending()).To(ConsistOf("("+scheduled("SUSPENDED", w.start, "ada")+")", scheduled("SUSPENDED", w.start, "chas")))
		w.Delete()
		w.Until(w.Gone)
		w.Expect(w.pending()).To(ConsistOf("(" + scheduled("SUSPENDED", w.start, "ada") + ")"))
	})
}

// What others scheduled before is not taken for the submission's job.
func TestWhatWasThereBeforeIsNotOurs(t *testing.T) {
	story(t, func(w *world) {
		w.others("SUSPENDED", w.start.Add(time.Hour), "ada", "chas")
		w.others("SUSPENDED", w.start, "ada", "chas", "grace")
		w.edit(users("ada", "chas", "joan"))
		w.Rest()
		w.hire("joan")
		w.lose(1, true)
		w.Resync()
		w.ExpectReady("True/Scheduled")
		w.Delete()
		w.Until(w.Gone)
		w.Expect(w.pending()).To(HaveLen(2))
	})
}

func TestTheTimePassesWhileAnAnswerIsLost(t *testing.T) {
	for name, c := range map[string]struct {
		carriedOut bool
		policy     v1alpha1.PastDuePolicy
		ready      string
		sent       int
	}{
		"it was accepted and ran":      {true, v1alpha1.PastDueReject, "True/Executed", 1},
		"it was lost":                  {false, v1alpha1.PastDueReject, "False/ScheduleInPast", 1},
		"it was lost and is made up":   {false, v1alpha1.PastDueRunNow, "True/Executed", 2},
		"it was lost and is let be":    {false, v1alpha1.PastDueIgnore, "True/UpToDate", 1},
		"it ran, and nothing is to do": {true, v1alpha1.PastDueRunNow, "True/Executed", 1},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.lose(1, c.carriedOut)
				w.Rest()
				w.ExpectReady(c.ready)
				w.Expect(w.Sent()).To(HaveLen(c.sent))
				w.Expect(w.Finalized()).To(BeFalse())
			}, starts(30*time.Second), policy(c.policy))
		})
	}
}

// If the time comes while the third attempt's outcome is unknown, nothing can be sent twice
// any more, and no person has to decide.
func TestTheTimePassesWhileTheThirdAnswerIsLost(t *testing.T) {
	story(t, func(w *world) {
		w.lose(3, false)
		w.Rest()
		w.ExpectReady("False/ScheduleInPast")
		w.Expect(w.Sent()).To(HaveLen(3))
		w.Expect(w.Finalized()).To(BeFalse())
	}, starts(6*time.Minute))
}

// The job that is replaced has exactly the rows of its replacement.
func TestTheOldJobIsNotTakenForTheNewOne(t *testing.T) {
	for carriedOut, recovered := range map[bool]int{true: 1, false: 0} {
		t.Run(strconv.FormatBool(carriedOut), func(t *testing.T) {
			story(t, func(w *world) {
				w.Rest()
				yes := true
				w.edit(func(s *spec) { s.SendActivationEmails = &yes })
				w.lose(1, carriedOut)
				w.Rest()
				w.ExpectReady("True/Scheduled")
				w.Expect(w.pending()).To(ConsistOf(scheduled("ACTIVATED", w.start, "ada", "chas")))
				jobs := w.Org.ScheduledJobs()
				w.Expect(jobs[len(jobs)-1].SendActivationEmails).To(BeTrue())
				w.Expect(w.Get().Status.Jobs).To(HaveLen(1))
				w.Expect(w.counted["recovered"]).To(Equal(recovered))
			}, becomes(activated))
		})
	}
}

func TestTheSpecChangesWhileAnAnswerIsLost(t *testing.T) {
	for _, carriedOut := range []bool{true, false} {
		t.Run(strconv.FormatBool(carriedOut), func(t *testing.T) {
			story(t, func(w *world) {
				w.lose(1, carriedOut)
				w.Until(func() bool { return len(w.Sent()) == 1 })
				w.edit(starts(30*time.Hour), users("ada"))
				at := time.Now().Add(30 * time.Hour)
				w.Rest()
				w.ExpectReady("True/Scheduled")
				w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", at, "ada")))
			})
		})
	}
}

func TestADeletionWaitsForTheOpenSubmission(t *testing.T) {
	for _, c := range []struct {
		carriedOut bool
		retain     func(*spec)
		left       int
	}{{true, func(*spec) {}, 0}, {false, func(*spec) {}, 0}, {true, retains, 1}, {false, retains, 0}} {
		t.Run(fmt.Sprint(c.carriedOut, c.left), func(t *testing.T) {
			story(t, func(w *world) {
				w.lose(1, c.carriedOut)
				w.Until(func() bool { return len(w.Sent()) == 1 })
				w.Delete()
				w.Pass()
				w.Expect(w.Gone()).To(BeFalse())
				w.Expect(w.Condition(v1alpha1.ReconcilingCondition).Reason).To(Equal(v1alpha1.DeletingReason))
				w.Until(w.Gone)
				w.Expect(w.pending()).To(HaveLen(c.left))
			}, c.retain)
		})
	}
}

func TestADeletionAfterThreeLostRequestsLooksOnceMore(t *testing.T) {
	story(t, func(w *world) {
		w.lose(3, false)
		w.Rest()
		w.ExpectReady("Unknown/SubmissionOutcomeUnknown")
		w.Delete()
		w.Until(w.Gone)
		w.Expect(w.pending()).To(BeEmpty())
	})
}

func TestAnAnswerOtherThanWhatWasAskedForIsCancelled(t *testing.T) {
	story(t, func(w *world) {
		wrong := w.others("SUSPENDED", w.start.Add(time.Hour), "ada", "chas")
		w.Sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodPost, Path: posts}, Status: http.StatusCreated,
			Body: fmt.Sprintf(`[{"scheduledJobId":%q,"systemUserId":%q,"scheduledDate":%q,"state":"SUSPENDED"}]`,
				wrong, w.ids["ada"], w.start.Add(time.Hour).Format(time.RFC3339)),
		})
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.pending()).To(BeEmpty())
		w.Restart()
		w.Resync()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost, http.MethodDelete}), "it is not tried again by itself")
		w.Sim.RemoveFaults()
		w.Sim.ForgetHistory() // the job was made to look like an answer
		w.Request()
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.pending()).To(HaveLen(1))
	})
}

func TestARefusal(t *testing.T) {
	story(t, func(w *world) {
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.MaxScheduledUsers = 1 })
		w.Rest()
		w.ExpectReady("False/SubmissionRejected")
		w.Expect(w.Sent()).To(HaveLen(1))
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.MaxScheduledUsers = 0 })
		w.Resync()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.counted).To(Equal(map[string]int{"rejected": 1, "accepted": 1}))
	})
}

func TestAnswersThatProveThatNothingWasDone(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		ready  string
	}{
		"too many requests": {http.StatusTooManyRequests, "True/Scheduled"},
		"forbidden":         {http.StatusForbidden, "False/PermissionDenied"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPost, Path: posts, Times: 1}, Status: c.status})
				w.Rest()
				w.ExpectReady(c.ready)
				w.Resync()
				w.ExpectReady("True/Scheduled")
				w.Expect(w.Get().Status.Submission.Attempt).To(BeEquivalentTo(1))
				w.Expect(w.Sent()).To(HaveLen(2))
			})
		})
	}
}

// A user may be deleted between the reading of the directory and the submission.
func TestAUserIsDeletedBeforeTheSubmission(t *testing.T) {
	for _, status := range []int{http.StatusNotFound, http.StatusBadRequest, http.StatusCreated} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			story(t, func(w *world) {
				w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.UnknownScheduledUserStatus = status })
				w.OnCall = func(c enginetest.Call, do func() error) error {
					if c.Verb == http.MethodPost && c.Path == posts {
						w.OnCall = nil
						w.Expect(w.Org.DeleteUser(w.ids["chas"])).To(BeTrue())
					}
					return do()
				}
				w.Rest()
				w.Resync()
				w.ExpectReady("False/UsersNotFound")
				w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada")))
				w.Expect(len(w.Sent())).To(BeNumerically("<=", 3), "it reads again before it sends again")
			})
		})
	}
}

// An order that waits until its time has passed is not sent: pastDuePolicy decides.
func TestADateThatPassesBeforeItIsSent(t *testing.T) {
	story(t, func(w *world) {
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if c.Verb == http.MethodGet && c.Path == posts {
				w.OnCall = nil
				w.sleep(2 * time.Minute)
			}
			return do()
		}
		w.Rest()
		w.ExpectReady("False/ScheduleInPast")
		w.Expect(w.Sent()).To(BeEmpty())
	}, starts(time.Minute))
}

func TestACancellationThatWasLost(t *testing.T) {
	for _, carriedOut := range []bool{true, false} {
		t.Run(strconv.FormatBool(carriedOut), func(t *testing.T) {
			story(t, func(w *world) {
				w.Rest()
				w.Sim.Script(jumpcloudtest.Fault{
					Match: jumpcloudtest.Match{Method: http.MethodDelete, Times: 1}, Kind: jumpcloudtest.FaultReset, Commit: carriedOut,
				})
				w.edit(users("ada"))
				w.Rest()
				w.ExpectReady("True/Scheduled")
				w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada")))
				w.Expect(w.Events).NotTo(ContainElement(HavePrefix("ScheduleLost:")))
			})
		})
	}
}

// A clock that was far ahead when the submission was announced neither delays a deletion that
// cannot ask JumpCloud, nor hides a later request.
func TestAClockThatWasAheadHoldsNothingUp(t *testing.T) {
	ahead := func(w *world) {
		object := w.Get()
		object.Status.Submission.IntendedAt.Time = object.Status.Submission.IntendedAt.Add(72 * time.Hour)
		w.Expect(w.API.Status().Update(t.Context(), object)).To(Succeed())
		w.Restart()
	}
	t.Run("a deletion", func(t *testing.T) {
		story(t, func(w *world) {
			w.lose(1, false)
			w.Until(func() bool { return len(w.Sent()) == 1 })
			ahead(w)
			w.Pool.Remove(client.ObjectKey{Namespace: "identity", Name: "acme"})
			w.Delete()
			began := time.Now()
			w.Until(w.Gone)
			w.Expect(time.Since(began)).To(BeNumerically("<", 2*time.Hour))
		}, retains)
	})
	t.Run("a request", func(t *testing.T) {
		story(t, func(w *world) {
			w.lose(3, false)
			w.Rest()
			w.ExpectReady("Unknown/SubmissionOutcomeUnknown")
			w.Annotate(v1alpha1.ResolveSubmissionAnnotation, "1/3=Abandon")
			w.Rest()
			w.ExpectReady("False/RowsFailed")
			ahead(w)
			w.Rest()
			w.ExpectReady("False/RowsFailed")
			<-time.After(time.Minute)
			w.Request()
			w.Rest()
			w.ExpectReady("True/Scheduled")
		})
	})
}
