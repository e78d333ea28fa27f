package cli

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// plannedWithValues creates two objects with stored plans, against an organization in which
// the creation of grace is no longer planned.
func plannedWithValues(w *world) (sim *jumpcloudtest.Server, flags []string) {
	w.t.Helper()
	sim, org, url := shop(w.t)
	org.AddUser(jumpcloudtest.User{"username": "rosa", "email": "rosa@example.org", "department": "Looms", "jobTitle": "Weaver"})
	w.anOrganization()
	w.Expect(plane.Client.Create(w.t.Context(), &corev1.ConfigMap{ObjectMeta: w.meta("people"), Data: map[string]string{
		"users.csv": "username,email,department\nrosa,rosa@example.org,Engines\nlinus,linus@example.org,Kernels\n",
	}})).To(Succeed())
	hires := &v1alpha1.BulkUserImport{ObjectMeta: w.meta("hires"), Spec: v1alpha1.BulkUserImportSpec{
		OrganizationRef: w.ref(), Mode: v1alpha1.ModePlan,
		UsersFrom: []v1alpha1.RowsSource{{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: "people", Key: "users.csv"}}},
		Users:     []v1alpha1.UserRow{{Username: new("barbara"), Email: new("barbara@example.org"), PasswordSecretRef: &v1alpha1.KeyReference{Name: "none", Key: "none"}}},
	}}
	hires.Status.Conditions = ready(v1alpha1.PlannedReason, "3 to create, 1 to update.")
	hires.Status.Plan = &v1alpha1.PlanStatus{Hash: waitingHashOf, Total: 4, Create: 3, Update: 1}
	w.create(hires)
	w.entries(hires, true, []ledger.Entry{
		{Row: 1, Username: "barbara", Email: "barbara@example.org", Action: ledger.ActionCreate},
		{Row: 2, Username: "rosa", Email: "rosa@example.org", Action: ledger.ActionUpdate, Message: "changes department"},
		{Row: 3, Username: "linus", Email: "linus@example.org", Action: ledger.ActionCreate},
		{Row: 4, Username: "grace", Email: "grace@example.org", Action: ledger.ActionCreate},
	})
	rosa := &v1alpha1.User{ObjectMeta: w.meta("rosa"), Spec: v1alpha1.UserSpec{OrganizationRef: w.ref()}}
	rosa.Spec.Username, rosa.Spec.Email, rosa.Spec.JobTitle = new("rosa"), new("rosa@example.org"), new("Engineer")
	rosa.Status.Conditions = ready(v1alpha1.PlannedReason, "1 change.")
	rosa.Status.Plan = &v1alpha1.ChangePlan{Hash: waitingHashOf, Total: 1, Changes: []v1alpha1.PlannedChange{
		{Action: v1alpha1.ChangeUpdate, Subject: "rosa", Fields: []string{"jobTitle"}},
	}}
	w.create(rosa)
	return sim, []string{"--show-values", "--endpoint", url, "--api-key-file", keyFile(w.t, "key"), "--requests-per-second", "1000"}
}

// A field whose value is unknown is named nevertheless.
func TestFieldsWithoutValuesAreNamed(t *testing.T) {
	g := NewWithT(t)
	change := plannedChange{Action: "Update", Subject: "ada", Details: "changes department, manager; was sent before"}
	g.Expect(change.show(map[string][]lifecycle.Value{"ada": {
		{Field: "department", Old: "a", New: "b"}, {Field: "credentials", Old: "old", New: "new"}, {Field: "company", Old: "c", New: "d"},
	}})).To(BeZero())
	g.Expect(change.told()).To(Equal(`department: "a" -> "b", manager; was sent before`))
	connection := plannedChange{Action: "Update", Subject: "workday", Details: "credentials"}
	connection.show(map[string][]lifecycle.Value{"workday": {{Field: "credentials", Old: "uid/1", New: "uid/2"}}})
	g.Expect(connection.told()).To(Equal("credentials"))
}

// Values are read live, for the changes that are shown; changes that are no longer planned
// have none.
func TestPlanShowsValues(t *testing.T) {
	w := newWorld(t, "values")
	sim, flags := plannedWithValues(w)
	code, out, errs := w.run("", append([]string{"plan", "jcimport/hires"}, flags...)...)
	w.Expect(code).To(Equal(exitDifferences), errs)
	w.Expect(out).To(MatchRegexp(`(?m)^Update +rosa +department: "Looms" -> "Engines"$`))
	w.Expect(out).To(MatchRegexp(`(?m)^Create +linus +username: "" -> "linus", email: "" -> "linus@example\.org",`))
	w.Expect(out).To(MatchRegexp(`(?m)^Create +grace$`))
	w.Expect(errs).To(HavePrefix("1 change is no longer planned as shown"))
	w.fits(out)

	_, asJSON, _ := w.run("", append([]string{"plan", "jcuser/rosa", "-o", "json"}, flags...)...)
	w.Expect(strings.Join(strings.Fields(asJSON), " ")).To(ContainSubstring(`"values": [ { "field": "jobTitle", "old": "Weaver", "new": "Engineer" } ]`))
	_, asCSV, _ := w.run("", append([]string{"plan", "jcuser/rosa", "-o", "csv"}, flags...)...)
	w.Expect(asCSV).To(ContainSubstring(`"jobTitle: ""Weaver"" -> ""Engineer"""`))

	_, without, _ := w.run("", "plan", "jcuser/rosa", "-o", "json")
	w.Expect(without).NotTo(Or(ContainSubstring(`"values":`), ContainSubstring("Weaver")))
	w.Expect(sim.MutatingRequests()).To(BeEmpty())
}

func TestValuesNeedTheKeyOfTheOrganization(t *testing.T) {
	w := newWorld(t, "values-key")
	_, flags := plannedWithValues(w)
	code, _, errs := w.run("", "plan", "jcuser/rosa", "--show-values")
	w.Expect(code).To(Equal(exitUsage))
	w.Expect(errs).To(ContainSubstring("--api-key-file is required"))
	code, _, errs = w.run("", "plan", "jcuser/rosa", "--api-key-file", "x")
	w.Expect(code).To(Equal(exitUsage))
	w.Expect(errs).To(ContainSubstring("can only be used with --show-values"))
	code, out, errs := w.run("", append([]string{"plan", "jcuser/rosa"}, append(flags, "--api-key-file", keyFile(t, "wrong-secret"))...)...)
	w.Expect(code).To(Equal(exitFailed))
	w.Expect(out).To(BeEmpty())
	w.Expect(errs).To(And(ContainSubstring("does not accept the API key"), Not(ContainSubstring("wrong-secret"))))
	organization := &v1alpha1.Organization{}
	w.Expect(plane.Client.Get(t.Context(), client.ObjectKey{Namespace: w.namespace, Name: "acme"}, organization)).To(Succeed())
	organization.Status.OrganizationID = strings.Repeat("a", 24)
	w.Expect(plane.Client.Status().Update(t.Context(), organization)).To(Succeed())
	_, _, errs = w.run("", append([]string{"plan", "jcuser/rosa"}, flags...)...)
	w.Expect(errs).To(ContainSubstring("are for organization " + organization.Status.OrganizationID))
}
