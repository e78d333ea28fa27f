package scheduleduserstate_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// list makes JumpCloud list these scheduled states.
func (w *world) list(rows ...string) {
	w.Sim.Script(jumpcloudtest.Fault{
		Match:  jumpcloudtest.Match{Method: http.MethodGet, Path: posts, Times: -1},
		Status: http.StatusOK, Body: "[" + strings.Join(rows, ",") + "]",
	})
}

// row is a scheduled state of a job of a user, with a literal state and date.
func (w *world) row(job, username, state, date string) string {
	return fmt.Sprintf(`{"scheduledJobId":%q,"systemUserId":%q,"state":%s,"scheduledDate":%s}`, job, w.ids[username], state, date)
}

// A job of ours with one row that cannot be read is neither gone nor another one: it is
// neither replaced nor cancelled.
func TestAnUnreadableRowOfOurJobIsNotReplaced(t *testing.T) {
	for _, odd := range []struct{ state, date string }{{`"SUSPENDED"`, `7`}, {`"SUSPENDED"`, `"soon"`}, {`5`, ``}, {`"SUSPENDED"`, `{}`}} {
		story(t, func(w *world) {
			w.Rest()
			w.ExpectReady("True/Scheduled")
			job, at := w.Get().Status.Jobs[0].ScheduledJobID, fmt.Sprintf("%q", w.start.UTC().Format(time.RFC3339))
			if odd.date == "" {
				odd.date = at
			}
			w.list(w.row(job, "ada", odd.state, odd.date), w.row(job, "chas", `"SUSPENDED"`, at))
			w.Resync()
			w.ExpectReady("True/Scheduled")
			w.Expect(w.Sent()).To(Equal([]string{http.MethodPost}))
			w.list(w.row(job, "ada", odd.state, odd.date), w.row(job, "chas", odd.state, odd.date))
			w.Resync()
			w.ExpectReady("True/Scheduled")
			w.Expect(w.Sent()).To(Equal([]string{http.MethodPost}))
		})
	}
}

// After a lost answer, a row about one of the users that cannot be read may be the job:
// nothing is sent again.
func TestAnUnreadableRowIsNoProofOfAbsence(t *testing.T) {
	story(t, func(w *world) {
		w.lose(1, false)
		w.list(w.row("65f1c0ffee65f1c0ffee0001", "ada", `"SUSPENDED"`, `7`))
		for range 20 {
			w.Pass()
			w.sleep(10 * time.Minute / 20)
		}
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost}))
		w.ExpectReady("False/RemoteUnavailable")
		w.Expect(w.Message()).To(Equal("JumpCloud's answer to submission 1 (Suspended for 2 users) was lost, and JumpCloud lists a scheduled state that cannot be read: " +
			"it may be that one. Nothing is sent meanwhile. Remove that scheduled state in JumpCloud."))
		w.Sim.RemoveFaults()
		w.Until(func() bool { return len(w.pending()) > 0 })
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPost, http.MethodPost}))
	})
}

// A row about other users says nothing about these.
func TestAnUnreadableRowOfOthersIsNoObstacle(t *testing.T) {
	story(t, func(w *world) {
		w.list(w.row("65f1c0ffee65f1c0ffee0001", "grace", `5`, `7`), w.row("65f1c0ffee65f1c0ffee0001", "grace", `"SUSPENDED"`, `"2030-01-01T00:00:00Z"`))
		w.Pass()
		w.Until(func() bool { return len(w.pending()) > 0 })
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start, "ada", "chas")))
	})
}

// A user whose state cannot be read does not count as seen in it.
func TestAnUnreadableStateIsNotTheDeclaredOne(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.sleep(time.Until(w.start) + time.Second)
		w.Expect(w.Org.UpdateUser(w.ids["ada"], jumpcloudtest.User{"state": 5})).To(BeTrue())
		w.Pass()
		w.Expect(w.summary().Executed).To(BeNumerically("<", 2))
		w.Expect(w.phases()).NotTo(HaveKeyWithValue("ada", v1alpha1.PhaseExecuted))
	})
}
