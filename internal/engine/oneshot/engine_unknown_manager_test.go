package oneshot_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// chained is a file whose first manager is unknown. All other users report to the first user,
// directly or indirectly.
var chained = []string{
	"username,email,manager", "top,top@example.org,nobody", "lead,lead@example.org,top", "ada,ada@example.org,lead", "chas,chas@example.org,lead",
}

// An unknown manager is left out, and only the row that names the manager says so: all users
// are created, and all others have a manager.
func TestAnUnknownManagerFailsNobody(t *testing.T) {
	for name, restart := range map[string]bool{"": false, "restart": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, chained)
				if restart {
					w.Until(w.sent(1))
					w.Restart()
				}
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.outcomes()).To(And(HaveLen(4), HaveEach(ledger.OutcomeCreated)))
				w.Expect(w.value("top", "manager")).To(BeEmpty())
				w.Expect(w.value("lead", "manager")).To(Equal(w.id("top")))
				w.Expect(w.value("chas", "manager")).To(Equal(w.id("lead")))
				w.Expect(w.entries()["top"].Reason).To(Equal("ManagerNotFound"))
				w.Expect(w.entries()["top"].Message).NotTo(ContainSubstring("nobody"), "a cell of the file")
				w.Expect(w.entries()["lead"].Reason).To(BeEmpty())
				w.Expect(w.Get().Status.Failures).To(BeEmpty())
				w.Expect(w.Message()).To(ContainSubstring("4 users: 4 created. The manager of 1 user was not found"))
				before := w.Get().ResourceVersion
				w.resyncs()
				w.Expect(w.Get().ResourceVersion).To(Equal(before))
			})
		})
	}
}

// A later run that finds the manager sets it, whatever the operation. With Create, it changes
// nothing else of the user.
func TestAManagerWhoAppearsIsSet(t *testing.T) {
	for _, operation := range []v1alpha1.Operation{v1alpha1.OperationUpsert, v1alpha1.OperationCreate} {
		for name, restart := range map[string]bool{"": false, ", restart": true} {
			t.Run(string(operation)+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, chained, func(o *v1alpha1.BulkUserImport) { o.Spec.Operation = operation })
					w.rest()
					w.Request()
					w.rest()
					w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1), "nothing can be done yet")
					w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.Defaults = &v1alpha1.UserAttributes{Company: new("Acme")} })
					w.rest()
					w.Expect(w.entries()["top"].Reason).To(Equal("ManagerNotFound"), "another run still knows")

					w.Org.AddUser(jumpcloudtest.User{"username": "nobody", "email": "nobody@example.org"})
					w.Org.UpdateUser(w.id("top"), jumpcloudtest.User{"department": "Sales"})
					jobs := len(w.Org.Jobs())
					w.Request()
					if restart {
						w.Until(w.sent(jobs + 1))
						w.Restart()
					}
					w.rest()
					w.ExpectReady("True/Succeeded")
					w.Expect(w.value("top", "manager")).To(Equal(w.id("nobody")))
					w.Expect(w.value("top", "department")).To(Equal("Sales"))
					w.Expect(w.Org.Jobs()).To(HaveLen(jobs + 1))
					w.Expect(w.entries()["top"].Outcome).To(Equal(ledger.OutcomeUpdated))
					w.Expect(w.entries()["top"].Reason).To(BeEmpty())
					w.Expect(w.Get().Status.Summary.ManagersNotFound).To(BeZero())
				})
			})
		}
	}
}

// Results that anybody may have written do not make an import complete an existing user.
func TestEditedResultsCompleteNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []string{"username,email,manager", member(1) + "," + member(1) + "@example.org,lead", "lead,lead@example.org,"},
			func(o *v1alpha1.BulkUserImport) { o.Spec.Operation = v1alpha1.OperationCreate })
		w.Org.Generate(10)
		w.rest()
		config := &corev1.ConfigMap{}
		w.Expect(w.API.Get(t.Context(), client.ObjectKey{Namespace: "identity", Name: w.Get().Status.Results[0].ConfigMap}, config)).To(Succeed())
		config.Data["results.csv"] = strings.Replace(config.Data["results.csv"], "Skip,Skipped,,", "Skip,Skipped,ManagerNotFound,", 1)
		w.Expect(config.Data["results.csv"]).To(ContainSubstring("ManagerNotFound"))
		w.Expect(w.API.Update(t.Context(), config)).To(Succeed())
		w.Request()
		w.rest()
		w.Expect(w.value(member(1), "manager")).To(BeEmpty())
	})
}

// With OnUnknownManager Invalid, a row with an unknown manager counts as invalid.
func TestAnUnknownManagerMayBeInvalid(t *testing.T) {
	invalid := func(o *v1alpha1.BulkUserImport) {
		o.Spec.OnUnknownManager, o.Spec.OnInvalidRow = v1alpha1.OnUnknownManagerInvalid, v1alpha1.OnInvalidRowAbort
	}
	lines := append(slices.Clone(chained), "other,other@example.org,")
	t.Run("Abort", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, lines, invalid)
			w.rest()
			w.ExpectReady("False/InvalidRows")
			w.Expect(w.Message()).To(HavePrefix("4 of 5 rows are invalid, so nothing was sent. The first: ConfigMap hires, key users.csv, line 2: manager: no such user"))
			w.Expect(w.Message()).NotTo(ContainSubstring("nobody"))
			w.Expect(w.Sim.MutatingRequests()).To(BeEmpty())
			w.Expect(w.Get().Status.Summary).To(HaveValue(Equal(v1alpha1.RunSummary{Total: 5, Failed: 4, Pending: 1})))

			w.Org.AddUser(jumpcloudtest.User{"username": "nobody", "email": "nobody@example.org"})
			w.Resync()
			w.ExpectReady("True/Succeeded")
		})
	})
	t.Run("Skip", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, lines, invalid, func(o *v1alpha1.BulkUserImport) { o.Spec.OnInvalidRow = v1alpha1.OnInvalidRowSkip })
			w.rest()
			w.ExpectReady("False/RowsFailed")
			w.Expect(w.outcomes()).To(HaveKeyWithValue("other", ledger.OutcomeCreated))
			w.Expect(w.Get().Status.Summary.Failed).To(BeEquivalentTo(4))
		})
	})
}
