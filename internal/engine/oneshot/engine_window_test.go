package oneshot_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// window sets the limits of the guard's window, and the guard's own limit.
func (w *world) window(harmful, created, own int32) {
	w.T.Helper()
	w.EditOrganization(func(o *v1alpha1.Organization) {
		o.Spec.Guard = v1alpha1.Guard{MaxHarmful: &own, MaxPercent: new(int32(100)), Window: v1alpha1.GuardWindow{
			Duration: metav1.Duration{Duration: 24 * time.Hour}, MaxHarmful: &harmful, MaxCreated: &created,
		}}
	})
}

// newWindow makes a world with 200 users and an import of these lines, and sets the guard's
// limits.
func newWindow(t *testing.T, lines []string, harmful, created, own int32) *world {
	t.Helper()
	w := newWorld(t, lines)
	w.Org.Generate(200)
	w.window(harmful, created, own)
	return w
}

// refuse answers each request of a method to a path with 400.
func (w *world) refuse(method, path string) {
	w.Sim.Script(jumpcloudtest.Fault{
		Match: jumpcloudtest.Match{Method: method, Path: path, Times: -1}, Status: http.StatusBadRequest, Body: `{"message":"no"}`,
	})
}

// pause pauses the import for this long.
func (w *world) pause(d time.Duration) {
	w.T.Helper()
	w.Annotate(v1alpha1.PausedAnnotation, "true")
	w.rest()
	<-time.After(d)
	w.Annotate(v1alpha1.PausedAnnotation, "")
}

// harmed returns the harm that the object counts for itself.
func (w *world) harmed() (harmful int) {
	w.T.Helper()
	for _, bucket := range w.Get().Status.Harmed {
		harmful += int(bucket.Harmful)
	}
	return harmful
}

func (w *world) expectCounted(harmful, created int) {
	w.T.Helper()
	w.Expect(w.Counted()).To(Equal(enginetest.Count{Harmful: harmful, Created: created}), "in the window")
	w.Expect(w.harmed()).To(Equal(harmful), "of the object itself")
}

func TestTheWindowWithholdsHarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow(t, newEmails(12), 11, 100, 100)
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.changed(12)).To(BeZero())
		w.Expect(w.value("fresh", "email")).NotTo(BeEmpty(), "what is harmless goes on")
		w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByWindow))
		w.Expect(w.Get().Status.Plan.Withheld).To(BeEquivalentTo(12))
		w.Expect(w.Message()).To(And(ContainSubstring("12 rows"), ContainSubstring("spec.guard.window")))
		w.expectCounted(0, 1)
		w.resyncs()
		w.expectCounted(0, 1)

		w.approve()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.changed(12)).To(Equal(12))
		w.expectCounted(0, 1)
	})
}

func TestTheWindowBoundsCreations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := append([]string{"username,email,department"}, moves(3)[1:]...)
		w := newWorld(t, append(lines, hires(6)[1:]...))
		w.Org.Generate(20)
		w.window(50, 5, 100)
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Org.CountUsers()).To(Equal(20))
		w.Expect(w.value(member(3), "department")).To(Equal("Engines"))
		w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByWindow))
		w.approve()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Org.CountUsers()).To(Equal(26))
		w.expectCounted(0, 0)
	})
}

// Rows that wait because the window is full are sent when there is room again.
func TestWhatTheWindowWithheldGoesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow(t, newEmails(12), 11, 100, 100)
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.window(12, 100, 100)
		w.resyncs()
		w.ExpectReady("True/Succeeded")
		w.expectCounted(12, 1)
	})
}

// Harm is counted once however often its row is sent, and before it is sent, wherever a
// process dies.
func TestHarmIsCountedBeforeItIsDone(t *testing.T) {
	for n, died := 0, true; died; n++ {
		died = false
		after := n%2 == 0
		t.Run(fmt.Sprintf("death at call %d, after it %v", n, after), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWindow(t, newEmails(4), 20, 20, 100)
				w.batches(2)
				w.Org.ScriptRows(jumpcloudtest.RowFault{Username: member(1), Times: 1})
				w.DieAt(n, after, &died)
				die := w.OnCall
				w.OnCall = func(c enginetest.Call, do func() error) error {
					if c.Verb == http.MethodPatch && c.Path != "" {
						counted := w.Counted()
						w.Expect(counted.Harmful).To(BeNumerically(">=", 4))
						w.Expect(counted.Created).To(BeNumerically(">=", 1))
					}
					return die(c, do)
				}
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.changed(4)).To(Equal(4))
				w.Expect(w.Counted().Harmful).To(BeElementOf(4, 8), "a death may count it once more")
				w.Expect(w.harmed()).To(BeNumerically(">=", 4))
				if !died {
					w.expectCounted(4, 1)
				}
			})
		})
	}
}

// Changes that JumpCloud refused do not count as harm.
func TestWhatWasRefusedIsNotCounted(t *testing.T) {
	t.Run("a job", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWindow(t, newEmails(4)[:5], 20, 20, 100)
			w.refuse(http.MethodPatch, "/api/v2/bulk/users")
			w.rest()
			w.ExpectReady("False/SubmissionRejected")
			w.expectCounted(0, 0)
		})
	})
	t.Run("creations", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, hires(4))
			w.window(20, 20, 100)
			w.refuse(http.MethodPost, "/api/v2/bulk/users")
			w.rest()
			w.ExpectReady("False/SubmissionRejected")
			w.expectCounted(0, 0)
		})
	})
	t.Run("a suspension", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newLeavers(t, 4)
			w.refuse(http.MethodPut, "/api/systemusers/"+w.id(member(2)))
			w.rest()
			w.ExpectReady("False/RowsFailed")
			w.expectCounted(3, 0)
		})
	})
	t.Run("a run that somebody's edit came before", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWindow(t, newEmails(4)[:5], 20, 20, 100)
			edited := false
			w.OnCall = func(c enginetest.Call, do func() error) error {
				if object, ok := c.Object.(*v1alpha1.BulkUserImport); ok && c.Verb == "status" && len(object.Status.Jobs) == 1 && !edited {
					edited = true
					w.Edit(func(o *v1alpha1.BulkUserImport) { metav1.SetMetaDataAnnotation(&o.ObjectMeta, "by", "somebody") })
				}
				return do()
			}
			w.rest()
			w.ExpectReady("True/Succeeded")
			w.Expect(edited).To(BeTrue())
			w.Expect(w.Org.Jobs()).To(HaveLen(1), "nothing goes out without a stored intent")
			w.expectCounted(4, 0)
		})
	})
}

// A source that goes back and forth does little harm each time, and much in sum.
func TestTheGuardCountsOverRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		emails := func(domain string) []string {
			lines := []string{"username,email"}
			for i := 1; i <= 3; i++ {
				lines = append(lines, fmt.Sprintf("%s,%s@%s", member(i), member(i), domain))
			}
			return lines
		}
		w := newWindow(t, emails("a.example.org"), 100, 100, 7)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.source(emails("b.example.org")...)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.source(emails("a.example.org")...)
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByGuard))
		w.expectCounted(6, 0)

		<-time.After(26 * time.Hour)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.value(member(1), "email")).To(HaveSuffix("@a.example.org"))
	})
}

// Rows that were counted long before they are sent are counted again: the window may have
// forgotten it.
func TestWhatWasCountedLongAgoIsCountedAnew(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWindow(t, newEmails(4)[:5], 20, 20, 100)
				w.batches(2)
				w.Until(w.sent(1))
				w.Edit(setMode(v1alpha1.ModePlan))
				w.rest()
				<-time.After(30 * time.Hour)
				w.Edit(setMode(v1alpha1.ModeApply))
				if restart {
					w.Restart()
				}
				w.OnCall = func(c enginetest.Call, do func() error) error {
					if c.Verb == http.MethodPatch && c.Path != "" {
						w.Expect(w.Counted().Harmful).To(BeNumerically(">=", 2), "in the window that is now")
					}
					return do()
				}
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.changed(4)).To(Equal(4))
			})
		})
	}
}
