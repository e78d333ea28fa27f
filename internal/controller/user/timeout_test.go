package user_test

import (
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// late makes jobs begin long after the operator stopped waiting for them.
func (w *world) late() {
	w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDelay = 2 * enginetest.JobTimeout })
}

// passFor makes passes over Users for a duration.
func (w *world) passFor(keys []client.ObjectKey, long time.Duration) {
	w.T.Helper()
	for end := time.Now().Add(long); time.Now().Before(end); {
		w.PassAll(keys, time.Until(end))
		<-time.After(min(time.Second, time.Until(end)))
	}
}

// A job that does not end in time counts as one whose answer was lost: nothing is sent before
// two readings prove that it made nothing, and a job that begins later creates nobody twice.
func TestACreationWhoseJobDoesNotEndInTime(t *testing.T) {
	fleet(t, 3, func(w *world, keys []client.ObjectKey) {
		w.late()
		w.passFor(keys, enginetest.JobTimeout-time.Minute)
		w.Expect(w.ready(keys)).To(Equal(all(3, "Unknown/JobRunning")))
		w.Expect(w.jobs(http.MethodPost)).To(Equal([]int{3}))
		began := time.Now()
		w.passFor(keys, time.Minute+enginetest.SettleWindow-time.Second)
		w.Expect(w.ready(keys)).To(Equal(all(3, "Unknown/SubmissionSettling")))
		w.Expect(w.jobs(http.MethodPost)).To(Equal([]int{3}), "one reading proves nothing")
		w.passFor(keys, 2*time.Minute)
		w.Expect(w.bodies(http.MethodPost)).To(HaveLen(6), "each is sent again, once")
		w.Expect(time.Since(began)).To(BeNumerically("<", 5*time.Minute))
		w.restAll(keys)
		w.Expect(w.ready(keys)).To(Equal(all(3, "True/UpToDate")))
		w.Expect(w.Get().Status.Adopted).To(BeFalse(), "it is the first job that made the user")
		<-time.After(4 * enginetest.JobTimeout) // the second job begins
		w.restAll(keys)
		w.Expect(w.ready(keys)).To(Equal(all(3, "True/UpToDate")))
		w.Expect(w.Org.Users()).To(HaveLen(3), "nobody is made twice")
	})
}

// An update that may take effect late is compared again and may be sent again: it states the
// desired values.
func TestAnUpdateWhoseJobDoesNotEndInTime(t *testing.T) {
	fleet(t, 3, func(w *world, keys []client.ObjectKey) {
		w.restAll(keys)
		w.late()
		for _, key := range keys {
			w.TurnTo(key.Name)
			w.Edit(working("Looms"))
		}
		w.passFor(keys, enginetest.JobTimeout-time.Minute)
		w.Expect(w.jobs(http.MethodPatch)).To(Equal([]int{3}))
		w.passFor(keys, 2*time.Minute)
		w.Expect(w.jobs(http.MethodPatch)).To(Equal([]int{3, 3}), "what is live differs still")
		w.restAll(keys)
		w.Expect(w.ready(keys)).To(Equal(all(3, "True/UpToDate")))
		w.Expect(w.Org.Users()).To(HaveEach(HaveKeyWithValue("department", "Looms")))
	})
}
