package oneshot_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// move changes the emails of these generated users, as in the console: to set them back is
// harmful.
func (w *world) move(from, to int) {
	w.T.Helper()
	for i := from; i <= to; i++ {
		w.console(member(i), jumpcloudtest.User{"email": fmt.Sprintf("moved%d@example.org", i)})
	}
}

// moved counts the generated users whose email is still as move left it.
func (w *world) moved() int {
	n := 0
	for _, user := range w.Org.Users() {
		if email, _ := user["email"].(string); strings.HasPrefix(email, "moved") {
			n++
		}
	}
	return n
}

// A restart makes the payloads from a new look at the directory. The guard applies to them as
// to the first plan.
func TestTheGuardHoldsOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, moves(20))
		w.Org.Generate(100)
		w.batches(10)
		w.Until(w.sent(1))
		w.move(11, 20)
		w.Restart()
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.moved()).To(Equal(10), "5 are allowed without an approval")
		w.resyncs()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.moved()).To(Equal(10))

		w.approve()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.moved()).To(BeZero())
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
	})
}

// The approval was for other departments, not for other emails.
func TestAnApprovalIsForWhatItNamedOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, moves(4), afterApproval)
		w.Org.Generate(10)
		w.batches(2)
		w.rest()
		w.approve()
		w.Until(w.sent(1))
		w.move(3, 3)
		w.Restart()
		w.rest()
		w.ExpectReady("False/PlanChanged")
		w.Expect(w.moved()).To(Equal(1))
		w.Expect(w.value(member(4), "department")).To(Equal("Engines"), "what was approved goes on")
		w.resyncs()
		w.ExpectReady("False/PlanChanged")
		w.Expect(w.moved()).To(Equal(1))

		w.approve()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.moved()).To(BeZero())
	})
}

// Rows that are sent again, because their failure is temporary, are planned again. An earlier
// harmless change of the same row does not allow a harmful one.
func TestTheGuardHoldsForRowsThatAreSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, moves(8))
		w.Org.Generate(10)
		w.Org.ScriptRows(jumpcloudtest.RowFault{Times: 1})
		w.Until(w.sent(1))
		w.move(1, 8)
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.moved()).To(Equal(8), "3 are allowed without an approval")
		w.resyncs()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.moved()).To(Equal(8))

		w.approve()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.moved()).To(BeZero())
		w.Expect(w.value(member(1), "department")).To(Equal("Engines"))
	})
}

// The approval was for another department, not for another email.
func TestAnApprovalIsForWhatItNamedWhenRowsAreSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, moves(1), afterApproval)
		w.Org.Generate(10)
		w.Org.ScriptRows(jumpcloudtest.RowFault{Times: 1})
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.approve()
		w.Until(w.sent(1))
		w.move(1, 1)
		w.rest()
		w.Expect(w.moved()).To(Equal(1))
		w.ExpectReady("False/PlanChanged")
		w.resyncs()
		w.ExpectReady("False/PlanChanged")
		w.Expect(w.moved()).To(Equal(1))
		w.Expect(w.Org.Jobs()).To(HaveLen(1))

		w.approve()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.moved()).To(BeZero())
	})
}
