package cli

import (
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

func (w *world) anOrganization() *v1alpha1.Organization {
	w.t.Helper()
	organization := &v1alpha1.Organization{ObjectMeta: w.meta("acme"), Spec: v1alpha1.OrganizationSpec{
		Credentials:    &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "jumpcloud"}},
		ProtectedUsers: []v1alpha1.UserReference{{Username: "root.admin"}},
	}}
	organization.Status.Conditions = ready(v1alpha1.SucceededReason, "Connected to Acme.")
	w.create(organization)
	organization.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("Organization"))
	return organization
}

func (w *world) anImport(name string, conditions []metav1.Condition) {
	w.t.Helper()
	object := &v1alpha1.BulkUserImport{ObjectMeta: w.meta(name), Spec: v1alpha1.BulkUserImportSpec{
		OrganizationRef: w.ref(), Users: []v1alpha1.UserRow{{Username: new("ada.byron")}},
	}}
	object.Status.Conditions = conditions
	w.create(object)
}

func TestStatusTellsTheWorstFirst(t *testing.T) {
	w := newWorld(t, "status")
	w.anOrganization()
	w.anImport("a-done", ready(v1alpha1.SucceededReason, "300 users: 300 created"))
	w.anImport("b-limited", waits(v1alpha1.RateLimitedReason, "JumpCloud asked for a pause. The work goes on after it."))
	w.anImport("c-unknown", []metav1.Condition{
		condition(v1alpha1.ReadyCondition, metav1.ConditionUnknown, v1alpha1.SubmissionOutcomeUnknownReason, "Job 2, attempt 3 (create of 500 users) ended without an answer."),
		condition(v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.SubmissionOutcomeUnknownReason,
			"Job 2, attempt 3 (create of 500 users) ended without an answer. Look at JumpCloud whether these users are there, and set the annotation "+
				v1alpha1.ResolveSubmissionAnnotation+` to "2/3=Resubmit" or "2/3=Abandon".`),
	})
	w.anImport("d-failed", stalled(v1alpha1.RowsFailedReason, "300 users: 297 created, 3 failed. The first is row 7 (NotApplied)."))
	w.anImport("e-running", []metav1.Condition{
		condition(v1alpha1.ReadyCondition, metav1.ConditionUnknown, v1alpha1.JobRunningReason, "Job 1 of 2 is running."),
		condition(v1alpha1.ReconcilingCondition, metav1.ConditionTrue, v1alpha1.JobRunningReason, "Job 1 of 2 is running."),
	})
	w.anImport("f-paused", append(ready(v1alpha1.SucceededReason, "1 user: 1 created"),
		condition(v1alpha1.PausedCondition, metav1.ConditionTrue, v1alpha1.PausedReason, "Rows are to be sent, and wait.")))
	w.anImport("g-unseen", nil)
	code, out, errs := w.run("", "status")
	w.Expect(errs).To(BeEmpty())
	w.Expect(code).To(Equal(exitFine))
	w.golden("status", out)
	_, named, _ := w.run("", "status", "organization/acme")
	w.Expect(named).To(Equal(out))
}

func TestStatusOfRejectedCredentials(t *testing.T) {
	w := newWorld(t, "status-rejected")
	organization := w.anOrganization()
	organization.Status.Conditions = stalled(v1alpha1.AuthenticationFailedReason, "JumpCloud rejects the credentials in Secret jumpcloud. Put valid ones there.")
	organization.Status.Withheld = &v1alpha1.WithheldStatus{Hash: waitingHashOf, Changes: 7}
	w.Expect(plane.Client.Status().Update(t.Context(), organization)).To(Succeed())
	w.anImport("hires", waits(v1alpha1.OrganizationNotReadyReason, "Organization acme is not ready: AuthenticationFailed."))
	_, out, _ := w.run("", "status", "acme")
	w.golden("status-rejected", out)
}

// Status says what it does not show: objects that may not be listed, and those of an
// Organization that does not exist.
func TestStatusTellsWhatItDoesNotShow(t *testing.T) {
	w := newWorld(t, "status-notes")
	w.anImport("hires", nil)
	_, out, _ := w.run("", "status")
	w.Expect(out).To(And(ContainSubstring("There is no Organization in namespace status-notes."),
		ContainSubstring("BulkUserImport status-notes/hires refers to Organization status-notes/acme, which does not exist.")))

	w.anOrganization()
	person, err := plane.As("of-one-namespace")
	w.Expect(err).NotTo(HaveOccurred())
	role := w.meta("looks")
	w.Expect(plane.Client.Create(t.Context(), &rbacv1.Role{ObjectMeta: role, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{v1alpha1.GroupVersion.Group}, Resources: []string{"*"}, Verbs: []string{"get", "list"}},
	}})).To(Succeed())
	w.Expect(plane.Client.Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: role, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "of-one-namespace"}},
	})).To(Succeed())
	w.as(person)
	w.Eventually(func() string { _, out, _ := w.run("", "status"); return out }).WithTimeout(demoTimeout).Should(And(
		MatchRegexp(`(?m)^  UNSEEN +BulkUserImport status-notes/hires$`), ContainSubstring("Only objects in namespace status-notes are shown")))
}
