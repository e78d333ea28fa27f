package cli

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// reader returns the configuration of someone who may read the operator's objects and
// ConfigMaps.
func (w *world) reader() *rest.Config {
	w.t.Helper()
	name := w.namespace + "-reader"
	person, err := plane.As(name)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(plane.Client.Create(w.t.Context(), &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{v1alpha1.GroupVersion.Group}, Resources: []string{"*"}, Verbs: []string{"get", "list"}},
		{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"get"}},
	}})).To(Succeed())
	w.Expect(plane.Client.Create(w.t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}},
	})).To(Succeed())
	w.Eventually(func() error {
		_, err := plane.Kubectl(w.t.Context(), "auth", "can-i", "list", "users.jumpcloud-operator.io", "--all-namespaces", "--as="+name)
		return err
	}).WithTimeout(demoTimeout).Should(Succeed())
	return person
}

// Of Secrets, only those of usersFrom are read, and only for values: everything else works
// without the permission, and what needs it says so. The passwords in them are not shown. A
// reader cannot approve.
func TestAReaderNeedsNoMoreThanToLook(t *testing.T) {
	w := newWorld(t, "secrets")
	_, org, url := shop(t)
	w.connected(org.ID())
	w.Expect(plane.Client.Create(t.Context(), &corev1.Secret{ObjectMeta: w.meta("people"), StringData: map[string]string{
		"users.csv": "username,email,department,password\nada.byron,ada.byron@example.org,Engines,hunter2-is-secret\n",
	}})).To(Succeed())
	hires := &v1alpha1.BulkUserImport{ObjectMeta: w.meta("hires"), Spec: v1alpha1.BulkUserImportSpec{
		OrganizationRef: w.ref(), Mode: v1alpha1.ModeApplyAfterApproval,
		UsersFrom: []v1alpha1.RowsSource{{SecretKeyRef: &v1alpha1.KeyReference{Name: "people", Key: "users.csv"}}},
	}}
	hires.Status.Conditions = stalled(v1alpha1.ApprovalRequiredReason, "The plan waits for an approval.")
	hires.Status.Plan = &v1alpha1.PlanStatus{Hash: waitingHashOf, Total: 1, Create: 1, Withheld: 1, Grant: v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByMode}}
	w.create(hires)
	w.entries(hires, true, []ledger.Entry{{Row: 1, Username: "ada.byron", Email: "ada.byron@example.org", Action: ledger.ActionCreate}})

	values := append(strings.Fields("plan jcimport/hires --show-values --api-key-file"), keyFile(t, "key"), "--endpoint", url)
	for _, format := range []string{"", "json", "yaml", "csv"} {
		code, out, errs := w.run("", append(values, "-o", format)...)
		w.Expect(code).To(Equal(exitDifferences), errs)
		w.Expect(out).To(And(ContainSubstring("Engines"), Not(ContainSubstring("hunter2"))), format)
		w.Expect(errs).To(BeEmpty())
	}

	w.as(w.reader())
	for name, args := range talksToACluster {
		_, _, errs := w.run("no\n", args...)
		w.Expect(errs).NotTo(ContainSubstring("cannot"), name)
	}
	code, out, errs := w.run("", values...)
	w.Expect(code).To(Equal(exitFailed))
	w.Expect(out).To(BeEmpty())
	w.Expect(errs).To(And(ContainSubstring(`cannot get resource "secrets"`), Not(ContainSubstring("ClusterRole"))))

	code, _, errs = w.run("yes\n", "approve", "jcimport/hires")
	w.Expect(code).To(Equal(exitFailed))
	w.Expect(errs).To(And(ContainSubstring("nothing was approved"), ContainSubstring(`cannot create resource "planapprovals"`), ContainSubstring("jumpcloud-approver")))
	w.Expect(w.planApprovals()).To(BeEmpty())
}
