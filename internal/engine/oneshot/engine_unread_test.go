package oneshot_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// One user of 300 has a number where text belongs.
func TestOneOddRecordDoesNotHoldUpAnImport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(5))
		w.Org.Generate(299)
		w.Org.AddUser(jumpcloudtest.User{"username": "odd", "email": "odd@example.org", "employeeIdentifier": 42})
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(5))
		w.expectEachSentOnce()
	})
}

// Rows that state something that cannot be read of their user fail, and say so.
func TestARowAboutAnOddRecordFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, append(hires(2), "odd,odd@example.org,Engines"))
		w.Org.Generate(20)
		w.Org.AddUser(jumpcloudtest.User{"username": "odd", "email": "odd@example.org", "department": 42})
		w.rest()
		w.ExpectReady("False/RowsFailed")
		status := w.Get().Status
		w.Expect(status.Summary.Created).To(BeEquivalentTo(2))
		w.Expect(status.Failures).To(ConsistOf(And(
			HaveField("Key", "odd"), HaveField("Reason", v1alpha1.RemoteConflictReason),
			HaveField("Message", ContainSubstring("department: JumpCloud's value for this user cannot be read")))))
	})
}

// Whether a user exists whose creation got no answer stays open while an odd record may be
// that user.
func TestACreatedUserWhoCannotBeReadIsNotGivenUp(t *testing.T) {
	for name, odd := range map[string]jumpcloudtest.User{
		"no username":        {"username": 42},
		"no email":           {"email": 42},
		"neither of the two": {"username": 42, "email": 42},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(1))
				w.Org.Generate(20)
				w.Lose(http.MethodPost, "/api/v2/bulk/users", true)
				w.Until(w.posted)
				<-time.After(30 * time.Second) // the job ends before it is looked for
				id := w.id(hire(1))
				w.Expect(w.Org.UpdateUser(id, odd)).To(BeTrue())
				w.Until(func() bool { return w.Condition(v1alpha1.ReadyCondition).Reason == v1alpha1.RemoteUnavailableReason })

				w.Expect(w.Org.UpdateUser(id, jumpcloudtest.User{"username": hire(1), "email": hire(1) + "@example.org"})).To(BeTrue())
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(1))
				w.expectEachSentOnce()
			})
		})
	}
}
