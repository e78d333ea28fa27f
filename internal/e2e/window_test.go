package e2e

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// In these stories, many objects harm few people each.
var _ = Describe("The window of harm", Label("window"), func() {
	DescribeTable("story:", func(story func(*world)) {
		w := newWorld(spec(), 1000, often)
		w.startOperator("--max-concurrent-reconciles=8")
		story(w)
	},
		Entry("the Organization's spec approves the rest", func(w *world) {
			withholds(w, func(w *world, hash string) {
				w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.ApprovedPlan = hash })
			})
		}),
		Entry("a PlanApproval approves the rest", func(w *world) {
			withholds(w, func(w *world, hash string) {
				w.create(&v1alpha1.PlanApproval{ObjectMeta: w.meta("leavers"), Spec: v1alpha1.PlanApprovalSpec{
					ObjectRef: v1alpha1.ApprovableReference{Kind: "Organization", Name: "acme"}, Plan: hash,
				}})
			})
		}),
		Entry("spec.approvedPlan is ignored", approvesByObjectsOnly),
	)
})

const (
	leavers     = 30 // objects
	leaversEach = 3  // users of each object
	windowRoom  = 50 // of an organization of 1,000
)

// leave creates thirty objects, each of which schedules the suspension of three users.
func (w *world) leave() []*v1alpha1.ScheduledUserState {
	w.Helper()
	var objects []*v1alpha1.ScheduledUserState
	for i := range leavers {
		n := i * leaversEach
		objects = append(objects, w.schedule(fmt.Sprintf("leavers-%02d", i), v1alpha1.ScheduledUserStateSpec{
			StartDate: at(nextYear), Users: users(n+1, n+2, n+3),
		}))
	}
	return objects
}

// withheld waits until each object either has its users scheduled or waits for an approval,
// and returns what waits.
func (w *world) withheld() *v1alpha1.WithheldStatus {
	w.Helper()
	var withheld *v1alpha1.WithheldStatus
	w.Eventually(func() int {
		withheld = get(w, &v1alpha1.Organization{}, "acme").Status.Withheld
		harmful := len(w.pending("SUSPENDED", nextYear))
		if withheld != nil {
			for _, object := range withheld.Objects {
				harmful += int(object.Harmful)
			}
		}
		return harmful
	}).Should(Equal(leavers * leaversEach))
	return withheld
}

func withholds(w *world, approve func(w *world, hash string)) {
	objects := w.leave()
	withheld := w.withheld()
	sent := len(w.pending("SUSPENDED", nextYear))
	w.Expect(sent).To(And(BeNumerically("<=", windowRoom), BeNumerically(">", windowRoom-leaversEach)))
	w.Expect(withheld.Objects).To(HaveLen(leavers - sent/leaversEach))
	w.Expect(withheld.Changes).To(Equal(int32(len(withheld.Objects))), "one job each")
	waiting := withheld.Objects[0]
	w.Expect(waiting.Kind).To(Equal("ScheduledUserState"))
	w.Expect(readyMessage(reaches(w, &v1alpha1.ScheduledUserState{ObjectMeta: w.meta(waiting.Name)}, v1alpha1.ApprovalRequiredReason))).To(
		And(ContainSubstring("guard.window"), ContainSubstring(waiting.Hash)))
	w.silent()

	approve(w, withheld.Hash)
	for _, object := range objects {
		reaches(w, object, v1alpha1.ScheduledReason)
	}
	w.Expect(w.pending("SUSPENDED", nextYear)).To(HaveLen(leavers * leaversEach))
	w.Eventually(func() *v1alpha1.WithheldStatus { return get(w, &v1alpha1.Organization{}, "acme").Status.Withheld }).Should(BeNil())
	w.Expect(w.sent("POST", "/bulk/userstates")).To(HaveLen(leavers), "each was sent once")
	counted := get(w, &v1alpha1.Organization{}, "acme").Status.Guard
	total := int32(0)
	for _, bucket := range counted.Harmed {
		total += bucket.Harmful
	}
	w.Expect(total).To(Equal(int32(sent)), "what was approved does not count")

	// The window has no room for one more object, so it waits, and the approval is used up.
	w.schedule("late", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), Users: users(101, 102, 103)})
	reaches(w, &v1alpha1.ScheduledUserState{ObjectMeta: w.meta("late")}, v1alpha1.ApprovalRequiredReason)
}

func approvesByObjectsOnly(w *world) {
	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Approvals = v1alpha1.ApprovalsFromObjects })
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), Users: users(first(60)...)})
	object := reaches(w, key, v1alpha1.ApprovalRequiredReason)
	hash := object.Status.Plan.Hash
	amend(w, key, func(s *v1alpha1.ScheduledUserState) { s.Spec.ApprovedPlan = hash })
	w.Expect(readyMessage(reaches(w, key, v1alpha1.ApprovalRequiredReason))).To(ContainSubstring("PlanApproval"))
	w.Expect(w.pending("SUSPENDED", nextYear)).To(BeEmpty())

	w.create(&v1alpha1.PlanApproval{ObjectMeta: w.meta("leavers"), Spec: v1alpha1.PlanApprovalSpec{
		ObjectRef: v1alpha1.ApprovableReference{Kind: "ScheduledUserState", Name: "leavers"}, Plan: hash,
	}})
	reaches(w, key, v1alpha1.ScheduledReason)
	reaches(w, &v1alpha1.PlanApproval{ObjectMeta: w.meta("leavers")}, v1alpha1.UsedReason)
	w.Expect(w.pending("SUSPENDED", nextYear)).To(HaveLen(60))
}
