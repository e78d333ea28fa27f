package oneshot_test

import (
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

func suspending(o *v1alpha1.BulkUserImport) { o.Spec.Leavers = v1alpha1.LeaversSuspend }

// staffOf makes a world with an import of the first n of this many users, which has run and,
// within the guard's limits, suspends users who leave.
func staffOf(t *testing.T, n, users int, changes ...func(*v1alpha1.BulkUserImport)) *world {
	t.Helper()
	w := newWorld(t, moves(n), append(changes, suspending)...)
	w.Org.Generate(users)
	w.window(100, 100, 100)
	w.rest()
	w.ExpectReady("True/Succeeded")
	w.expectLeavers()
	w.Sim.ForgetHistory()
	return w
}

// expectGone expects these users to be suspended, and no others.
func (w *world) expectGone(usernames ...string) {
	w.T.Helper()
	var gone []string
	for _, user := range w.Org.Users() {
		if username, _ := user["username"].(string); user["state"] == "SUSPENDED" {
			gone = append(gone, username)
		}
	}
	w.Expect(gone).To(ConsistOf(usernames), w.Describe)
}

func TestWhoLeftIsSuspended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 4, 10)
		w.source(moves(2)...)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectGone(member(3), member(4))
		w.expectLeavers()
		w.Expect(w.Message()).To(Equal("4 users: 2 updated, 2 unchanged"))
		w.Expect(w.Get().Status.Jobs).To(ConsistOf(And(HaveField("Operation", v1alpha1.JobSuspend), HaveField("State", v1alpha1.JobFinished), HaveField("Rows", int32(2)))))
		w.Expect(w.entries()[member(4)]).To(And(HaveField("Row", 4), HaveField("Action", ledger.ActionSuspendLeaver),
			HaveField("Outcome", ledger.OutcomeUpdated), HaveField("Message", "no row is about this user any more"), HaveField("UserID", w.id(member(4)))))
		for _, call := range w.Sim.MutatingRequests() {
			w.Expect(call.Method + " " + call.Body).To(Equal(`PUT {"state":"SUSPENDED"}`))
		}
		w.Expect(w.puts("")).To(Equal(2))
		w.expectCounted(2, 0)

		version := w.Get().ResourceVersion
		w.Sim.ForgetHistory()
		w.resyncs()
		w.Expect(w.Get().ResourceVersion).To(Equal(version), "nothing is written at rest")
		w.Expect(w.Sim.History()).To(BeEmpty(), "nothing is asked at rest")
	})
}

// An import never lifts a suspension, not even its own.
func TestWhoComesBackStaysSuspended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 4, 10, func(o *v1alpha1.BulkUserImport) { o.Spec.StateOnUpdate = v1alpha1.StateOnUpdateApply })
		w.source(moves(3)...)
		w.rest()
		w.expectGone(member(4))
		line := func(state string) []string {
			return append([]string{"username,email,state"}, member(4)+","+member(4)+"@example.org,"+state, member(1)+","+member(1)+"@example.org,",
				member(2)+","+member(2)+"@example.org,", member(3)+","+member(3)+"@example.org,")
		}
		w.source(line("Activated")...)
		w.rest()
		w.ExpectReady("False/RowsFailed")
		w.Expect(w.Get().Status.Failures[0].Reason).To(Equal(v1alpha1.RemoteConflictReason))
		w.source(line("")...)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectGone(member(4))
		w.expectLeavers()
	})
}
