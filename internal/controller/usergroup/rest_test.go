package usergroup_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// A look that takes several passes is not written to the status if the object only waits for a
// user who does not exist yet.
func TestALongLookAtAGroupThatWaitsForSomebodyIsNotWritten(t *testing.T) {
	names := []string{"nobody"}
	for i := range 300 {
		names = append(names, fmt.Sprintf("person%d", i))
	}
	story(t, func(w *world) {
		w.hire(names[1:]...)
		w.Rest()
		w.Resync()
		w.ExpectReady("False/UsersNotFound")
		version, events := w.Get().ResourceVersion, len(w.Events)
		w.Sim.Configure(func(b *jumpcloudtest.Behavior) { b.Latency = 900 * time.Millisecond })
		w.Resync()
		w.Expect(w.Get().ResourceVersion).To(Equal(version), w.Describe)
		w.Expect(w.Events).To(HaveLen(events))
		w.hire("nobody")
		w.Resync()
		w.ExpectReady("True/UpToDate")
	}, members(names...))
}
