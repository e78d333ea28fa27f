package oneshot_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// loses deletes the ledger, as anyone who may delete ConfigMaps can, and restarts the process.
func (w *world) loses() {
	w.T.Helper()
	results := w.Get().Status.Results
	w.Expect(results).NotTo(BeEmpty())
	for _, reference := range results {
		w.Expect(w.API.Delete(w.T.Context(), &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.Key.Namespace, Name: reference.ConfigMap},
		})).To(Succeed())
	}
	w.Restart()
}

// halfDone makes a world in which two of this many emails were changed under an approval that
// is still in force.
func halfDone(t *testing.T, emails int) *world {
	t.Helper()
	w := newWorld(t, newEmails(emails)[:emails+1])
	w.Org.Generate(20)
	w.batches(2)
	w.rest()
	w.approve()
	w.Until(w.sent(1))
	w.Expect(w.Get().Status.Plan.ApprovedHash).NotTo(BeEmpty())
	return w
}

// Rows whose approval was withdrawn wait for another one even if the run starts over because
// its ledger is gone, and although the guard would allow what is left.
func TestAWithdrawalOutlivesTheLedger(t *testing.T) {
	for name, happen := range map[string]func(w *world){
		"withdrawn before": func(w *world) {
			w.approveOnly("")
			w.rest()
			w.ExpectReady("False/ApprovalRequired")
			w.loses()
		},
		"withdrawn at the same time": func(w *world) {
			w.approveOnly("")
			w.loses()
		},
		"withdrawn before it is planned again": func(w *world) {
			w.loses()
			w.Until(func() bool { return w.Get().Status.StartTime == nil })
			script := w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Times: -1}, Status: 503})
			for range 3 {
				w.Pass()
			}
			w.approveOnly("")
			script.Remove()
		},
		"withdrawn before, and another source since": func(w *world) {
			w.approveOnly("")
			w.loses()
			w.source(append(newEmails(5)[:6], member(6)+","+member(6)+"@example.org")...)
		},
		"lost twice": func(w *world) {
			w.approveOnly("")
			w.loses()
			w.rest()
			w.loses()
		},
	} {
		for n, died := 0, true; died; n++ {
			died = false
			t.Run(fmt.Sprintf("%s, death at call %d", name, n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := halfDone(t, 5)
					happen(w)
					w.DieAt(n, n%2 == 1, &died)
					w.rest()
					w.resyncs()
					w.ExpectReady("False/ApprovalRequired")
					w.Expect(w.changed(5)).To(Equal(2))
					w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByWithdrawal))
					w.expectCounted(0, 0)

					w.approve()
					w.rest()
					w.ExpectReady("True/Succeeded")
					w.Expect(w.changed(5)).To(Equal(5))
					w.expectCounted(0, 0)
				})
			})
		}
	}
}

// If the guard's limit is raised, rows whose approval was withdrawn still wait.
func TestAWithdrawalOutlivesTheGuardsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := halfDone(t, 8)
		w.approveOnly("")
		w.rest()
		w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByGuard))
		w.loses()
		w.rest()
		w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByGuard))
		w.window(100, 100, 20)
		w.resyncs()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.changed(8)).To(Equal(2))
		w.Expect(w.Get().Status.Plan.WithheldBy).To(Equal(v1alpha1.WithheldByWithdrawal))
	})
}

// A run that starts over has another plan than the one that the approval in force is about:
// what the guard allows of it is done and counted, and the rest needs a new approval.
func TestAnApprovalDoesNotOutliveTheLedger(t *testing.T) {
	for left, ready := range map[int]string{3: "True/Succeeded", 6: "False/PlanChanged"} {
		t.Run(fmt.Sprintf("%d left", left), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := halfDone(t, 2+left)
				w.loses()
				w.rest()
				w.resyncs()
				w.ExpectReady(ready)
				w.Expect(w.Get().Status.Plan.DoneHash).To(BeEmpty(), "no approval is done")
				done := 2
				if ready == "True/Succeeded" {
					done += left
				}
				w.Expect(w.changed(2 + left)).To(Equal(done))
				w.expectCounted(done-2, 0)
			})
		})
	}
}
