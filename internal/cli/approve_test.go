package cli

import (
	"bytes"
	"io"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/organization/withheld"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

func (w *world) planApprovals() []v1alpha1.PlanApproval {
	w.t.Helper()
	var list v1alpha1.PlanApprovalList
	w.Expect(plane.Client.List(w.t.Context(), &list, client.InNamespace(w.namespace))).To(Succeed())
	return list.Items
}

func TestApprove(t *testing.T) {
	w := newWorld(t, "approve")
	object := w.anImportThatWaits()
	for answer, says := range map[string]string{"": "there was no answer", "no\n": "not yes", "y\n": "not yes"} {
		code, out, errs := w.run(answer, "approve", "jcimport/hires")
		w.Expect(code).To(Equal(exitFailed), answer)
		w.Expect(out).To(ContainSubstring("charles.babbage"), answer)
		w.Expect(errs).To(And(ContainSubstring("nothing was approved"), ContainSubstring(says)), answer)
	}
	w.Expect(w.planApprovals()).To(BeEmpty())

	code, out, errs := w.run("yes\n", "approve", "jcimport/hires", "--reason", "CHG-1234")
	w.Expect(errs).To(BeEmpty())
	w.Expect(code).To(Equal(exitFine))
	w.golden("approve", out)
	made := w.planApprovals()
	w.Expect(made).To(HaveLen(1))
	w.Expect(made[0].Spec).To(Equal(v1alpha1.PlanApprovalSpec{
		ObjectRef: v1alpha1.ApprovableReference{Kind: "BulkUserImport", Name: "hires"}, Plan: waitingHashOf, Reason: "CHG-1234",
	}))
	w.Expect(approval.Counts(&made[0], object.UID)).To(BeTrue())
	w.Expect(approval.Counts(&made[0], "another")).To(BeFalse(), "it counts for no other object of that name")

	code, out, _ = w.run("", "approve", "jcimport/hires", "--yes", "--hash", waitingHashOf)
	w.Expect(code).To(Equal(exitFine))
	w.Expect(out).To(ContainSubstring("already approves this plan"))
	w.Expect(w.planApprovals()).To(HaveLen(1))
}

// answer answers yes, after running before.
type answer struct {
	io.Reader
	before func()
}

func (a *answer) Read(p []byte) (int, error) {
	if a.before != nil {
		a.before()
		a.before = nil
	}
	return a.Reader.Read(p)
}

func TestAPlanThatMovesIsNotApproved(t *testing.T) {
	w := newWorld(t, "approve-moves")
	object := w.anImportThatWaits()
	var out bytes.Buffer
	code, errs := w.runWith(&answer{strings.NewReader("yes\n"), func() {
		object.Status.Plan.Hash = "sha256:" + strings.Repeat("2", 64)
		w.Expect(plane.Client.Status().Update(t.Context(), object)).To(Succeed())
	}}, &out, "approve", "jcimport/hires")
	w.Expect(code).To(Equal(exitFailed))
	w.Expect(errs).To(And(ContainSubstring("nothing was approved"), ContainSubstring("changed since it was shown")))

	code, _, errs = w.run("", "approve", "jcimport/hires", "--yes", "--hash", waitingHashOf)
	w.Expect(code).To(Equal(exitFailed))
	w.Expect(errs).To(And(ContainSubstring("nothing was approved"), ContainSubstring(object.Status.Plan.Hash)))
	w.Expect(w.planApprovals()).To(BeEmpty())
}

func TestAnApprovalToCommit(t *testing.T) {
	w := newWorld(t, "approve-yaml")
	w.anImportThatWaits()
	code, out, errs := w.run("", "approve", "jcimport/hires", "-o", "yaml")
	w.Expect(code).To(Equal(exitFine))
	w.Expect(errs).To(ContainSubstring("charles.babbage"), "the plan is shown beside it")
	var p v1alpha1.PlanApproval
	w.Expect(yaml.UnmarshalStrict([]byte(out), &p)).To(Succeed())
	w.Expect(p.Spec.Plan).To(Equal(waitingHashOf))
	w.Expect(p.OwnerReferences).To(BeEmpty())
	w.Expect(w.planApprovals()).To(BeEmpty())
	w.Expect(plane.Client.Create(t.Context(), &p)).To(Succeed(), "it can be applied as it is")
}

func TestNothingToApprove(t *testing.T) {
	w := newWorld(t, "approve-nothing")
	group := &v1alpha1.UserGroup{ObjectMeta: w.meta("engineers"), Spec: v1alpha1.UserGroupSpec{OrganizationRef: w.ref()}}
	group.Status.Conditions = ready(v1alpha1.UpToDateReason, "3 members.")
	w.create(group)
	code, _, errs := w.run("yes\n", "approve", "jcgroup/engineers")
	w.Expect(code).To(Equal(exitFailed))
	w.Expect(errs).To(And(ContainSubstring("waits for an approval"), ContainSubstring("UpToDate")))
	code, out, _ := w.run("", "plan", "jcgroup/engineers")
	w.Expect(code).To(Equal(exitFine))
	w.Expect(out).To(ContainSubstring("nothing to change"))
}

// An approval of an Organization covers exactly the plans that were shown.
func TestApproveWhatAnOrganizationWithholds(t *testing.T) {
	w := newWorld(t, "approve-organization")
	organization := w.anOrganization()
	group := &v1alpha1.UserGroup{ObjectMeta: w.meta("engineers"), Spec: v1alpha1.UserGroupSpec{OrganizationRef: w.ref()}}
	group.Status.Conditions = stalled(v1alpha1.ApprovalRequiredReason, "1 change waits.")
	group.Status.Plan = &v1alpha1.ChangePlan{
		Hash: waitingHashOf, Total: 1, Harmful: 1, Withheld: 1, Grant: v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByWindow},
		Changes: []v1alpha1.PlannedChange{{Action: v1alpha1.ChangeRemoveMember, Subject: "ada.byron", Harmful: true, Withheld: true}},
	}
	w.create(group)
	organization.Status.Withheld, _ = withheld.Decide(organization.UID, []withheld.Waiting{{
		Kind: "UserGroup", Namespace: w.namespace, Name: "engineers", UID: group.UID, Plan: approval.PlanOf(group),
	}}, withheld.Approvals{}, nil)
	w.Expect(plane.Client.Status().Update(t.Context(), organization)).To(Succeed())

	code, out, errs := w.run("yes\n", "approve", "jcorg/acme")
	w.Expect(errs).To(BeEmpty())
	w.Expect(code).To(Equal(exitFine))
	w.Expect(out).To(And(ContainSubstring("RemoveMember"), ContainSubstring("ada.byron"), ContainSubstring(organization.Status.Withheld.Hash)))
	made := w.planApprovals()
	w.Expect(made).To(HaveLen(1))
	w.Expect(made[0].Spec.Plan).To(Equal(organization.Status.Withheld.Hash))
	w.Expect(plane.Client.Delete(t.Context(), &made[0])).To(Succeed())

	group.Status.Plan.Changes[0].Subject, group.Status.Plan.Hash = "mary", "sha256:"+strings.Repeat("3", 64)
	w.Expect(plane.Client.Status().Update(t.Context(), group)).To(Succeed())
	code, _, errs = w.run("yes\n", "approve", "jcorg/acme")
	w.Expect(code).To(Equal(exitFailed))
	w.Expect(errs).To(ContainSubstring("are changing at the moment"))
	w.Expect(w.planApprovals()).To(BeEmpty())
}
