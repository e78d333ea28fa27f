package oneshot_test

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// ahead changes the times in the status to those of a clock that is days ahead.
func (w *world) ahead() {
	w.T.Helper()
	object := w.Get()
	for i := range object.Status.Jobs {
		job := &object.Status.Jobs[i]
		for _, at := range []*metav1.MicroTime{job.IntendedAt, job.SubmittedAt, job.FinishedAt} {
			if at != nil {
				at.Time = at.Add(72 * time.Hour)
			}
		}
	}
	w.Expect(w.API.Status().Update(w.T.Context(), object)).To(Succeed())
}

// A process that takes over from one whose clock was far ahead waits no longer than after any
// other.
func TestAClockThatWasAheadHoldsNothingUp(t *testing.T) {
	t.Run("a run whose ledger is gone", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, hires(4))
			w.batches(2)
			w.Until(w.sent(2))
			w.Until(func() bool { return w.Get().Status.Jobs[0].FinishedAt != nil })
			w.ahead()
			w.Restart()
			w.Expect(w.API.DeleteAllOf(t.Context(), &corev1.ConfigMap{}, client.InNamespace("identity"),
				client.HasLabels{"jumpcloud-operator.io/import"})).To(Succeed())
			began := time.Now()
			w.rest()
			w.ExpectReady("True/Succeeded")
			w.Expect(time.Since(began)).To(BeNumerically("<", time.Hour))
		})
	})
	t.Run("a deletion without a session", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, hires(2))
			w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckUnapplied })
			w.Until(w.sent(1))
			w.ahead()
			w.Restart()
			w.Pool.Remove(client.ObjectKey{Namespace: "identity", Name: "acme"})
			w.Delete()
			began := time.Now()
			w.Until(w.Gone)
			w.Expect(time.Since(began)).To(BeNumerically("<", 2*time.Hour))
		})
	})
}
