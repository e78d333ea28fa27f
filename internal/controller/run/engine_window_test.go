package run_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// window sets the figures of the guard's window, and the guard's own.
func (w *world) window(harmful, created, own int32) {
	w.T.Helper()
	w.EditOrganization(func(o *v1alpha1.Organization) {
		o.Spec.Guard = v1alpha1.Guard{MaxHarmful: &own, MaxPercent: new(int32(100)), Window: v1alpha1.GuardWindow{
			Duration: metav1.Duration{Duration: 24 * time.Hour}, MaxHarmful: &harmful, MaxCreated: &created,
		}}
	})
}

// counted is what the window counts.
func (w *world) counted() (harmful, created int) {
	w.T.Helper()
	organization := &v1alpha1.Organization{}
	w.Expect(w.API.Get(w.T.Context(), client.ObjectKey{Namespace: "identity", Name: "acme"}, organization)).To(Succeed())
	if organization.Status.Guard == nil {
		return 0, 0
	}
	for _, bucket := range organization.Status.Guard.Harmed {
		harmful, created = harmful+int(bucket.Harmful), created+int(bucket.Created)
	}
	return harmful, created
}

// harmed is what the object counts of itself.
func (w *world) harmed() (harmful int) {
	w.T.Helper()
	for _, bucket := range w.Get().Status.Harmed {
		harmful += int(bucket.Harmful)
	}
	return harmful
}

func (w *world) expectCounted(harmful, created int) {
	w.T.Helper()
	h, c := w.counted()
	w.Expect([]int{h, c}).To(Equal([]int{harmful, created}), "harmful and created in the window")
	w.Expect(w.harmed()).To(Equal(harmful), "of the object itself")
}

func TestTheWindowWithholdsHarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newEmails(12))
		w.Org.Generate(200)
		w.window(11, 100, 100)
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

// What waits because the window is full goes when there is room again.
func TestWhatTheWindowWithheldGoesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newEmails(12))
		w.Org.Generate(200)
		w.window(11, 100, 100)
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.window(12, 100, 100)
		w.resyncs()
		w.ExpectReady("True/Succeeded")
		w.expectCounted(12, 1)
	})
}

// Harm is counted once however often its row is sent, and before it is sent,
// wherever a process dies.
func TestHarmIsCountedBeforeItIsDone(t *testing.T) {
	for n, died := 0, true; died; n++ {
		died = false
		after := n%2 == 0
		t.Run(fmt.Sprintf("death at call %d, after it %v", n, after), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, newEmails(4))
				w.Org.Generate(200)
				w.window(20, 20, 100)
				w.batches(2)
				w.Org.ScriptRows(jumpcloudtest.RowFault{Username: member(1), Times: 1})
				w.DieAt(n, after, &died)
				die := w.OnCall
				w.OnCall = func(c enginetest.Call, do func() error) error {
					if c.Verb == http.MethodPatch && c.Path != "" {
						harmful, created := w.counted()
						w.Expect(harmful).To(BeNumerically(">=", 4))
						w.Expect(created).To(BeNumerically(">=", 1))
					}
					return die(c, do)
				}
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.changed(4)).To(Equal(4))
				harmful, _ := w.counted()
				w.Expect(harmful).To(BeElementOf(4, 8), "a death may count it once more")
				w.Expect(w.harmed()).To(BeNumerically(">=", 4))
				if !died {
					w.expectCounted(4, 1)
				}
			})
		})
	}
}

// What JumpCloud refused harmed nobody.
func TestWhatWasRefusedIsNotCounted(t *testing.T) {
	t.Run("a job", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, newEmails(4)[:5])
			w.Org.Generate(200)
			w.window(20, 20, 100)
			w.Sim.Script(jumpcloudtest.Fault{
				Match: jumpcloudtest.Match{Method: http.MethodPatch, Path: "/api/v2/bulk/users", Times: -1}, Status: http.StatusBadRequest, Body: `{"message":"no"}`,
			})
			w.rest()
			w.ExpectReady("False/SubmissionRejected")
			w.expectCounted(0, 0)
		})
	})
	t.Run("creations", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, hires(4))
			w.window(20, 20, 100)
			w.Sim.Script(jumpcloudtest.Fault{
				Match: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users", Times: -1}, Status: http.StatusBadRequest, Body: `{"message":"no"}`,
			})
			w.rest()
			w.ExpectReady("False/SubmissionRejected")
			w.expectCounted(0, 0)
		})
	})
	t.Run("a suspension", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newLeavers(t, 4)
			w.Sim.Script(jumpcloudtest.Fault{
				Match:  jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/" + w.id(member(2)), Times: -1},
				Status: http.StatusBadRequest, Body: `{"message":"no"}`,
			})
			w.rest()
			w.ExpectReady("False/RowsFailed")
			w.expectCounted(3, 0)
		})
	})
	t.Run("a run that somebody's edit came before", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, newEmails(4)[:5])
			w.Org.Generate(200)
			w.window(20, 20, 100)
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

// A source that goes back and forth harms little each time, and much together.
func TestTheGuardCountsOverRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		emails := func(domain string) []string {
			lines := []string{"username,email"}
			for i := 1; i <= 3; i++ {
				lines = append(lines, fmt.Sprintf("%s,%s@%s", member(i), member(i), domain))
			}
			return lines
		}
		w := newWorld(t, emails("a.example.org"))
		w.Org.Generate(200)
		w.window(100, 100, 7)
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

// What was counted long before it is sent is counted anew: the window may have
// forgotten it.
func TestWhatWasCountedLongAgoIsCountedAnew(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, newEmails(4)[:5])
				w.Org.Generate(200)
				w.window(20, 20, 100)
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
						harmful, _ := w.counted()
						w.Expect(harmful).To(BeNumerically(">=", 2), "in the window that is now")
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
