package oneshot_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// Credentials that may not suspend are not tried again and again, and nothing is lost.
func TestLeaversWhomTheCredentialsMayNotSuspend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 4, 10)
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/*", Times: 2}, Status: http.StatusForbidden})
		w.source(moves(2)...)
		w.rest()
		w.ExpectReady("False/PermissionDenied")
		w.expectGone()
		w.Expect(w.puts("")).To(Equal(1))
		w.resyncs()
		w.ExpectReady("True/Succeeded")
		w.expectGone(member(3), member(4))
		w.Expect(w.puts("")).To(Equal(4))
	})
}

// A refusal of JumpCloud is reported, and a request tries the suspension again.
func TestALeaverWhomJumpCloudDoesNotSuspend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := staffOf(t, 4, 10)
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/" + w.id(member(3)), Times: 1},
			Status: http.StatusBadRequest, Body: `{"message":"no"}`})
		w.source(moves(2)...)
		w.rest()
		w.ExpectReady("False/RowsFailed")
		w.expectGone(member(4))
		w.expectLeavers(member(3))
		w.expectCounted(1, 0)
		w.Request()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectGone(member(3), member(4))
		w.expectLeavers()
	})
}

func TestTheAnswerAboutALeaverIsLost(t *testing.T) {
	for name, done := range map[string]bool{"and the user suspended": true, "and nothing done": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := staffOf(t, 4, 10)
				w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/*", Times: 2},
					Kind: jumpcloudtest.FaultReset, Commit: done})
				w.source(moves(2)...)
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.expectGone(member(3), member(4))
				if done {
					w.Expect(w.puts("")).To(Equal(2), "nobody is asked twice")
				}
				w.expectCounted(2, 0)
			})
		})
	}
}

// Remembering 10,000 members costs no request that the run would not make anyway. A leaver
// costs the call and the look that proves it.
func TestRequestsOfManyMembers(t *testing.T) {
	const staff = 10_000
	lines := make([]string, staff+1)
	for i, line := range moves(staff) {
		lines[i] = line[:strings.LastIndex(line, ",")] // nothing is to be changed
	}
	requests := func(policy v1alpha1.LeaversPolicy) (stay, leave int) {
		t.Run(string(policy), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, lines, func(o *v1alpha1.BulkUserImport) { o.Spec.Leavers = policy })
				w.Org.Generate(staff)
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Sim.ForgetHistory()
				w.source(append([]string{lines[0], lines[2], lines[1]}, lines[3:]...)...)
				w.rest()
				stay = len(w.Sim.History())
				w.Sim.ForgetHistory()
				w.source(lines[:staff]...)
				w.rest()
				w.ExpectReady("True/Succeeded")
				leave = len(w.Sim.History())
				w.Expect(w.suspended()).To(Equal(w.puts("")))
			})
		})
		return stay, leave
	}
	g := NewWithT(t)
	stay, leave := requests(v1alpha1.LeaversIgnore)
	reportedStay, reportedLeave := requests(v1alpha1.LeaversReport)
	suspendedStay, suspendedLeave := requests(v1alpha1.LeaversSuspend)
	t.Logf("requests of a run without and with one who leaves: Ignore %d, %d; Report %d, %d; Suspend %d, %d",
		stay, leave, reportedStay, reportedLeave, suspendedStay, suspendedLeave)
	g.Expect(stay).To(BeNumerically(">", staff/1000))
	g.Expect([]int{reportedStay, reportedLeave, suspendedStay}).To(Equal([]int{stay, leave, stay}))
	g.Expect(suspendedLeave).To(Equal(leave + 2))
}
