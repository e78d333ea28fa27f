package oneshot_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// Changes that were made stay counted, although the status no longer lists their job.
func TestWhatVeryManyJobsDidStaysCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(105))
		w.window(50, 1000, 100)
		w.batches(1)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(105))
		w.expectCounted(0, 105)
	})
}

// A run does not withhold its own rows: what it counted and has not sent yet is given back
// before it is counted again.
func TestARunIsNotWithheldByWhatItCountedItself(t *testing.T) {
	for name, lines := range map[string][]string{"creations": hires(6), "harm": newEmails(6)[:7]} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", name, restart), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWindow(t, lines, 10, 6, 10)
					w.batches(2)
					w.Until(w.sent(1))
					w.pause(3 * time.Hour)
					if restart {
						w.Restart()
					}
					w.rest()
					w.ExpectReady("True/Succeeded")
					if name == "harm" {
						w.expectCounted(6, 0)
					} else {
						w.expectCounted(0, 6)
					}
				})
			})
		}
	}
}

// Room is given back only once, even if the first writes of the ledger fail.
func TestRoomIsGivenBackOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow(t, newEmails(4)[:5], 20, 20, 100)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectCounted(4, 0)

		w.refuse(http.MethodPatch, "/api/v2/bulk/users")
		failing := 0
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if config, ok := c.Object.(*corev1.ConfigMap); ok && c.Writes() && config.Data["results.csv"] != "" && failing < 2 {
				failing++
				return errors.New("the API server is away")
			}
			return do()
		}
		lines := []string{"username,email"}
		for i := 1; i <= 2; i++ {
			lines = append(lines, fmt.Sprintf("%s,%s@again.example.org", member(i), member(i)))
		}
		w.source(lines...)
		w.rest()
		w.ExpectReady("False/SubmissionRejected")
		w.Expect(failing).To(Equal(2))
		w.expectCounted(4, 0)
	})
}

// If the mode starts to require approvals while a run is under way, the approval is about what
// is left of the run.
func TestARunAsksOnceItsModeSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(4))
		w.batches(2)
		w.Until(w.sent(1))
		w.Edit(setMode(v1alpha1.ModeApplyAfterApproval))
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Org.CountUsers()).To(Equal(2))
		w.approve()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Org.CountUsers()).To(Equal(4))
		w.expectEachSentOnce()
	})
}

// A suspension that is refused may have been made by the previous process.
func TestASuspensionThatMayHaveBeenMadeStaysCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newLeavers(t, 1)
		id, died := w.id(member(1)), false
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if c.Verb != http.MethodPut || died {
				return do()
			}
			_ = do()
			w.console(member(1), jumpcloudtest.User{"state": "ACTIVATED"})
			w.refuse(http.MethodPut, "/api/systemusers/"+id)
			w.Dead, died = true, true
			return enginetest.ErrDead
		}
		w.rest()
		w.ExpectReady("False/RowsFailed")
		w.expectCounted(1, 0)
	})
}

// Room that was taken for an open run is not taken again because the ledger could not be
// written.
func TestRoomIsTakenOnceThoughTheLedgerIsNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow(t, newEmails(6)[:7], 20, 20, 20)
		w.batches(2)
		w.Until(w.sent(1))
		w.pause(3 * time.Hour)
		writes, failed := 0, 0
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if config, ok := c.Object.(*corev1.ConfigMap); ok && c.Writes() && config.Data["manifest.csv"] != "" {
				writes++
				if writes > 1 && failed < 5 {
					failed++
					if failed == 5 {
						_ = do() // it was written, and the answer is lost
					}
					return errors.New("the API server is away")
				}
			}
			return do()
		}
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(failed).To(Equal(5))
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1), "it is the same run")
		w.expectCounted(6, 0)
	})
}
