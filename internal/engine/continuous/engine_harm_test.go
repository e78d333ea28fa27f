package continuous_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// from returns the numbers from begin up to, but without, end.
func from(begin, end int) []int { return to(end)[begin:] }

// organization returns the stored Organization.
func (w *world) organization() *v1alpha1.Organization {
	w.T.Helper()
	o := &v1alpha1.Organization{}
	w.Expect(w.API.Get(w.T.Context(), client.ObjectKey{Namespace: "identity", Name: "acme"}, o)).To(Succeed())
	return o
}

// counted returns what the guard's window counts for all objects, and what the object counts
// for itself.
func (w *world) counted() [2]int {
	w.T.Helper()
	sum := func(buckets []v1alpha1.HarmBucket) int {
		n := 0
		for _, bucket := range buckets {
			n += int(bucket.Harmful)
		}
		return n
	}
	all := 0
	if guard := w.organization().Status.Guard; guard != nil {
		all = sum(guard.Harmed)
	}
	return [2]int{all, sum(w.Get().Status.Harmed)}
}

func slowly(w *world) {
	w.EditOrganization(func(o *v1alpha1.Organization) {
		o.Spec.Limits = v1alpha1.Limits{RequestsPerSecond: 10, Burst: 1, BulkBatchSize: 500}
	})
}

// ample sets how many one object may harm, and how many all may harm in the window.
func ample(w *world, object, window int32) {
	w.EditOrganization(func(o *v1alpha1.Organization) {
		o.Spec.Guard = v1alpha1.Guard{MaxHarmful: &object, Window: v1alpha1.GuardWindow{
			Duration: metav1.Duration{Duration: 24 * time.Hour}, MaxHarmful: &window,
		}}
	})
}

func TestMembersDoNotTrickleAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, to(30), to(30))
		w.Rest()
		for left := 27; left >= 0; left -= 3 {
			w.want(to(left)...)
			w.Rest()
		}
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Org.Members(w.group)).To(HaveLen(27), "5 of 100 users may be harmed in a day")
		w.Expect(w.Message()).To(And(ContainSubstring("lets an object harm 5 without approval, including 3 users harmed recently"),
			ContainSubstring("set spec.approvedPlan to "+w.Get().Status.Plan.Hash)))
		w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByGuard))

		w.want(to(25)...)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.want(to(24)...)
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		version := w.Get().ResourceVersion
		<-time.After(20 * time.Hour)
		w.Rest()
		w.Expect(w.Get().ResourceVersion).To(Equal(version), "what expires is no reason to write")
		<-time.After(6 * time.Hour)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Status.Harmed).To(HaveLen(1), "what was out of the window went with another write")
	})
}

// What an object harmed counts for the guard until the window has really passed.
func TestAClockThatJumpsForgetsNoHarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, to(30), to(30))
		w.Rest()
		w.want(to(27)...)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Ahead = 48 * time.Hour
		w.want(to(24)...)
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Message()).To(ContainSubstring("including 3 users harmed recently"))
		w.Expect(w.Org.Members(w.group)).To(HaveLen(27))
	})
}

// An approved removal does not cover members who come back after it.
func TestAnApprovalEndsWithItsChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, to(40), []int{50})
		script := w.Sim.Script(jumpcloudtest.Fault{
			Match:  jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/usergroups/" + w.group + "/members", Body: w.users[7], Times: -1},
			Status: http.StatusBadRequest,
		})
		w.Rest()
		w.approve()
		w.Rest()
		w.ExpectReady("False/SubmissionRejected")
		w.has(7, 50)
		w.Resync()
		w.Expect(w.Get().Status.Plan.Approved).To(HaveLen(11), "only what is left is approved")
		w.Expect(w.Get().Status.Plan.ApprovedHash).To(Equal(w.Get().Spec.ApprovedPlan))
		for _, i := range to(40) {
			if i != 7 {
				w.Org.AddMember(w.group, w.users[i])
			}
		}
		w.Restart()
		w.Resync()
		w.Expect(w.Org.Members(w.group)).To(HaveLen(41), w.Describe)
		script.Remove()
		w.Resync()
		w.ExpectReady("False/PlanChanged")
		w.Expect(w.Org.Members(w.group)).To(HaveLen(40), "what was approved and is still to be done is done")
		status := w.Get().Status.Plan
		w.Expect([]any{status.Number, status.DoneHash, status.ApprovedHash, status.Approved}).To(Equal([]any{int64(1), w.Get().Spec.ApprovedPlan, "", ""}))
	})
}

// aPlanApproval returns an approval of a plan of the object.
func aPlanApproval(hash string) *v1alpha1.PlanApproval {
	return &v1alpha1.PlanApproval{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "yes"}, Spec: v1alpha1.PlanApprovalSpec{
		ObjectRef: v1alpha1.ApprovableReference{Kind: "UserGroup", Name: "engineers"}, Plan: hash,
	}}
}

func TestWhateverWithdrawsAnApproval(t *testing.T) {
	for name, c := range map[string]struct{ approve, withdraw func(w *world, hash string) }{
		"an older hash": {
			approve:  func(w *world, hash string) { w.Edit(func(o *object) { o.Spec.ApprovedPlan = hash }) },
			withdraw: func(w *world, _ string) { w.Edit(func(o *object) { o.Spec.ApprovedPlan = "sha256:older" }) },
		},
		"none": {
			approve:  func(w *world, hash string) { w.Edit(func(o *object) { o.Spec.ApprovedPlan = hash }) },
			withdraw: func(w *world, _ string) { w.Edit(func(o *object) { o.Spec.ApprovedPlan = "" }) },
		},
		"a PlanApproval that is deleted": {
			approve:  func(w *world, hash string) { w.Expect(w.API.Create(w.T.Context(), aPlanApproval(hash))).To(Succeed()) },
			withdraw: func(w *world, hash string) { w.Expect(w.API.Delete(w.T.Context(), aPlanApproval(hash))).To(Succeed()) },
		},
	} {
		for left, keep := range map[string]int{"more left than the guard allows": 0, "fewer left": 28} {
			t.Run(name+", "+left, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, to(40), append(to(keep), 50))
					ample(w, 8, 100)
					slowly(w)
					w.Rest()
					hash := w.Get().Status.Plan.Hash
					c.approve(w, hash)
					w.Until(func() bool { return len(w.Org.Members(w.group)) < 36 })
					c.withdraw(w, hash)
					before := len(w.Org.Members(w.group))
					w.Expect(before).To(BeNumerically(">", keep+1), "some are left to be removed")
					w.Rest()
					w.Restart()
					w.Resync()
					w.Expect(w.Condition(v1alpha1.StalledCondition).Reason).To(Or(Equal("ApprovalRequired"), Equal("PlanChanged")))
					w.Expect(w.Org.Members(w.group)).To(HaveLen(before), "nothing that is not approved any more is sent")
					w.Expect(w.Get().Status.Plan.ApprovedHash).To(BeEmpty())
					w.Expect(w.Get().Status.Plan.Withdrawn).To(HaveLen(11 * (before - keep - 1)))

					// What was done of the plan may come back: the approval was valid once.
					w.Expect(w.Get().Status.Plan.Number).To(BeEquivalentTo(1))
					for _, i := range to(40) {
						w.Org.AddMember(w.group, w.users[i])
					}
					c.approve(w, hash)
					w.Resync()
					w.ExpectReady("False/PlanChanged")
					w.Expect(w.Org.Members(w.group)).To(HaveLen(41))
					w.Expect(w.counted()).To(Equal([2]int{}), "what was approved is not counted")
				})
			})
		}
	}
}

// withdrawnWithFewLeft returns a world in which the approval to remove twelve members was
// withdrawn once the guard would allow the remaining removals, and the members that remain.
func withdrawnWithFewLeft(t *testing.T) (w *world, left []int) {
	t.Helper()
	w = newWorld(t, to(40), to(28))
	ample(w, 8, 100)
	slowly(w)
	w.Rest()
	w.ExpectReady("False/ApprovalRequired")
	w.approve()
	w.Until(func() bool { return len(w.Org.Members(w.group)) < 36 })
	w.Edit(func(o *object) { o.Spec.ApprovedPlan = "" })
	w.Rest()
	w.ExpectReady("False/ApprovalRequired")
	w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByWithdrawal))
	w.Expect(w.Message()).To(ContainSubstring("The approval that they had was withdrawn."))
	for _, i := range from(28, 40) {
		if slices.Contains(w.Org.Members(w.group), w.users[i]) {
			left = append(left, i)
		}
	}
	w.Expect(left).NotTo(BeEmpty())
	return w, left
}

// What was withdrawn waits for an approval that names it, and holds up nothing else.
func TestWhatWasWithdrawnIsApprovedOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, left := withdrawnWithFewLeft(t)
		w.want(to(26)...)
		w.Restart()
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.has(append(to(26), left...)...)
		w.Expect(w.counted()).To(Equal([2]int{2, 2}))

		w.approve()
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.has(to(26)...)
		w.Expect(w.counted()).To(Equal([2]int{2, 2}))
		w.Expect(w.Get().Status.Plan.Withdrawn).To(BeEmpty())
	})
}

// What leaves the plan and comes back is another change.
func TestWhatWasWithdrawnLeavesThePlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, left := withdrawnWithFewLeft(t)
		w.want(append(to(28), left...)...)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Status.Plan.Withdrawn).To(BeEmpty())
		w.want(to(28)...)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.has(to(28)...)
		w.Expect(w.counted()).To(Equal([2]int{len(left), len(left)}))
	})
}

func TestTheWindowOfAllObjectsIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, to(30), to(30))
		ample(w, 100, 12)
		w.Rest()
		w.want(from(10, 30)...)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.counted()).To(Equal([2]int{10, 10}))

		w.want(append(from(13, 30), 50)...)
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.has(append(from(10, 30), 50)...)
		w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByWindow))
		w.Expect(w.Message()).To(ContainSubstring("Organization identity/acme has no room left in spec.guard.window: its status.withheld lists all that waits"))
		w.Expect(w.counted()).To(Equal([2]int{10, 10}))
		w.writes = 0
		w.Resync()
		w.Expect(w.writes).To(Equal(0))

		w.want(append(from(12, 30), 50)...)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.counted()).To(Equal([2]int{12, 12}))
		w.want(append(from(14, 30), 50)...)
		w.Rest()
		w.approve()
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.has(append(from(14, 30), 50)...)
		w.Expect(w.counted()).To(Equal([2]int{12, 12}))
	})
}

// What was provably not done is not counted.
func TestWhatWasNotMadeIsGivenBack(t *testing.T) {
	for name, c := range map[string]struct {
		arrange func(w *world)
		during  func(w *world) bool
		then    func(w *world)
		counted int
	}{
		"refused": {
			arrange: func(w *world) { w.refuseMembers(http.StatusBadRequest) },
			during:  func(w *world) bool { return w.After >= enginetest.AtRest },
		},
		"forbidden": {
			arrange: func(w *world) { w.refuseMembers(http.StatusForbidden) },
			during:  func(w *world) bool { return w.After >= enginetest.AtRest },
			then:    func(w *world) { w.want(to(30)...) },
		},
		"dropped by another spec": {
			arrange: slowly,
			during:  func(w *world) bool { return len(w.Org.Members(w.group)) < 30 },
			then:    func(w *world) { w.want(to(30)...) },
			counted: -1,
		},
		"dropped by a pause": {
			arrange: slowly,
			during:  func(w *world) bool { return len(w.Org.Members(w.group)) < 30 },
			then:    func(w *world) { w.Annotate(v1alpha1.PausedAnnotation, "true") },
			counted: -1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, to(30), to(30))
				w.Rest()
				ample(w, 100, 50)
				c.arrange(w)
				w.want(from(20, 30)...)
				w.Until(func() bool { return c.during(w) })
				made := 30 - len(w.Org.Members(w.group))
				if c.then != nil {
					c.then(w)
					w.Rest()
				}
				w.Expect(made).To(BeNumerically("<", 20))
				w.Expect(w.counted()).To(Equal([2]int{made, made}), w.Describe)
			})
		})
	}
}

func (w *world) refuseMembers(status int) {
	w.Sim.Script(jumpcloudtest.Fault{
		Match: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/usergroups/" + w.group + "/members", Times: -1}, Status: status,
	})
}

// An announcement that is not stored counts for nothing, however its write failed: its
// reservation is neither lost nor counted.
func TestWhatWasNotAnnouncedIsGivenBack(t *testing.T) {
	internal := apierrors.NewInternalError(errors.New("no answer"))
	conflict := apierrors.NewConflict(schema.GroupResource{}, "engineers", errors.New("the write was repeated"))
	for name, c := range map[string]struct {
		fail   error
		times  int
		stored bool
	}{
		"refused":                             {fail: apierrors.NewForbidden(schema.GroupResource{}, "", nil), times: 1},
		"repeated and refused, and stored":    {fail: apierrors.NewForbidden(schema.GroupResource{}, "", nil), times: 1, stored: true},
		"unclear, and not stored":             {fail: internal, times: 1},
		"unclear, and not stored, repeatedly": {fail: internal, times: 5},
		"unclear, and stored":                 {fail: internal, times: 1, stored: true},
		"a conflict, and not stored":          {fail: conflict, times: 1},
		"repeated, and stored":                {fail: conflict, times: 1, stored: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, to(30), to(30))
				w.Rest()
				ample(w, 10, 10)
				w.want(to(25)...)
				left := c.times
				w.OnCall = func(call enginetest.Call, do func() error) error {
					if _, ours := call.Object.(*object); !ours || call.Verb != "status" || left == 0 || len(w.Org.Members(w.group)) < 30 ||
						w.organization().Status.Guard == nil {
						return do()
					}
					left--
					if c.stored {
						w.Expect(do()).To(Succeed())
					}
					return c.fail
				}
				w.Rest()
				w.Resync()
				w.Expect(left).To(BeZero())
				w.ExpectReady("True/UpToDate")
				w.has(to(25)...)
				w.Expect(w.counted()).To(Equal([2]int{5, 5}), w.Describe)
			})
		})
	}
}

// What was counted so long ago that the window has forgotten it is not given back: that would
// be other objects' room.
func TestRoomThatIsForgottenIsNotGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, to(30), to(30))
		w.Rest()
		ample(w, 100, 50)
		slowly(w)
		w.want(from(20, 30)...)
		w.Until(func() bool { return len(w.Org.Members(w.group)) < 30 })
		made := 30 - len(w.Org.Members(w.group))
		w.Expect(made).To(BeNumerically("<", 20))
		script := w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Times: -1}, Status: http.StatusServiceUnavailable})
		w.Pass()
		<-time.After(30 * time.Hour)
		script.Remove()
		o := w.organization()
		o.Status.Guard = &v1alpha1.GuardStatus{Harmed: []v1alpha1.HarmBucket{{Hour: metav1.NewTime(time.Now().Truncate(time.Hour)), Harmful: 5}}}
		w.Expect(w.API.Status().Update(t.Context(), o)).To(Succeed())
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.counted()).To(Equal([2]int{5 + 20 - made, 20 - made}), w.Describe)
	})
}

// As long as it is unknown whether the window has room, a plan that waits for room keeps
// waiting: its approval is not used up by that.
func TestWhatWaitsForTheWindowWaitsWhileItCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, to(30), to(30))
		w.Rest()
		ample(w, 100, 12)
		w.want(to(20)...)
		w.Rest()
		w.want(to(15)...)
		w.Rest()
		waits := w.Get().Status.Plan
		w.Expect(waits.WithheldBy).To(Equal(v1alpha1.WithheldByWindow), w.Describe)
		<-time.After(26 * time.Hour)
		failed := 0
		w.OnCall = func(call enginetest.Call, do func() error) error {
			if _, counts := call.Object.(*v1alpha1.Organization); counts && call.Verb == "status" {
				failed++
				return apierrors.NewInternalError(errors.New("no answer"))
			}
			return do()
		}
		w.Until(func() bool { return failed > 0 })
		w.Expect(w.Get().Status.Plan).To(Equal(waits))
		w.OnCall = nil
		w.Rest()
		w.has(to(15)...)
		w.Expect(w.Get().Status.Plan).To(BeNil())
	})
}

func TestWhatAnOldCRDDoesNotKeepIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, to(30), to(30))
		w.Rest()
		ample(w, 10, 10)
		w.Lacking = []string{"status.counted", "status.countedAt"}
		w.want(to(25)...)
		w.Until(func() bool { return w.Condition(v1alpha1.StalledCondition).Reason == v1alpha1.SchemaOutdatedReason })
		w.Expect(w.Org.Members(w.group)).To(HaveLen(30))
		w.Lacking = nil
		w.Rest()
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.counted()).To(Equal([2]int{5, 5}), w.Describe)
	})
}

// A process may die between a reservation and a call, and at any other write: the end is the
// same, and the harm done never exceeds what is counted.
func TestAProcessMayDieWhileHarmIsCounted(t *testing.T) {
	for n, died := 0, true; died; n++ {
		died = false
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("call %d, after %t", n, after), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, to(20), to(20))
					w.Rest()
					ample(w, 5, 20)
					w.want(append(from(5, 20), 50)...)
					w.DieAt(n, after, &died)
					w.Until(func() bool {
						harmed := 20 - len(w.Org.Members(w.group))
						counted := w.counted()
						w.Expect(counted[0]).To(BeNumerically("<=", 20))
						w.Expect(min(counted[0], counted[1])).To(BeNumerically(">=", harmed), "never too little is counted")
						return !w.Dead && w.After >= enginetest.AtRest
					})
					w.ExpectReady("True/UpToDate")
					w.has(append(from(5, 20), 50)...)
					w.Expect(w.counted()[1]).To(Equal(5), "nor twice of the object")
					w.Expect(w.counted()[0]).To(BeElementOf(5, 10), "and of all at most one reservation too much")
					w.Expect(w.Get().Status.Counted).To(BeEmpty())
					w.want(append(from(6, 20), 50)...)
					w.Rest()
					w.ExpectReady("False/ApprovalRequired")
				})
			})
		}
	}
}

func TestDeletionAsksAsEverythingElseDoes(t *testing.T) {
	for name, approve := range map[string]func(w *world){
		"spec.approvedPlan": (*world).approve,
		// An object that was pruned has no spec to edit any more.
		"a PlanApproval": func(w *world) {
			w.Expect(w.API.Create(w.T.Context(), aPlanApproval(w.Get().Status.Plan.Hash))).To(Succeed())
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil, nil, deletes, mode(v1alpha1.ModeApplyAfterApproval))
				w.Rest()
				w.Delete()
				w.Rest()
				w.ExpectReady("False/ApprovalRequired")
				hash := w.Get().Status.Plan.Hash
				w.Expect(w.Message()).To(And(ContainSubstring(hash), ContainSubstring("PlanApproval"), ContainSubstring(v1alpha1.AbandonAnnotation)))
				w.Expect(w.Org.UserGroup(w.group)).NotTo(BeNil())
				approve(w)
				w.Until(w.Gone)
				w.Expect(w.Org.UserGroup(w.group)).To(BeNil())
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil, nil, deletes, mode(v1alpha1.ModeApplyAfterApproval))
		w.Rest()
		w.Delete()
		w.Rest()
		w.Annotate(v1alpha1.AbandonAnnotation, "true")
		w.Rest()
		w.Expect(w.Gone()).To(BeTrue())
		w.Expect(w.Org.UserGroup(w.group)).NotTo(BeNil())
	})
}
