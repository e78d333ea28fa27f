package schedules

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// A user may belong to one object at the first event and to another at the second. Which of
// them a message names must not depend on the order in which a cache lists them: otherwise,
// the status changes from pass to pass.
func TestTheNamedOwnerIsAlwaysTheSame(t *testing.T) {
	declares := func(name string, state v1alpha1.SchedulableState, start, end string) *v1alpha1.ScheduledUserState {
		object := &v1alpha1.ScheduledUserState{Spec: v1alpha1.ScheduledUserStateSpec{
			State: state, StartDate: start, EndDate: end, Users: []v1alpha1.UserReference{{Username: "ada"}},
		}}
		object.Namespace, object.Name = "identity", name
		return object
	}
	const leaves, returns = "2027-03-01T09:00:00Z", "2027-04-01T09:00:00Z"
	own := declares("c", v1alpha1.SchedulableSuspended, leaves, returns)
	others := []*v1alpha1.ScheduledUserState{
		declares("a", v1alpha1.SchedulableSuspended, leaves, ""), declares("b", v1alpha1.SchedulableActivated, returns, ""),
	}
	idOf := func(v1alpha1.UserReference) string { return "1" }
	before := func(a, b *v1alpha1.ScheduledUserState) bool { return a.Name < b.Name }
	for range 2 {
		slices.Reverse(others)
		users := []User{{Name: "ada", ID: "1"}}
		Contest(users, slices.Insert(slices.Clone(others), 0, own), idOf, before)
		NewWithT(t).Expect(users[0].Owner).To(Equal("identity/a"))
	}
}
