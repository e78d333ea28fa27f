package usergroup_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// An object that waits for a name takes it as soon as its owner has another one.
func TestARenameFreesTheName(t *testing.T) {
	storyWith(t, []client.Object{object("second", 1, named("engineers"))}, func(w *world) {
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.TurnTo("second")
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.TurnTo("engineers")
		w.Edit(named("masters"))
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.TurnTo("second")
		w.Rest()
		w.ExpectReady("True/UpToDate")
	})
}

// The same if the waiting object already has a group.
func TestARenameFreesTheNameForAnotherRename(t *testing.T) {
	storyWith(t, []client.Object{object("second", 1, named("builders"))}, func(w *world) {
		w.Rest()
		w.TurnTo("second")
		w.Rest()
		w.edit(named("engineers"))
		w.ExpectReady("False/RemoteConflict")
		w.Restart()
		w.TurnTo("engineers")
		w.Edit(named("masters"))
		w.Rest()
		w.TurnTo("second")
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.groups()).To(ConsistOf("masters", "engineers"))
	})
}

// A group that got its former name back in the console is in the way, though its object does
// not know that yet. The list is re-read once, not for each look.
func TestANameThatItsObjectDoesNotKnow(t *testing.T) {
	storyWith(t, []client.Object{object("second", 1, named("builders"))}, func(w *world) {
		w.Rest()
		w.Org.UpdateUserGroup(w.Get().Status.ID, jumpcloudtest.UserGroup{"name": "builders"})
		w.TurnTo("second")
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.groups()).To(Equal([]string{"builders"}))
		w.Sim.ForgetHistory()
		w.Rest()
		w.Expect(w.reads()).To(BeEmpty())
		w.Resync()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.reads()).To(Equal(map[string]int{"groups": 1}))
	})
}
