package oneshot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// leavers returns CSV lines that suspend n users, and change their department.
func leavers(n int) []string {
	lines := []string{"username,email,state,department"}
	for i := 1; i <= n; i++ {
		lines = append(lines, fmt.Sprintf("%s,%s@example.org,Suspended,Gone", member(i), member(i)))
	}
	return lines
}

// newLeavers makes a world with leavers whose suspension the guard allows.
func newLeavers(t *testing.T, n int) *world {
	t.Helper()
	w := newWorld(t, leavers(n), func(o *v1alpha1.BulkUserImport) { o.Spec.StateOnUpdate = v1alpha1.StateOnUpdateApply })
	w.Org.Generate(200)
	w.EditOrganization(func(o *v1alpha1.Organization) {
		o.Spec.Guard = v1alpha1.Guard{MaxHarmful: new(int32(1000)), MaxPercent: new(int32(100)),
			Window: v1alpha1.GuardWindow{MaxHarmful: new(int32(1000)), MaxPercent: new(int32(100))}}
	})
	return w
}

func (w *world) suspended() (n int) {
	for _, user := range w.Org.Users() {
		if user["state"] == "SUSPENDED" {
			n++
		}
	}
	return n
}

// puts counts the calls to one user, or to all for "".
func (w *world) puts(id string) (n int) {
	for _, call := range w.Sim.History() {
		if call.Method == http.MethodPut && strings.HasSuffix(call.Path, id) {
			n++
		}
	}
	return n
}

// A user whose call fails every time does not hold up the users after it.
func TestALeaverWhoseCallFailsHoldsUpNobody(t *testing.T) {
	for name, fault := range map[string]jumpcloudtest.Fault{
		"an error of the server": {Status: http.StatusInternalServerError},
		"no answer":              {Kind: jumpcloudtest.FaultReset},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newLeavers(t, 5)
				fault.Match = jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/" + w.id(member(2)), Times: -1}
				w.Sim.Script(fault)
				w.rest()
				w.ExpectReady("False/RowsFailed")
				w.Expect(w.suspended()).To(Equal(4))
				w.Expect(w.outcomes()).To(And(HaveKeyWithValue(member(2), ledger.OutcomeFailed), HaveKeyWithValue(member(5), ledger.OutcomeUpdated)))
				w.Expect(w.value(member(5), "department")).To(Equal("Gone"))
				calls := w.puts(w.id(member(2)))
				w.Expect(calls).To(Equal(3))
				w.resyncs()
				w.Expect(w.puts(w.id(member(2)))).To(Equal(calls))
			})
		})
	}
}

// If nothing definite came back from a call, the directory decides.
func TestALeaverWhoseAnswerIsLostIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newLeavers(t, 3)
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/*", Times: 3},
			Kind: jumpcloudtest.FaultReset, Commit: true})
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.suspended()).To(Equal(3))
		w.Expect(w.puts("")).To(Equal(3))
	})
}

// Whatever else is wrong with a leaver's row, the suspension comes first.
func TestALeaverIsSuspendedWhateverElseIsWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newLeavers(t, 2)
		w.Sim.Script(jumpcloudtest.Fault{
			Match:  jumpcloudtest.Match{Method: http.MethodPatch, Path: "/api/v2/bulk/users", Times: -1},
			Status: http.StatusBadRequest, Body: `{"message":"department is wrong"}`,
		})
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if c.Verb == http.MethodPatch && strings.HasPrefix(c.Path, "/api") {
				w.Expect(w.suspended()).To(Equal(2))
			}
			return do()
		}
		w.rest()
		w.ExpectReady("False/SubmissionRejected")
		w.Expect(w.suspended()).To(Equal(2))
		for _, call := range w.Sim.History() {
			if call.Method == http.MethodPut {
				w.Expect(call.Body).To(MatchJSON(`{"state":"SUSPENDED"}`))
			}
		}
	})
}

func TestWhatElseChangesOfALeaverIsSentAfterwards(t *testing.T) {
	for n, died := 0, true; died; n++ {
		died = false
		t.Run(fmt.Sprintf("death at call %d", n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newLeavers(t, 3)
				w.DieAt(n, n%2 == 0, &died)
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.suspended()).To(Equal(3))
				w.Expect(w.value(member(3), "department")).To(Equal("Gone"))
				w.Expect(w.Get().Status.Summary.Updated).To(BeEquivalentTo(3))
				w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
			})
		})
	}
}

// A state that is missing or not known to the operator does not count as suspended.
func TestALeaverOfAnUnknownStateIsSuspended(t *testing.T) {
	for name, state := range map[string]any{"missing": nil, "unknown": "LOCKED", "in another case": "suspended"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newLeavers(t, 1)
				w.console(member(1), jumpcloudtest.User{"state": state})
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.value(member(1), "state")).To(Equal("SUSPENDED"))
			})
		})
	}
}

// A pass suspends a limited number of users, so that other objects get their passes.
func TestAPassSuspendsNoMoreThanOneJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newLeavers(t, 120)
		before := 0
		w.Until(func() bool {
			w.Expect(w.suspended()-before).To(BeNumerically("<=", 50), "in one pass")
			before = w.suspended()
			return w.Get().Status.CompletionTime != nil
		})
		w.Expect(w.suspended()).To(Equal(120))
		w.rest()
		w.ExpectReady("True/Succeeded")
	})
}

// Locking is harm like suspending: many wait for an approval.
func TestLockingManyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := []string{"username,email,accountLocked"}
		for i := 1; i <= 100; i++ {
			lines = append(lines, fmt.Sprintf("%s,%s@example.org,true", member(i), member(i)))
		}
		w := newWorld(t, lines)
		w.Org.Generate(200)
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Get().Status.Plan.Harmful).To(BeEquivalentTo(100))
		w.Expect(w.Org.Jobs()).To(BeEmpty())
		w.approve()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Org.UserByUsername(member(100))).To(HaveKeyWithValue("account_locked", true))
	})
}

// A call that is lost is repeated, even if the process that knows about it dies: the record of
// its job says that the calls were made, not what came back.
func TestALeaverWhoseCallIsLostIsDone(t *testing.T) {
	for n, died := 0, true; died; n++ {
		died = false
		t.Run(fmt.Sprintf("death at call %d", n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newLeavers(t, 3)
				w.Sim.Script(jumpcloudtest.Fault{
					Match: jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/*", Times: 1}, Kind: jumpcloudtest.FaultReset,
				})
				w.DieAt(n, n%2 == 0, &died)
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.suspended()).To(Equal(3))
			})
		})
	}
}
