package scheduleduserstate_test

import (
	"testing"

	. "github.com/onsi/gomega"
)

// The object notices the user in any reading, whoever made it.
func TestAScheduleNoticesItsUser(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/UsersNotFound")
		w.hire("joan")
		w.ReadDirectory("joan")
		w.Expect(w.Woken).To(HaveKey(w.Key))
		w.Rest()
		w.ExpectReady("True/Scheduled")
	}, users("ada", "joan"))
}
