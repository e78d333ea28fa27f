package oneshot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func suspending(o *v1alpha1.BulkUserImport) { o.Spec.Leavers = v1alpha1.LeaversSuspend }

// staffOf makes a world with an import of the first n of so many users, which has run
// and lets those go who leave, under the guard that is set.
func staffOf(t *testing.T, n, users int, changes ...func(*v1alpha1.BulkUserImport)) *world {
	t.Helper()
	w := newWorld(t, moves(n), append(changes, suspending)...)
	w.Org.Generate(users)
	w.window(100, 100, 100)
	w.rest()
	w.ExpectReady("True/Succeeded")
	w.expectLeavers()
	w.Sim.ForgetHistory()
	return w
}

// expectGone says who is suspended, all of them for having left.
func (w *world) expectGone(usernames ...string) {
	w.T.Helper()
	var gone []string
	for _, user := range w.Org.Users() {
		if username, _ := user["username"].(string); user["state"] == "SUSPENDED" {
			gone = append(gone, username)
		}
	}
	w.Expect(gone).To(ConsistOf(usernames), "%s", w.Describe())
}

func TestWhoLeftIsSuspended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 4, 10)
		w.source(moves(2)...)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectGone(member(3), member(4))
		w.expectLeavers()
		w.Expect(w.Message()).To(Equal("4 users: 2 updated, 2 unchanged"))
		w.Expect(w.Get().Status.Jobs).To(ConsistOf(And(HaveField("Operation", v1alpha1.JobSuspend), HaveField("State", v1alpha1.JobFinished), HaveField("Rows", int32(2)))))
		w.Expect(w.entries()[member(4)]).To(And(HaveField("Row", 4), HaveField("Action", ledger.ActionSuspendLeaver),
			HaveField("Outcome", ledger.OutcomeUpdated), HaveField("Message", "no row is about this user any more"), HaveField("UserID", w.id(member(4)))))
		for _, call := range w.Sim.MutatingRequests() {
			w.Expect(call.Method + " " + call.Body).To(Equal(`PUT {"state":"SUSPENDED"}`))
		}
		w.Expect(w.puts("")).To(Equal(2))
		w.expectCounted(2, 0)

		version := w.Get().ResourceVersion
		w.Sim.ForgetHistory()
		w.resyncs()
		w.Expect(w.Get().ResourceVersion).To(Equal(version), "nothing is written at rest")
		w.Expect(w.Sim.History()).To(BeEmpty(), "nothing is asked at rest")
	})
}

// Who was suspended for leaving is remembered no more: whoever lifts the suspension is
// not overruled, until a row is about the user again.
func TestWhoWasSuspendedIsNotRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 4, 10)
		w.source(moves(3)...)
		w.rest()
		w.expectGone(member(4))
		w.console(member(4), jumpcloudtest.User{"state": "ACTIVATED"})
		w.Request()
		w.rest()
		w.expectGone()
		w.source(moves(2)...)
		w.rest()
		w.expectGone(member(3))
		w.source(moves(4)...)
		w.rest()
		w.source(moves(2)...)
		w.rest()
		w.expectGone(member(3), member(4))
	})
}

// An import never lifts a suspension, its own neither.
func TestWhoComesBackStaysSuspended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 4, 10, func(o *v1alpha1.BulkUserImport) { o.Spec.StateOnUpdate = v1alpha1.StateOnUpdateApply })
		w.source(moves(3)...)
		w.rest()
		w.expectGone(member(4))
		line := func(state string) []string {
			return append([]string{"username,email,state"}, member(4)+","+member(4)+"@example.org,"+state, member(1)+","+member(1)+"@example.org,",
				member(2)+","+member(2)+"@example.org,", member(3)+","+member(3)+"@example.org,")
		}
		w.source(line("Activated")...)
		w.rest()
		w.ExpectReady("False/RowsFailed")
		w.Expect(w.Get().Status.Failures[0].Reason).To(Equal(v1alpha1.RemoteConflictReason))
		w.source(line("")...)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectGone(member(4))
		w.expectLeavers()
	})
}

// Who is not certainly able to sign in, or protected, is listed only.
func TestLeaversWhoAreListedOnly(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(w *world)
		says    string
	}{
		"staged":              {func(w *world) { w.console(member(4), jumpcloudtest.User{"state": "STAGED"}) }, "does not show the user as Activated"},
		"of an unknown state": {func(w *world) { w.console(member(4), jumpcloudtest.User{"state": "LOCKED"}) }, "does not show the user as Activated"},
		"without a state":     {func(w *world) { w.console(member(4), jumpcloudtest.User{"state": nil}) }, "does not show the user as Activated"},
		"an administrator":    {func(w *world) { w.console(member(4), jumpcloudtest.User{"admin": map[string]any{"id": "x"}}) }, "is protected"},
		"a protected user": {func(w *world) {
			w.EditOrganization(func(o *v1alpha1.Organization) {
				o.Spec.ProtectedUsers = []v1alpha1.UserReference{{Username: member(4)}}
			})
			w.Restart()
		}, "is protected"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := staffOf(t, 4, 10)
				c.happens(w)
				w.source(moves(2)...)
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.expectGone(member(3))
				w.expectLeavers(member(4))
				w.Expect(w.Message()).To(Equal("3 users: 1 updated, 2 unchanged; 1 user has left the source (status.leavers)"))
				w.Expect(w.entries()[member(4)]).To(And(HaveField("Action", ledger.ActionLeave), HaveField("Outcome", ledger.OutcomeSkipped),
					HaveField("Message", And(HavePrefix("no row is about this user any more; "), ContainSubstring(c.says)))))
				version := w.Get().ResourceVersion
				w.resyncs()
				w.Expect(w.Get().ResourceVersion).To(Equal(version))
			})
		})
	}
}

// The first run with the setting, as the one after an upgrade, knows of nobody. The
// memory of Report is that of Suspend.
func TestTheFirstRunSuspendsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, moves(4))
		w.Org.Generate(10)
		w.rest()
		w.source(moves(3)...)
		w.Edit(suspending)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectGone()
		w.Edit(reporting)
		w.source(moves(2)...)
		w.rest()
		w.expectGone()
		w.expectLeavers(member(3))
		w.Edit(suspending)
		w.rest()
		w.expectGone(member(3))
		w.expectLeavers()
	})
}

// manyLeave makes a world in which 30 of 40 users leave, a new one joins, and the guard
// lets go 25 at most.
func manyLeave(t *testing.T) *world {
	t.Helper()
	w := staffOf(t, 40, 1000)
	w.window(50, 100, 25)
	w.source(append(moves(10), hires(1)[1])...)
	w.rest()
	return w
}

func TestManyLeaversWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := manyLeave(t)
		w.ExpectReady("False/ApprovalRequired")
		w.expectGone()
		w.Expect(w.value(hire(1), "email")).NotTo(BeEmpty(), "what is harmless goes on")
		status := w.Get().Status
		w.Expect(status.Plan).To(And(HaveField("Withheld", int32(30)), HaveField("Harmful", int32(30)), HaveField("WithheldBy", v1alpha1.WithheldByGuard)))
		w.Expect(status.Leavers.Count).To(BeEquivalentTo(30))
		w.Expect(w.Message()).To(And(ContainSubstring("30 users have left the source (status.leavers)."), ContainSubstring(status.Plan.Hash)))
		w.resyncs()
		w.expectGone()
		w.Expect(w.Get().Status.Plan.Hash).To(Equal(status.Plan.Hash), "it is the same plan still")

		// One is suspended by somebody else: what was shown is not what would be done.
		w.console(member(40), jumpcloudtest.User{"state": "SUSPENDED"})
		w.approve()
		w.rest()
		w.ExpectReady("False/PlanChanged")
		w.expectGone(member(40))

		w.approve()
		w.Restart()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.suspended()).To(Equal(30))
		w.Expect(w.puts("")).To(Equal(29))
		w.expectLeavers()
		w.expectCounted(0, 1)
		w.Expect(w.entries()[member(40)]).To(And(HaveField("Outcome", ledger.OutcomeUnchanged), HaveField("Message", ContainSubstring("after the plan was made"))))
	})
}

// An approval is for what it named, as long as that is planned: who comes back or is
// suspended meanwhile is left out, and nobody is asked again.
func TestAnApprovalOfLeaversShrinksWithThePlan(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := manyLeave(t)
				w.batches(5)
				w.approve()
				w.Until(func() bool { return w.suspended() == 5 })
				w.console(member(39), jumpcloudtest.User{"state": "SUSPENDED"})
				w.console(member(40), jumpcloudtest.User{"state": "STAGED"})
				if restart {
					w.Restart()
				}
				<-time.After(time.Minute)
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.suspended()).To(Equal(29))
				w.Expect(w.puts("")).To(Equal(28))
				w.Expect(w.value(member(40), "state")).To(Equal("STAGED"))
				w.Expect(w.outcomes()).To(And(HaveKeyWithValue(member(39), ledger.OutcomeUnchanged), HaveKeyWithValue(member(40), ledger.OutcomeSkipped)))
			})
		})
	}
}

// The window of the organization holds for those who leave, too.
func TestLeaversWaitForTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 40, 1000)
		w.window(20, 100, 100)
		w.source(moves(10)...)
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByWindow))
		w.expectGone()
		w.expectCounted(0, 0)
		w.source(moves(20)...)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.suspended()).To(Equal(20))
		w.expectCounted(20, 0)
	})
}

func TestAPlanTellsWhomItWouldSuspend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 4, 10)
		w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.Mode = v1alpha1.ModePlan })
		w.source(moves(2)...)
		w.rest()
		w.ExpectReady("True/Planned")
		w.expectGone()
		w.expectLeavers(member(3), member(4))
		w.Expect(w.Get().Status.Plan).To(And(HaveField("Total", int32(4)), HaveField("Update", int32(2)), HaveField("Harmful", int32(2)), HaveField("Invalid", BeZero())))
		w.Expect(w.entries()[member(4)]).To(And(HaveField("Action", ledger.ActionSuspendLeaver), HaveField("Outcome", BeEmpty()),
			HaveField("Message", "no row is about this user any more, so the user is suspended")))
		w.Edit(afterApproval)
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.resyncs()
		w.expectGone()
		w.approve()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectGone(member(3), member(4))
	})
}

// Credentials that may not suspend are not tried again and again, and nothing is lost.
func TestLeaversWhomTheCredentialsMayNotSuspend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 4, 10)
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/*", Times: 2}, Status: http.StatusForbidden})
		w.source(moves(2)...)
		w.rest()
		w.ExpectReady("False/PermissionDenied")
		w.expectGone()
		w.Expect(w.puts("")).To(Equal(1))
		w.resyncs()
		w.ExpectReady("True/Succeeded")
		w.expectGone(member(3), member(4))
		w.Expect(w.puts("")).To(Equal(4))
	})
}

// What JumpCloud refuses is told, and a request asks for it again.
func TestALeaverWhomJumpCloudDoesNotSuspend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 4, 10)
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/" + w.id(member(3)), Times: 1},
			Status: http.StatusBadRequest, Body: `{"message":"no"}`})
		w.source(moves(2)...)
		w.rest()
		w.ExpectReady("False/RowsFailed")
		w.expectGone(member(4))
		w.expectLeavers(member(3))
		w.expectCounted(1, 0)
		w.Request()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectGone(member(3), member(4))
		w.expectLeavers()
	})
}

func TestTheAnswerAboutALeaverIsLost(t *testing.T) {
	for name, done := range map[string]bool{"and the user suspended": true, "and nothing done": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := staffOf(t, 4, 10)
				w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/*", Times: 2},
					Kind: jumpcloudtest.FaultReset, Commit: done})
				w.source(moves(2)...)
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.expectGone(member(3), member(4))
				if done {
					w.Expect(w.puts("")).To(Equal(2), "nobody is asked twice")
				}
				w.expectCounted(2, 0)
			})
		})
	}
}

// The manifest says whom a run suspends: the status knows what it says, and whoever
// edits it makes nobody else a leaver.
func TestTheLedgerOfLeaversIsEdited(t *testing.T) {
	for name, change := range map[string]func(w *world, c *corev1.ConfigMap) error{
		"to name another user": func(w *world, c *corev1.ConfigMap) error {
			c.Data["manifest.csv"] = strings.Replace(c.Data["manifest.csv"], w.id(member(4)), w.id(member(9)), 1)
			return w.API.Update(w.T.Context(), c)
		},
		"away": func(w *world, c *corev1.ConfigMap) error { return w.API.Delete(w.T.Context(), c) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := staffOf(t, 4, 10)
				w.batches(1)
				w.source(moves(1)...)
				w.Until(func() bool { return w.suspended() == 1 })
				c := &corev1.ConfigMap{}
				c.Namespace, c.Name = w.Key.Namespace, "hires"+ledger.ImportSuffix+"-000"
				w.Expect(w.API.Get(t.Context(), client.ObjectKeyFromObject(c), c)).To(Succeed())
				w.Expect(change(w, c)).To(Succeed())
				w.Restart()
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.expectGone(member(2), member(3), member(4))
				w.expectLeavers()
			})
		})
	}
}

// What comes between the plan and the call counts, and what becomes of the leaver is told.
func TestALeaverIsLookedAtAgainBeforeTheCall(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(w *world, others *claimants)
		outcome ledger.Outcome
		says    string
	}{
		"another object names the user": {func(_ *world, others *claimants) {
			others.now = plan.Claims{Usernames: map[string]bool{member(4): true}}
		}, ledger.OutcomeUnchanged, "another object"},
		"it is not known whom another import names": {func(_ *world, others *claimants) {
			others.now = plan.Claims{Unknown: "BulkUserImport identity/b has no rows", BlockedBy: "BulkUserImport identity/b"}
		}, ledger.OutcomeSkipped, "BulkUserImport identity/b has no rows"},
		"the user has the email of a row": {func(w *world, _ *claimants) {
			w.console(member(1), jumpcloudtest.User{"email": "other@example.org"})
			w.console(member(4), jumpcloudtest.User{"email": member(1) + "@example.org"})
		}, ledger.OutcomeSkipped, "a row is about this user again"},
		"the user is suspended": {func(w *world, _ *claimants) {
			w.console(member(4), jumpcloudtest.User{"state": "SUSPENDED"})
		}, ledger.OutcomeUnchanged, "was suspended"},
		"the user is staged": {func(w *world, _ *claimants) {
			w.console(member(4), jumpcloudtest.User{"state": "STAGED"})
		}, ledger.OutcomeSkipped, "does not show the user as Activated"},
		"the user becomes an administrator": {func(w *world, _ *claimants) {
			w.console(member(4), jumpcloudtest.User{"admin": map[string]any{"id": "x"}})
		}, ledger.OutcomeSkipped, "is protected"},
		"the user is deleted": {func(w *world, _ *claimants) { w.Org.DeleteUser(w.id(member(4))) }, ledger.OutcomeUnchanged, "was deleted"},
	} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", name, restart), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					others := &claimants{}
					w := claimed(t, others)
					w.Edit(suspending)
					w.window(100, 100, 100)
					w.rest()
					w.Sim.ForgetHistory()
					w.batches(1)
					w.source(append(moves(2), hires(1)[1])...)
					w.Until(w.sent(2))
					id := w.id(member(4))
					c.happens(w, others)
					if restart {
						w.Restart()
					}
					w.rest()
					w.Expect(w.puts(id)).To(BeZero())
					w.Expect(w.entries()[member(4)]).To(And(HaveField("Outcome", c.outcome), HaveField("Message", ContainSubstring(c.says))), "%s", w.Describe())
					if others.now.Unknown != "" {
						w.Expect(w.Get().Status.Leavers.BlockedBy).To(Equal("BulkUserImport identity/b"))
						w.Expect(w.puts("")).To(BeZero())
						others.now = plan.Claims{}
						w.Resync()
						w.ExpectReady("True/Succeeded")
						w.expectGone(member(3), member(4))
						return
					}
					w.Expect(w.puts(w.id(member(3)))).To(Equal(1))
					w.expectCounted(1, 1)
					w.expectRemembered(id, c.outcome == ledger.OutcomeSkipped)
				})
			})
		}
	}
}

// expectRemembered says whether a user belongs to the import.
func (w *world) expectRemembered(id string, remembered bool) {
	w.T.Helper()
	found := false
	w.eachMembers(func(c *corev1.ConfigMap) { found = found || strings.Contains(c.Data["results.csv"], id) })
	w.Expect(found).To(Equal(remembered), "whether the import remembers the user")
}

// A user whom the source names again is none who left, though the run is under way.
func TestALeaverComesBackDuringTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 4, 10)
		jobs := len(w.Org.Jobs())
		w.source(append(moves(2), hires(1)[1])...)
		w.Until(w.sent(jobs + 1))
		w.source(append(moves(4), hires(1)[1])...)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectGone()
		w.expectLeavers()
	})
}

// Wherever the process dies, each leaver is suspended once, and nobody else is.
func TestWhoLeftIsSuspendedAfterADeath(t *testing.T) {
	enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			w := staffOf(t, 4, 10)
			w.batches(1)
			w.Die(d)
			w.source(append(moves(2), hires(1)[1])...)
			w.rest()
			w.ExpectReady("True/Succeeded")
			w.expectGone(member(3), member(4))
			w.expectLeavers()
			for i := 3; i <= 4; i++ {
				w.Expect(w.puts(w.id(member(i)))).To(BeNumerically("<=", 2))
				w.expectRemembered(w.id(member(i)), false)
			}
			w.expectRemembered(w.id(member(1)), true)
			w.Expect(w.Get().Status.Summary).To(And(HaveField("Total", int32(5)), HaveField("Updated", int32(2)), HaveField("Created", int32(1)), HaveField("Unchanged", int32(2))))
		})
	})
}

func TestSuspendedLeaversUnderInterference(t *testing.T) {
	enginetest.RunStories(t, map[string]enginetest.Story[*world]{
		"leavers and a new user": {
			In: in(moves(4), suspending),
			Begin: func(w *world) {
				jobsOfTwo(w)
				w.window(20, 20, 100)
				w.Rest()
			},
			Steps: func(w *world) {
				w.source(append(moves(1), hires(1)[1])...)
				w.Rest()
			},
			End: func(w *world) {
				w.expectNobodyCreatedTwice()
				w.ExpectReady("True/Succeeded")
				w.expectGone(member(2), member(3), member(4))
				w.expectLeavers()
			},
			Harmed: (*world).suspended,
		},
		"leavers who are approved": {
			In: in(moves(3), suspending, afterApproval),
			Begin: func(w *world) {
				jobsOfTwo(w)
				w.Rest()
				w.approve()
				w.Rest()
				w.source(moves(1)...)
				w.Rest()
				w.ExpectReady("False/PlanChanged")
			},
			Steps: func(w *world) {
				w.approve()
				w.Rest()
			},
			End: func(w *world) {
				w.ExpectReady("True/Succeeded")
				w.expectGone(member(2), member(3))
				w.expectLeavers()
			},
		},
	})
}

// 10,000 people who are remembered cost no request that the run would not make anyway.
// Who leaves costs the call, and the look that proves it.
func TestRequestsOfManyMembers(t *testing.T) {
	const staff = 10_000
	lines := make([]string, staff+1)
	for i, line := range moves(staff) {
		lines[i] = line[:strings.LastIndex(line, ",")] // nothing is to be changed
	}
	requests := func(policy v1alpha1.LeaversPolicy) (stay, leave int) {
		t.Run(string(policy), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, lines, func(o *v1alpha1.BulkUserImport) { o.Spec.Leavers = policy })
				w.Org.Generate(staff)
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Sim.ForgetHistory()
				w.source(append([]string{lines[0], lines[2], lines[1]}, lines[3:]...)...)
				w.rest()
				stay = len(w.Sim.History())
				w.Sim.ForgetHistory()
				w.source(lines[:staff]...)
				w.rest()
				w.ExpectReady("True/Succeeded")
				leave = len(w.Sim.History())
				w.Expect(w.suspended()).To(Equal(w.puts("")))
			})
		})
		return stay, leave
	}
	g := NewWithT(t)
	stay, leave := requests(v1alpha1.LeaversIgnore)
	reportedStay, reportedLeave := requests(v1alpha1.LeaversReport)
	suspendedStay, suspendedLeave := requests(v1alpha1.LeaversSuspend)
	t.Logf("requests of a run without and with one who leaves: Ignore %d, %d; Report %d, %d; Suspend %d, %d",
		stay, leave, reportedStay, reportedLeave, suspendedStay, suspendedLeave)
	g.Expect(stay).To(BeNumerically(">", staff/1000))
	g.Expect([]int{reportedStay, reportedLeave, suspendedStay}).To(Equal([]int{stay, leave, stay}))
	g.Expect(suspendedLeave).To(Equal(leave + 2))
}

// Who is named again after the suspension was sent is told of: nobody lifts it.
func TestALeaverIsNamedAfterTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := &claimants{}
		w := claimed(t, others)
		w.Edit(suspending)
		w.window(100, 100, 100)
		w.rest()
		w.source(moves(3)...)
		id := w.id(member(4))
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/" + id, Times: 1}, Kind: jumpcloudtest.FaultReset})
		w.Until(func() bool { return w.puts(id) == 1 })
		others.now = plan.Claims{Usernames: map[string]bool{member(4): true}}
		w.Restart()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.entries()[member(4)]).To(And(HaveField("Outcome", ledger.OutcomeUnchanged),
			HaveField("Message", And(ContainSubstring("another object"), ContainSubstring("had been sent before")))))
		w.Expect(w.puts(id)).To(Equal(1), "it is not sent again")
		w.expectCounted(1, 0)
	})
}
