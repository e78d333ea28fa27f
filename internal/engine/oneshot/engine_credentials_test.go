package oneshot_test

import (
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// While only the credentials for changes are rejected, nothing is announced and nothing is
// sent. An open job is still followed.
func TestARunWaitsForItsCredentials(t *testing.T) {
	for name, jobs := range map[string]int{"before it begins": 0, "between its jobs": 1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(4))
				w.batches(2)
				if jobs > 0 {
					w.Until(w.sent(jobs))
				}
				w.Unwritable = v1alpha1.AuthenticationFailedReason
				w.Connect()
				w.rest()
				w.ExpectReady("False/OrganizationNotReady")
				w.Expect(w.Message()).To(ContainSubstring("cannot make changes (AuthenticationFailed)"))
				version := w.Get().ResourceVersion
				w.resyncs()
				w.Expect(w.Get().ResourceVersion).To(Equal(version), "a resync writes nothing")
				w.Expect(w.Org.CountUsers()).To(Equal(2 * jobs))
				for _, job := range w.Get().Status.Jobs {
					w.Expect(job.State).To(BeElementOf(v1alpha1.JobFinished, v1alpha1.JobPlanned), "nothing is announced")
				}

				w.Unwritable = ""
				w.Connect()
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.Org.CountUsers()).To(Equal(4))
				w.expectEachSentOnce()
			})
		})
	}
}

// With credentials for reads only, an import plans.
func TestARunOfAnOrganizationThatObserves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(3))
		w.Observes = true
		w.Connect()
		w.rest()
		w.ExpectReady("False/PlanOnly")
		w.Expect(w.Message()).To(Equal("The Organization has readCredentials only and observes, so nothing was sent. " +
			"Of 3 rows: 3 to create. Set its spec.credentials to carry that out."))
		w.Expect(w.Org.Jobs()).To(BeEmpty())

		w.Observes = false
		w.Connect()
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Org.CountUsers()).To(Equal(3))
	})
}
