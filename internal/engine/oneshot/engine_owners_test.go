package oneshot_test

import (
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// A row and a User object about one person would undo each other's changes: the row fails,
// and the others are carried out.
func TestARowAboutTheUserOfAUserObjectFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []string{"username,email,department", "ada,ada@example.org,Looms", "new,new@example.org,Looms"})
		id := w.Org.AddUser(map[string]any{"username": "ada", "email": "ada@example.org", "department": "Engines"})
		object := &v1alpha1.User{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "countess"}}
		object.Status.ID, object.Status.Username, object.Status.OrganizationID = id, "ada", w.Org.ID()
		w.Expect(w.API.Create(t.Context(), object)).To(Succeed())
		w.rest()
		w.ExpectReady("False/RowsFailed")
		w.Expect(w.Get().Status.Failures).To(ConsistOf(And(
			HaveField("Reason", v1alpha1.RemoteConflictReason), HaveField("Message", ContainSubstring("User identity/countess stands for this user")))))
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{"ada": ledger.OutcomeFailed, "new": ledger.OutcomeCreated}))
		w.Expect(w.value("ada", "department")).To(Equal("Engines"))

		w.Expect(w.API.Delete(t.Context(), object)).To(Succeed())
		w.Request()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.value("ada", "department")).To(Equal("Looms"))
	})
}
