package e2e

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// The objects and the import that creates their users are applied together, and the resync is
// far away: the reading that proves the import wakes the objects.
var _ = Describe("Objects that wait for users", Label("groups", "schedules"), func() {
	withOperator()
	It("go on when an import has created them", func() {
		w := newWorld(spec(), 20)
		members := []v1alpha1.UserReference{{Username: username(1)}, {Username: "new.hire"}}
		group := w.group("engineers", v1alpha1.UserGroupSpec{Members: &members})
		schedule := w.schedule("leave", v1alpha1.ScheduledUserStateSpec{Users: members, StartDate: "2099-01-01T00:00:00Z"})
		reaches(w, group, v1alpha1.UsersNotFoundReason)
		reaches(w, schedule, v1alpha1.UsersNotFoundReason)

		w.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{
			w.csv("hires", "username,email,firstname", "new.hire,new.hire@example.org,New"),
		}})
		w.await("hires", v1alpha1.SucceededReason)
		isReady(w, group)
		isReady(w, schedule)
		w.hasMembers("engineers", username(1), "new.hire")
	})
})
