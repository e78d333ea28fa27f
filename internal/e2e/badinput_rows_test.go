package e2e

import (
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// badRows are rows that conflict with the live directory. The other rows are sent.
var badRows = map[string]func(*badWorld){
	"A username that differs only by case": func(w *badWorld) {
		w.hires(v1alpha1.BulkUserImportSpec{}, "username,email", "User000001,somebody@example.org", "fresh,fresh@example.org")
		w.fails()
		w.Expect(w.org.CountUsers()).To(Equal(61))
	},
	"An email that another user has": func(w *badWorld) {
		w.hires(v1alpha1.BulkUserImportSpec{}, "username,email", "renamed,user000001@example.org", "fresh,fresh@example.org")
		w.fails()
		w.Expect(w.org.UserByUsername("user000001")).NotTo(BeNil())
		w.Expect(w.org.CountUsers()).To(Equal(61))
	},
	"A suspended user who would be activated": func(w *badWorld) {
		gone := w.org.AddUser(jumpcloudtest.User{"username": "gone", "email": "gone@example.org", "state": "SUSPENDED"})
		w.hires(v1alpha1.BulkUserImportSpec{StateOnUpdate: v1alpha1.StateOnUpdateApply}, "username,email,state", "gone,gone@example.org,Activated")
		w.fails()
		w.Expect(w.org.User(gone)).To(HaveKeyWithValue("state", "SUSPENDED"))
		w.Expect(w.mutations()).To(BeZero())
	},
	"An administrator who would be changed": func(w *badWorld) {
		boss := w.org.AddUser(jumpcloudtest.User{"username": "boss", "email": "boss@example.org", "admin": map[string]any{"id": "5f00d5f00d5f00d5f00d5f00"}})
		w.hires(v1alpha1.BulkUserImportSpec{}, "username,email,department", "boss,boss@example.org,Sales")
		w.fails()
		w.Expect(w.org.User(boss)).NotTo(HaveKey("department"))
		w.Expect(w.mutations()).To(BeZero())
	},
	"Operation Update of a user who does not exist": func(w *badWorld) {
		w.hires(v1alpha1.BulkUserImportSpec{Operation: v1alpha1.OperationUpdate}, "username,department", "nobody,Sales")
		w.fails()
		w.Expect(w.mutations()).To(BeZero())
	},
	"A manager who does not exist": func(w *badWorld) {
		w.hires(v1alpha1.BulkUserImportSpec{}, "username,email,manager", "fresh,fresh@example.org,nobody")
		w.told()
		w.Expect(w.org.UserByUsername("fresh")).NotTo(HaveKey("manager"))
	},
	"A manager who does not exist, with onUnknownManager: Invalid": func(w *badWorld) {
		w.hires(v1alpha1.BulkUserImportSpec{OnUnknownManager: v1alpha1.OnUnknownManagerInvalid}, "username,email,manager", "fresh,fresh@example.org,nobody")
		w.refused()
	},
	"Sudo from another namespace than the Organization's": func(w *badWorld) {
		w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.AllowedNamespaces.From = v1alpha1.NamespacesFromAll })
		home := w.namespace
		w.namespace = plane.Namespace(w.TB)
		w.create(&v1alpha1.BulkUserImport{ObjectMeta: w.meta("hires"), Spec: v1alpha1.BulkUserImportSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Name: "acme", Namespace: home},
			UsersFrom:       []v1alpha1.RowsSource{w.csv("hires", "username,email,sudo", "fresh,fresh@example.org,true")},
		}})
		w.names = []string{home, "identity", w.namespace, "people"}
		w.fails()
		w.Expect(w.mutations()).To(BeZero())
	},
	"An invalid row among valid ones, with onInvalidRow: Skip": func(w *badWorld) {
		w.hires(v1alpha1.BulkUserImportSpec{OnInvalidRow: v1alpha1.OnInvalidRowSkip}, "username,email", "fresh,fresh@example.org", "ada,ada at example.org")
		w.fails()
		w.Expect(w.org.CountUsers()).To(Equal(61))
	},
	"A user who is deleted between plan and job": func(w *badWorld) {
		held := w.sim.Hold(jumpcloudtest.Match{Method: "PATCH", Path: bulkUsers}, jumpcloudtest.BeforeEffect)
		w.hires(v1alpha1.BulkUserImportSpec{}, "username,email,department", "user000001,user000001@example.org,Sales", "user000002,user000002@example.org,Sales")
		w.Eventually(held.Arrived()).Should(Receive())
		w.org.DeleteUser(w.org.UserByUsername("user000001")["_id"].(string))
		held.Release()
		w.fails()
		w.Expect(w.org.UserByUsername("user000002")).To(HaveKeyWithValue("department", "Sales"))
		w.once()
	},
	"A row that JumpCloud does not like": func(w *badWorld) {
		w.org.ScriptRows(jumpcloudtest.RowFault{Username: "new00002", StatusMsg: "Password does not meet the policy"})
		w.hires(v1alpha1.BulkUserImportSpec{}, people(3)...)
		w.fails()
		w.Expect(w.org.CountUsers()).To(Equal(62))
	},
	"A row that JumpCloud does not like, and does not say why": func(w *badWorld) {
		w.org.Configure(func(b *jumpcloudtest.Behavior) { b.FailedWord = "rejected" })
		w.org.ScriptRows(jumpcloudtest.RowFault{Username: "new00002", StatusMsg: " "})
		w.hires(v1alpha1.BulkUserImportSpec{}, people(3)...)
		w.fails()
	},
	"A user that JumpCloud reports as created, and who is not there": func(w *badWorld) {
		w.org.Configure(func(b *jumpcloudtest.Behavior) { b.LostUsers = true })
		w.hires(v1alpha1.BulkUserImportSpec{}, people(1)...)
		w.fails()
		w.once()
	},
}
