package scheduledstate_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// An older object comes to declare what a younger one has scheduled. When that
// one is deleted, its job is cancelled all the same: it is about people whom
// nobody else declares.
func TestAJobGoesWithTheObjectThatMadeIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		t.Helper()
		younger := object("younger", users("ada", "grace"), starts(30*time.Hour))
		younger.CreationTimestamp = later(time.Hour)
		w := newWorld(t, []client.Object{younger}, users("ada"))
		w.Rest()
		older := w.Key
		w.Key = client.ObjectKeyFromObject(younger)
		w.Rest()
		w.ExpectReady("True/Scheduled")

		w.Key = older
		w.edit(starts(30 * time.Hour))
		w.Rest()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.pending()).To(HaveLen(1), "the younger one's job will do")

		w.Key = client.ObjectKeyFromObject(younger)
		w.Resync()
		w.ExpectReady("False/RemoteConflict")
		w.Delete()
		w.Until(w.Gone)
		w.Expect(w.pending()).To(BeEmpty())

		w.Key = older
		w.Resync()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start.Add(6*time.Hour), "ada")))
		w.Expect(w.phases()).To(Equal(map[string]v1alpha1.ScheduledUserPhase{}))
	})
}
