package organization_test

import (
	"context"
	"testing"

	. "github.com/onsi/gomega"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// Hashes of plans, in the form that the API server accepts.
const (
	firstPlan  = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	secondPlan = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
)

// plan writes a plan into the status, as an engine does.
func (w *world) plan(name, hash string, grant v1alpha1.Grant) {
	w.Helper()
	w.Eventually(func() error {
		object := w.getMember(name)
		object.Status.Plan = &v1alpha1.PlanStatus{Hash: hash, Withheld: 2, Harmful: 2, Grant: grant}
		return plane.Client.Status().Update(w.Context(), object)
	}).Should(Succeed())
}

// withheld waits until exactly these objects are withheld, and returns the hash.
func (w *world) withheld(names ...string) (hash string) {
	w.Helper()
	w.Eventually(func(g Gomega) {
		var found []string
		if status := w.get().Status.Withheld; status != nil {
			hash = status.Hash
			for i := range status.Objects {
				found = append(found, status.Objects[i].Name)
			}
		}
		g.Expect(found).To(Equal(names))
	}).Should(Succeed())
	return hash
}

// released waits until the hash is released; "": nothing is. done: the approval was used up.
func (w *world) released(hash string, done bool) {
	w.Helper()
	w.Eventually(func(g Gomega) {
		released := w.get().Status.Released
		if hash == "" {
			g.Expect(released).To(BeNil())
			return
		}
		g.Expect(released).NotTo(BeNil())
		g.Expect(released.Hash).To(Equal(hash))
		if done {
			g.Expect(released.Plans).To(BeEmpty())
		} else {
			g.Expect(released.Plans).NotTo(BeEmpty())
		}
	}).Should(Succeed())
}

// approve creates a PlanApproval.
func (w *world) approve(name string, kind v1alpha1.ApprovableKind, object, plan string) *v1alpha1.PlanApproval {
	w.Helper()
	p := &v1alpha1.PlanApproval{ObjectMeta: w.meta(name), Spec: v1alpha1.PlanApprovalSpec{
		ObjectRef: v1alpha1.ApprovableReference{Kind: kind, Name: object}, Plan: plan,
	}}
	w.create(p)
	return p
}

// awaitApproval waits until the PlanApproval's Ready has the reason.
func (w *world) awaitApproval(name, reason string) *v1alpha1.PlanApproval {
	w.Helper()
	p := &v1alpha1.PlanApproval{}
	w.Eventually(func(g Gomega) {
		g.Expect(plane.Client.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, p)).To(Succeed())
		ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ReadyCondition)
		g.Expect(ready).NotTo(BeNil())
		g.Expect(ready.Reason).To(Equal(reason), ready.Message)
	}).Should(Succeed())
	return p
}

var (
	byWindow = v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByWindow}
	granted  = v1alpha1.Grant{ApprovedHash: firstPlan}
	carried  = v1alpha1.Grant{DoneHash: firstPlan}
)

func newWorldWithMembers(t *testing.T, names ...string) *world {
	t.Helper()
	w := newWorld(t, 0)
	w.operate()
	w.secret(map[string]string{"api-key": apiKey})
	w.organization()
	w.await(v1alpha1.SucceededReason)
	for _, name := range names {
		w.memberOf(name)
		w.awaitMember(name, v1alpha1.UpToDateReason)
	}
	return w
}

// The Organization shows what waits of all objects, and spec.approvedPlan releases exactly
// that, once.
func TestAnOrganizationReleasesWhatWaits(t *testing.T) {
	w := newWorldWithMembers(t, "hires", "joiners", "idle")
	checks, passes := w.checks(), w.member.count()
	w.plan("hires", firstPlan, byWindow)
	w.plan("joiners", firstPlan, v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByGuard})
	w.plan("idle", firstPlan, v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByMode})
	hash := w.withheld("hires", "joiners")
	w.Expect(w.get().Status.Withheld.Changes).To(Equal(int32(4)))
	w.Expect(w.checks()).To(Equal(checks), "JumpCloud is not asked for that")
	w.Expect(w.member.count()).To(Equal(passes), "nor do objects wake")

	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.ApprovedPlan = hash })
	w.released(hash, false)
	w.withheld()
	w.plan("hires", firstPlan, granted)
	w.plan("hires", "", carried)
	w.plan("joiners", secondPlan, byWindow)
	w.withheld("joiners")
	w.released(hash, true)
}

// Room in the window that another object gives back wakes the objects that wait for it, even
// if it is counted in another Organization of the same organization.
func TestRoomWakesWhoWaitsForIt(t *testing.T) {
	w := newWorldWithMembers(t, "hires", "idle")
	w.organization(func(o *v1alpha1.Organization) { o.Name = "second" })
	w.Eventually(func(g Gomega) {
		for _, name := range []string{"acme", "second"} {
			o := &v1alpha1.Organization{}
			g.Expect(plane.Client.Get(t.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, o)).To(Succeed())
			g.Expect(o.Status.OrganizationID).NotTo(BeEmpty())
		}
	}).Should(Succeed())
	w.count("second", 5)
	w.member.set(func(_ context.Context, pass *lifecycle.Pass[*v1alpha1.BulkUserImport]) error {
		if plan := pass.Object.Status.Plan; plan != nil && plan.WithheldBy == v1alpha1.WithheldByWindow {
			return lifecycle.Stop(lifecycle.Stalled(v1alpha1.ApprovalRequiredReason, "waits"))
		}
		return nil
	})
	w.plan("hires", firstPlan, byWindow) // a write that is not the operator's wakes the object
	w.Eventually(func() bool {
		return apimeta.IsStatusConditionTrue(w.getMember("hires").Status.Conditions, v1alpha1.StalledCondition)
	}).Should(BeTrue())
	w.withheld("hires")
	passes := w.member.count()
	w.count("second", 6)
	w.Consistently(w.member.count).Should(Equal(passes), "what is counted wakes no one")
	w.count("second", 4)
	w.Eventually(w.member.count).Should(Equal(passes+1), "what is given back wakes who waits, and no one else")
	w.Consistently(w.member.count).Should(Equal(passes + 1))
}

// count sets the harm that an Organization counts.
func (w *world) count(name string, harmful int32) {
	w.Helper()
	w.Eventually(func(g Gomega) {
		o := &v1alpha1.Organization{}
		g.Expect(plane.Client.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, o)).To(Succeed())
		o.Status.Guard = &v1alpha1.GuardStatus{Harmed: []v1alpha1.HarmBucket{{Hour: metav1.Now().Rfc3339Copy(), Harmful: harmful}}}
		g.Expect(plane.Client.Status().Update(w.Context(), o)).To(Succeed())
	}).Should(Succeed())
}

// A PlanApproval releases, too. Deleting it withdraws the release; when that is done, it is
// used.
func TestAPlanApprovalForAnOrganization(t *testing.T) {
	w := newWorldWithMembers(t, "hires", "idle")
	w.plan("hires", firstPlan, byWindow)
	hash := w.withheld("hires")
	checks, passes := w.checks(), w.member.count()

	p := w.approve("first", "Organization", "acme", hash)
	w.released(hash, false)
	w.awaitApproval("first", v1alpha1.GrantedReason)
	w.Eventually(w.member.count).Should(Equal(passes+1), "what was released wakes, and nothing else")
	w.Expect(plane.Client.Delete(t.Context(), p)).To(Succeed())
	w.released("", false)
	w.withheld("hires")
	w.Eventually(w.member.count).Should(Equal(passes + 2))

	w.approve("second", "Organization", "acme", hash)
	w.released(hash, false)
	w.plan("hires", firstPlan, granted)
	w.plan("hires", "", carried)
	w.awaitApproval("second", v1alpha1.UsedReason)
	w.released("", false)
	w.withheld()
	w.Expect(w.checks()).To(Equal(checks), "JumpCloud is not asked for any of that")
}

// A PlanApproval wakes its object when it is created and when it is deleted, and follows the
// object's plan.
func TestAPlanApprovalForAnObject(t *testing.T) {
	w := newWorldWithMembers(t, "hires")
	w.plan("hires", firstPlan, v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByMode})
	passes := w.member.count()
	p := w.approve("mine", "BulkUserImport", "hires", firstPlan)
	w.Eventually(w.member.count).Should(Equal(passes + 1))
	owners := w.awaitApproval("mine", v1alpha1.GrantedReason).OwnerReferences
	w.Expect(owners).To(ConsistOf(HaveField("UID", w.getMember("hires").UID)))
	w.plan("hires", secondPlan, v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByMode})
	w.awaitApproval("mine", v1alpha1.PlanChangedReason)
	w.plan("hires", firstPlan, granted)
	w.awaitApproval("mine", v1alpha1.GrantedReason)
	w.Expect(plane.Client.Delete(t.Context(), p)).To(Succeed())
	w.Eventually(w.member.count).Should(Equal(passes + 2))

	w.approve("again", "BulkUserImport", "hires", firstPlan)
	w.plan("hires", "", carried)
	w.awaitApproval("again", v1alpha1.UsedReason)
	w.approve("more", "BulkUserImport", "hires", firstPlan)
	w.awaitApproval("more", v1alpha1.UsedReason)
}

// Of several PlanApprovals for one plan, the oldest is in force, even if they are of the same
// second, and another one when that is deleted.
func TestTwoPlanApprovals(t *testing.T) {
	w := newWorldWithMembers(t, "hires")
	w.plan("hires", firstPlan, v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByMode})
	w.approve("one", "BulkUserImport", "hires", firstPlan)
	w.awaitApproval("one", v1alpha1.GrantedReason)
	others := []string{"two", "three", "four", "five", "six", "seven"}
	for _, name := range others { // mostly of the same second: any of them may come first
		w.approve(name, "BulkUserImport", "hires", firstPlan)
	}
	first := w.oneInForce(1 + len(others))
	w.Expect(plane.Client.Delete(t.Context(), &v1alpha1.PlanApproval{ObjectMeta: w.meta(first)})).To(Succeed())
	w.Expect(w.oneInForce(len(others))).NotTo(Equal(first))
}

// oneInForce waits until one of this many PlanApprovals is in force and all others report
// that, and returns its name.
func (w *world) oneInForce(of int) (name string) {
	w.Helper()
	w.Eventually(func(g Gomega) {
		var list v1alpha1.PlanApprovalList
		g.Expect(plane.Client.List(w.Context(), &list, client.InNamespace(w.namespace))).To(Succeed())
		reasons := map[string][]string{}
		for i := range list.Items {
			if ready := apimeta.FindStatusCondition(list.Items[i].Status.Conditions, v1alpha1.ReadyCondition); ready != nil {
				reasons[ready.Reason] = append(reasons[ready.Reason], list.Items[i].Name)
			}
		}
		g.Expect(reasons[v1alpha1.GrantedReason]).To(HaveLen(1))
		g.Expect(reasons[v1alpha1.RemoteConflictReason]).To(HaveLen(of - 1))
		name = reasons[v1alpha1.GrantedReason][0]
	}).Should(Succeed())
	return name
}
