package usergroup_test

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
)

// imported acts as an import does at its end: it reads back the users that it made.
func (w *world) imported(names ...string) {
	w.T.Helper()
	w.hire(names...)
	w.ReadDirectory(names...)
}

func TestAGroupNoticesThatAnImportMadeItsMembers(t *testing.T) {
	story(t, func(w *world) {
		// So many that the new ones are searched for instead of listed.
		for i := range 300 {
			w.hire(fmt.Sprintf("person%d", i))
		}
		w.Rest()
		w.ExpectReady("False/UsersNotFound")
		w.Expect(w.Woken).To(BeEmpty())

		w.imported("somebody.else")
		w.Expect(w.Woken).To(BeEmpty(), "nobody waits for them")

		w.imported("new.hire", "next.hire")
		w.Expect(w.Woken).To(HaveKey(w.Key))
		w.Sim.ForgetHistory()
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(ConsistOf("ada", "new.hire", "next.hire"))
		for _, r := range w.Sim.History() {
			w.Expect(r.Path).To(HavePrefix(groupsPath), "who they are is known from the import's reading")
		}
		version := w.Get().ResourceVersion
		w.Resync()
		w.Expect(w.Get().ResourceVersion).To(Equal(version))
	}, members("ada", "new.hire", "next.hire"))
}

// Anybody may create the user: a listing that was read for another object shows it, too.
func TestAGroupNoticesAMemberInAListingForOthers(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/UsersNotFound")
		w.hire("new.hire")
		w.ReadDirectory()
		w.Expect(w.Woken).To(HaveKey(w.Key))
		w.Rest()
		w.ExpectReady("True/UpToDate")
	}, members("ada", "new.hire"))
}

// Waiting for a user whom no reading shows costs nothing, and a deleted object stops waiting.
func TestAGroupThatIsGoneWaitsForNobody(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/UsersNotFound")
		w.Delete()
		w.Pass()
		w.Expect(w.Gone()).To(BeTrue())
		w.imported("new.hire")
		w.Expect(w.Woken).To(BeEmpty())
	}, members("ada", "new.hire"))
}
