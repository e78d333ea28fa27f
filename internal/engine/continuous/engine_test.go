package continuous_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestWhatIsDeclaredIsMadeSoAndStaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []int{1, 2}, []int{2, 3, 4})
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.has(2, 3, 4)
		w.Expect(w.calls).To(Equal(3))
		w.Expect(w.Get().Status.Plan).To(BeNil())

		w.writes = 0
		for range 3 {
			w.Resync()
			w.Restart()
		}
		w.Expect([]int{w.calls, w.writes}).To(Equal([]int{3, 0}), "at rest nothing is written")
		w.Expect(w.Events).NotTo(ContainElement(HavePrefix("DriftCorrected")))

		w.Rest()
		w.Org.RemoveMember(w.group, w.users[3])
		w.Resync()
		w.has(2, 3, 4)
		w.Expect(w.Events).To(ContainElement(ContainSubstring("DriftCorrected: The live state has drifted from the spec. Correcting it: AddMember " + w.users[3])))
	})
}

func TestManyChangesGoInSlicesAndTellHowFarTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil, to(100))
		w.EditOrganization(func(o *v1alpha1.Organization) {
			o.Spec.Limits = v1alpha1.Limits{RequestsPerSecond: 10, Burst: 1, BulkBatchSize: 500}
		})
		most, last, reads := 0, 0, 0
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if c.Verb == http.MethodGet {
				reads++
			}
			return w.count(c, do)
		}
		var told []string
		w.Until(func() bool {
			most, last = max(most, w.calls-last), w.calls
			if reconciling := w.Condition(v1alpha1.ReconcilingCondition); reconciling.Reason == v1alpha1.ProgressingReason {
				told = append(told, reconciling.Message)
			}
			return w.After >= enginetest.AtRest
		})
		w.ExpectReady("True/UpToDate")
		w.has(to(100)...)
		w.Expect(most).To(BeNumerically("<=", 15), "changes in one pass")
		w.Expect(told).To(ContainElement(MatchRegexp(`^Changing the group \S+ at JumpCloud: [1-9]\d of 100 done\. Next: AddMember \S+\.$`)))
		w.Expect(reads).To(BeNumerically("<=", 4), "it is not observed again for each slice")
	})
}

func TestModesSendNothingUnasked(t *testing.T) {
	byOrganization := func(w *world) {
		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModePlan })
	}
	observing := func(w *world) {
		w.Observes = true
		w.Connect()
	}
	for name, c := range map[string]struct {
		live, desired []int
		mode          v1alpha1.Mode
		arrange       func(*world)
		ready         string
		planned       int
	}{
		"Plan":                                    {live: []int{1}, desired: []int{2}, mode: v1alpha1.ModePlan, ready: "True/Planned", planned: 2},
		"Plan without a change":                   {live: []int{1}, desired: []int{1}, mode: v1alpha1.ModePlan, ready: "True/Planned"},
		"Plan of the Organization":                {live: []int{1}, desired: []int{2}, arrange: byOrganization, ready: "False/PlanOnly", planned: 2},
		"Plan of both":                            {live: []int{1}, desired: []int{2}, mode: v1alpha1.ModePlan, arrange: byOrganization, ready: "True/Planned", planned: 2},
		"an Organization that observes":           {live: []int{1}, desired: []int{2}, arrange: observing, ready: "False/PlanOnly", planned: 2},
		"Plan of the Organization, up to date":    {live: []int{1}, desired: []int{1}, arrange: byOrganization, ready: "True/UpToDate"},
		"ApplyAfterApproval":                      {live: []int{1}, desired: []int{2}, mode: v1alpha1.ModeApplyAfterApproval, ready: "False/ApprovalRequired", planned: 2},
		"ApplyAfterApproval without a change":     {live: []int{1}, desired: []int{1}, mode: v1alpha1.ModeApplyAfterApproval, ready: "True/UpToDate"},
		"as many as any plan may harm":            {live: to(3), desired: nil, ready: "True/UpToDate"},
		"more than the guard allows (5 % of 100)": {live: to(6), desired: []int{50}, ready: "False/ApprovalRequired", planned: 6},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, c.live, c.desired, mode(c.mode))
				if c.arrange != nil {
					c.arrange(w)
				}
				w.Rest()
				w.ExpectReady(c.ready)
				if c.planned == 0 {
					return
				}
				status := w.Get().Status.Plan
				w.Expect(status).NotTo(BeNil())
				w.Expect(status.Total).To(BeEquivalentTo(c.planned))
				w.Expect(status.Hash).To(MatchRegexp(`^sha256:[0-9a-f]{64}$`))
				if c.ready != "False/PlanOnly" {
					w.Expect(w.Message()).To(ContainSubstring(status.Hash))
				}
				for _, member := range c.live {
					w.Expect(w.Org.Members(w.group)).To(ContainElement(w.users[member]))
				}
				calls := w.calls
				w.Restart()
				w.Rest()
				w.Expect(w.calls).To(Equal(calls))
				w.Expect(w.Get().Status.Plan).To(Equal(status), "a plan that waits does not change by itself")
			})
		})
	}
}

func TestAnApprovalIsGoodForExactlyOnePlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, to(10), []int{50})
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Message()).To(And(ContainSubstring("10 changes wait for an approval, harming 10 users"), ContainSubstring("and 7 more")))
		w.Expect(w.Org.Members(w.group)).To(ContainElement(w.users[50]), "what harms no one goes on")

		w.approve()
		w.Org.AddMember(w.group, w.users[60])
		w.Rest()
		w.ExpectReady("False/PlanChanged")
		w.Expect(w.Org.Members(w.group)).To(HaveLen(12))

		// The process dies half-way, and somebody else joins meanwhile.
		w.approve()
		w.Until(func() bool { return len(w.Org.Members(w.group)) <= 1 || w.Get().Status.Plan.Approved != "" })
		w.EditOrganization(func(o *v1alpha1.Organization) {
			o.Spec.Limits = v1alpha1.Limits{RequestsPerSecond: 10, Burst: 1, BulkBatchSize: 500}
		})
		for _, i := range []int{1, 2, 3, 4, 5, 6} {
			w.Org.AddMember(w.group, w.users[70+i])
		}
		w.Restart()
		w.Rest()
		w.ExpectReady("False/PlanChanged")
		w.has(50, 71, 72, 73, 74, 75, 76)
		w.Expect(w.Get().Status.Plan.Number).To(BeEquivalentTo(1), "the approved plan is done")
		w.Expect(w.Get().Status.Plan.Approved).To(BeEmpty())

		// The same plan is not approved a second time.
		first := w.Get().Spec.ApprovedPlan
		w.approve()
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Spec.ApprovedPlan).NotTo(Equal(first))
		w.has(50)
		for _, i := range []int{1, 2, 3, 4, 5, 6} {
			w.Org.AddMember(w.group, w.users[70+i])
		}
		w.Resync()
		w.ExpectReady("False/PlanChanged")
	})
}

func TestAnApprovalCanBeWithdrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, to(40), []int{50})
		w.EditOrganization(func(o *v1alpha1.Organization) {
			o.Spec.Limits = v1alpha1.Limits{RequestsPerSecond: 10, Burst: 1, BulkBatchSize: 500}
		})
		w.Rest()
		w.approve()
		w.Until(func() bool { return len(w.Org.Members(w.group)) < 30 })
		w.Expect(w.Get().Status.Plan.Approved).To(HaveLen(40 * 11))
		w.Edit(func(o *object) { o.Spec.ApprovedPlan = "" })
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(len(w.Org.Members(w.group))).To(BeNumerically(">", 10))
		w.Expect(w.Get().Status.Plan.Approved).To(BeEmpty())
		w.approve()
		w.Rest()
		w.has(50)
	})
}

func TestGatedChangesWaitForTheirFirstApproval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []int{1}, []int{2})
		status := w.Get()
		adopted(status)
		w.Expect(w.API.Status().Update(t.Context(), status)).To(Succeed())
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.has(1, 2)
		w.approve()
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.has(2)
		w.want()
		w.Rest()
		w.has()
	})
}

func TestPausedObjectsChangeNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []int{1}, []int{2}, deletes)
		w.Annotate(v1alpha1.PausedAnnotation, "true")
		w.Rest()
		w.Expect(w.Condition(v1alpha1.PausedCondition).Message).To(ContainSubstring("2 changes wait: AddMember"))
		w.Expect(w.calls).To(Equal(0))
		w.Annotate(v1alpha1.PausedAnnotation, "false")
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Annotate(v1alpha1.PausedAnnotation, "true")
		w.Delete()
		w.Rest()
		w.Expect(w.Gone()).To(BeFalse())
		w.Annotate(v1alpha1.AbandonAnnotation, "true")
		w.Rest()
		w.Expect(w.Gone()).To(BeTrue())
		w.Expect(w.Org.UserGroup(w.group)).NotTo(BeNil())
	})
}

func TestDeletion(t *testing.T) {
	for name, c := range map[string]struct {
		edit      func(*object)
		arrange   func(*world)
		finalizer bool
		deleted   bool
		blocked   string
	}{
		"retained":                        {edit: func(*object) {}},
		"deleted":                         {edit: deletes, finalizer: true, deleted: true},
		"gone already":                    {edit: deletes, finalizer: true, deleted: true, arrange: func(w *world) { w.Org.DeleteUserGroup(w.group) }},
		"in mode Plan":                    {edit: func(o *object) { deletes(o); o.Spec.Mode = v1alpha1.ModePlan }},
		"the Organization begins to plan": {edit: deletes, finalizer: true, arrange: func(w *world) { w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModePlan }) }},
		"the policy becomes Retain": {edit: deletes, arrange: func(w *world) {
			w.Edit(func(o *object) { o.Spec.DeletionPolicy = v1alpha1.DeletionPolicyRetain })
			w.Rest()
		}},
		"without an Organization, blocked": {edit: deletes, finalizer: true, arrange: withoutOrganization, blocked: "OrganizationNotReady"},
		"without an Organization":          {edit: func(*object) {}, arrange: withoutOrganization},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil, nil, c.edit)
				w.Rest()
				if c.arrange != nil {
					c.arrange(w)
				}
				w.Expect(w.Finalized()).To(Equal(c.finalizer))
				w.Delete()
				w.Rest()
				w.Expect(w.Gone()).To(Equal(c.blocked == ""), w.Describe)
				w.Expect(w.Org.UserGroup(w.group) == nil).To(Equal(c.deleted))
				if c.blocked != "" {
					w.ExpectReady("False/" + c.blocked)
				}
			})
		})
	}
}

func withoutOrganization(w *world) {
	organization := &v1alpha1.Organization{}
	key := client.ObjectKey{Namespace: "identity", Name: "acme"}
	w.Expect(w.API.Get(w.T.Context(), key, organization)).To(Succeed())
	w.Expect(w.API.Delete(w.T.Context(), organization)).To(Succeed())
	w.Pool.Remove(key)
}

func TestOfTwoObjectsTheOlderOwns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil, []int{1})
		w.Rest()
		older := w.Get().DeepCopy()
		older.ObjectMeta = metav1.ObjectMeta{Namespace: "identity", Name: "older", UID: "a-uid", Generation: 1, CreationTimestamp: metav1.Unix(1, 0)}
		older.Status = v1alpha1.UserGroupStatus{}
		older.Spec.Members = &[]v1alpha1.UserReference{{ID: w.users[2]}}
		w.Expect(w.API.Create(t.Context(), older)).To(Succeed())
		w.want(3)
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(ContainSubstring("UserGroup identity/older already stands for the group"))
		w.has(1)

		mine := w.Key
		w.Key = client.ObjectKeyFromObject(older)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.has(2)
		w.Delete()
		w.Rest()
		w.Key = mine
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.has(3)
	})
}

func TestAProcessMayDieAtAnyCall(t *testing.T) {
	for n, died := 0, true; died; n++ {
		died = false
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("call %d, after %t", n, after), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, []int{1, 2}, []int{2, 3, 4}, deletes)
					w.DieAt(n, after, &died)
					w.Rest()
					w.ExpectReady("True/UpToDate")
					w.has(2, 3, 4)
					w.Delete()
					w.Rest()
					w.Expect(w.Gone()).To(BeTrue())
					w.Expect(w.Org.UserGroup(w.group)).To(BeNil())
				})
			})
		}
	}
}

func TestWhatIsAcceptedAndNotDoneIsNotSentForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil, []int{1})
		script := w.Sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/usergroups/" + w.group + "/members", Times: -1}, Status: http.StatusNoContent,
		})
		began := time.Now()
		w.Until(func() bool {
			return time.Since(began) > 10*time.Minute && w.Condition(v1alpha1.ReadyCondition).Reason == v1alpha1.ProgressingWithRetryReason
		})
		w.Expect(w.Message()).To(ContainSubstring("does not show all of them yet (AddMember " + w.users[1] + ")"))
		w.Expect(script.Caught()).To(BeNumerically("<=", 5), "it is sent less and less often")
		script.Remove()
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.has(1)
	})
}

func TestAnswersThatAreNoSuccess(t *testing.T) {
	for name, c := range map[string]struct {
		fault  jumpcloudtest.Fault
		during string
	}{
		"refused":                       {fault: jumpcloudtest.Fault{Status: http.StatusBadRequest}, during: "False/SubmissionRejected"},
		"forbidden":                     {fault: jumpcloudtest.Fault{Status: http.StatusForbidden}, during: "False/PermissionDenied"},
		"rate limited":                  {fault: jumpcloudtest.Fault{Status: http.StatusTooManyRequests}},
		"failed":                        {fault: jumpcloudtest.Fault{Status: http.StatusInternalServerError}, during: "False/RemoteUnavailable"},
		"lost before it took effect":    {fault: jumpcloudtest.Fault{Kind: jumpcloudtest.FaultReset}, during: "False/RemoteUnavailable"},
		"lost after it took effect":     {fault: jumpcloudtest.Fault{Kind: jumpcloudtest.FaultReset, Commit: true}, during: "False/RemoteUnavailable"},
		"redirected, sent all the same": {fault: jumpcloudtest.Fault{Status: http.StatusFound, Header: http.Header{"Location": {"/elsewhere"}}}, during: "False/RemoteUnavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, nil, to(5))
				c.fault.Match = jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/usergroups/" + w.group + "/members", Skip: 2, Times: 1}
				script := w.Sim.Script(c.fault)
				w.Until(func() bool { return script.Caught() == 1 })
				if c.during != "" {
					w.ExpectReady(c.during)
				}
				w.Resync()
				w.ExpectReady("True/UpToDate")
				w.has(to(5)...)
			})
		})
	}
}

// A pass that works from an old copy of the object sends nothing.
func TestALeaderThatWasReplacedSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil, []int{1})
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if c.Verb == http.MethodGet && w.calls == 0 && w.writes == 0 {
				w.writes++
				w.want(2) // while the pass observes
			}
			return w.count(c, do)
		}
		w.Pass()
		w.Expect(w.calls).To(Equal(0), "the spec that was observed is not the present one")
		w.Rest()
		w.has(2)
	})
}

// Nor does a later slice of a plan that is under way: another process may have written the
// object since, and the cache does not show that yet.
func TestALaterSliceOnAnOldCopySendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil, to(60))
		slowly(w)
		w.Until(func() bool { return len(w.Sent()) >= 10 })
		w.Expect(len(w.Sent())).To(BeNumerically("<", 60))
		w.Lag()
		w.Touch()
		sent := len(w.Sent())
		w.Pass()
		w.Expect(w.Sent()).To(HaveLen(sent))
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.has(to(60)...)
		w.Expect(w.Sent()).To(HaveLen(60))
	})
}

// What JumpCloud accepted and does not show yet is not sent again just because the object was
// edited meanwhile, or a pass was requested.
func TestAnEditRepeatsNothingThatIsNotSeenYet(t *testing.T) {
	for name, edit := range map[string]func(w *world){
		"an edit":   func(w *world) { w.want(append(from(3, 30), 40)...) },
		"a request": func(w *world) { w.Request(); w.want(append(from(3, 30), 40)...) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, to(30), to(30))
				w.Rest()
				w.Sim.Configure(func(b *jumpcloudtest.Behavior) { b.MemberLag = 20 * time.Second })
				w.Sim.ForgetHistory()
				w.want(from(3, 30)...)
				w.Until(func() bool { return len(w.Sent()) == 3 })
				edit(w)
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.has(append(from(3, 30), 40)...)
				w.Expect(w.Sent()).To(HaveLen(4), "three removals and an addition")
				w.Expect(w.counted()).To(Equal([2]int{3, 3}))
			})
		})
	}
}
