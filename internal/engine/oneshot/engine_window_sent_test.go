package oneshot_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// counted is one of the window's counts, with a story about it.
type counted struct {
	lines  []string
	method string
	want   enginetest.Count
	// done is how many users are as declared.
	done func(*world) int
}

func countedKinds() map[string]counted {
	return map[string]counted{
		"harm":      {newEmails(4)[:5], http.MethodPatch, enginetest.Count{Harmful: 4}, func(w *world) int { return w.changed(4) }},
		"creations": {hires(4), http.MethodPost, enginetest.Count{Created: 4}, func(w *world) int { return w.Org.CountUsers() - 200 }},
	}
}

// afterTheFirstAttempt tells a story for each count, with and without a restart. It begins
// this long after the request of the only job was lost on the way.
func afterTheFirstAttempt(t *testing.T, later time.Duration, tell func(w *world, c counted, restart func())) {
	t.Helper()
	for name, c := range countedKinds() {
		for _, restarts := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", name, restarts), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWindow(t, c.lines, 20, 20, 100)
					lost := w.Sim.Script(jumpcloudtest.Fault{
						Match: jumpcloudtest.Match{Method: c.method, Path: "/api/v2/bulk/users", Times: 1}, Kind: jumpcloudtest.FaultReset,
					})
					w.Until(func() bool { return lost.Caught() == 1 })
					w.pause(later)
					tell(w, c, func() {
						if restarts {
							w.Restart()
						}
					})
				})
			})
		}
	}
}

// A row that was sent hours ago with an unknown outcome may be done only now: the window
// counts it as long as what is done now.
func TestWhatIsSentAgainIsCountedWhenItIsDone(t *testing.T) {
	afterTheFirstAttempt(t, 20*time.Hour, func(w *world, c counted, restart func()) {
		restart()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(c.done(w)).To(Equal(4))
		w.Expect(w.Counted()).To(Equal(c.want), "once")
		<-time.After(10 * time.Hour)
		w.Expect(w.Counted()).To(Equal(c.want), "for a whole window since it was done")
	})
}

// Rows that the window has forgotten take room again when they are sent again, and wait for an
// approval if there is none.
func TestWhatIsSentAgainWaitsWhereTheWindowIsFull(t *testing.T) {
	afterTheFirstAttempt(t, 30*time.Hour, func(w *world, c counted, restart func()) {
		w.others(amounts{harmful: 18, created: 18})
		restart()
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(c.done(w)).To(BeZero())
		w.approve()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(c.done(w)).To(Equal(4))
		w.Expect(w.Counted()).To(Equal(enginetest.Count{Harmful: 18, Created: 18}), "an approval takes no room")
	})
}
