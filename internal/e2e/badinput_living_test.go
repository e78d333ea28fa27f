package e2e

import (
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// far is the date of schedules whose messages contain the date.
const far = "2035-12-31T18:00:00Z"

// badSchedule creates a schedule and waits until it has the promised condition. Nothing may be
// sent.
func (w *badWorld) badSchedule(spec v1alpha1.ScheduledUserStateSpec) {
	w.Helper()
	if spec.Users == nil {
		spec.Users = users(1)
	}
	tells(w, w.schedule("leavers", spec))
	w.Expect(w.mutations()).To(BeZero())
}

// badSchedules are state changes that cannot be scheduled.
var badSchedules = map[string]func(*badWorld){
	"A local time without a time zone": func(w *badWorld) {
		w.isRefused(&v1alpha1.ScheduledUserState{ObjectMeta: w.meta("leavers"), Spec: v1alpha1.ScheduledUserStateSpec{
			OrganizationRef: toAcme, Users: users(1), State: v1alpha1.SchedulableSuspended, StartDate: "2035-12-31T18:00:00",
		}})
	},
	"A local time that clocks skip": func(w *badWorld) {
		w.badSchedule(v1alpha1.ScheduledUserStateSpec{StartDate: "2031-03-30T02:30:00", TimeZone: "Europe/Berlin"})
	},
	"A local time that clocks show twice": func(w *badWorld) {
		w.badSchedule(v1alpha1.ScheduledUserStateSpec{StartDate: "2031-10-26T02:30:00", TimeZone: "Europe/Berlin"})
	},
	"A time zone that does not exist": func(w *badWorld) {
		w.badSchedule(v1alpha1.ScheduledUserStateSpec{StartDate: "2035-12-31T18:00:00", TimeZone: "CET+1"})
	},
	"A day that does not exist": func(w *badWorld) {
		w.badSchedule(v1alpha1.ScheduledUserStateSpec{StartDate: "2035-02-30T18:00:00Z"})
	},
	"An end before the start": func(w *badWorld) {
		w.badSchedule(v1alpha1.ScheduledUserStateSpec{StartDate: far, EndDate: "2035-12-01T18:00:00Z"})
	},
	"A date that has passed": func(w *badWorld) {
		w.badSchedule(v1alpha1.ScheduledUserStateSpec{StartDate: "2020-01-01T00:00:00Z"})
	},
	"A user to be suspended who is not in the directory": func(w *badWorld) {
		key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{
			StartDate: far, Users: append(users(1), v1alpha1.UserReference{Username: "nobody"}),
		})
		tells(w, key)
		w.Eventually(w.org.ScheduledStates).Should(HaveLen(1))
	},
	"An administrator who would be suspended": func(w *badWorld) {
		w.newcomer("root.admin", jumpcloudtest.User{"admin": map[string]any{"id": "65f1c0ffee65f1c0ffee9999"}})
		w.badSchedule(v1alpha1.ScheduledUserStateSpec{StartDate: far, Users: []v1alpha1.UserReference{{Username: "root.admin"}}})
	},
	"30 suspensions at a time": func(w *badWorld) {
		w.badSchedule(v1alpha1.ScheduledUserStateSpec{StartDate: far, Users: users(first(30)...)})
	},
	"A second object for the same suspension": func(w *badWorld) {
		older := w.schedule("contracts", v1alpha1.ScheduledUserStateSpec{StartDate: far, Users: users(1, 2)})
		reaches(w.world, older, v1alpha1.ScheduledReason)
		w.grown(older)
		tells(w, w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: far, Users: users(2, 3)}))
	},
	"A schedule that JumpCloud refuses": func(w *badWorld) {
		w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: "POST", Path: "/api/v2/bulk/userstates", Times: -1}, Status: 400})
		tells(w, w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: far, Users: users(1)}))
	},
	"A schedule whose answer is lost": func(w *badWorld) {
		hold := w.sim.Hold(postState, jumpcloudtest.AfterEffect)
		key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: far, Users: users(1)})
		tells(w, key)
		hold.Release()
		reaches(w.world, key, v1alpha1.ScheduledReason)
		w.Expect(w.org.ScheduledJobs()).To(HaveLen(1))
	},
}

// badPush creates a push endpoint and waits until it has the promised condition. Nothing may
// be sent.
func (w *badWorld) badPush(spec v1alpha1.PushEndpointSpec) {
	w.Helper()
	tells(w, w.push("phone", ofFirst(spec)))
	w.Expect(w.mutations()).To(BeZero())
}

// badPushEndpoints are devices that do not exist, or must not be changed.
var badPushEndpoints = map[string]func(*badWorld){
	"A device that is not there": func(w *badWorld) {
		w.names = append(w.names, w.phone("Tablet"), "65f1c0ffee65f1c0ffee8001")
		w.badPush(v1alpha1.PushEndpointSpec{})
	},
	"A device by an id that nothing has": func(w *badWorld) {
		w.phone("Phone")
		w.badPush(v1alpha1.PushEndpointSpec{Endpoint: v1alpha1.PushEndpointReference{ID: "65f1c0ffee65f1c0ffee8009"}})
	},
	"Two devices of the same name": func(w *badWorld) {
		w.names = append(w.names, w.phone("Phone"), "65f1c0ffee65f1c0ffee8001", w.phone("Phone"), "65f1c0ffee65f1c0ffee8002")
		w.badPush(v1alpha1.PushEndpointSpec{State: v1alpha1.PushEndpointInactive})
	},
	"A device of a user who is not in the directory": func(w *badWorld) {
		spec := ofFirst(v1alpha1.PushEndpointSpec{})
		spec.User = v1alpha1.UserReference{Username: "nobody"}
		tells(w, w.push("phone", spec))
	},
	"A device of an administrator": func(w *badWorld) {
		admin := w.newcomer("root.admin", jumpcloudtest.User{"admin": map[string]any{"id": "65f1c0ffee65f1c0ffee9999"}})
		w.names = append(w.names, w.org.AddPushEndpoint(admin, jumpcloudtest.PushEndpoint{"name": "Phone"}), "65f1c0ffee65f1c0ffee8001")
		tells(w, w.push("phone", v1alpha1.PushEndpointSpec{
			User: v1alpha1.UserReference{Username: "root.admin"}, Endpoint: v1alpha1.PushEndpointReference{Name: "Phone"}, State: v1alpha1.PushEndpointInactive,
		}))
		w.Expect(w.mutations()).To(BeZero())
	},
	"A second object for the same device": func(w *badWorld) {
		w.phone("Phone")
		older := w.push("device", ofFirst(v1alpha1.PushEndpointSpec{}))
		isReady(w.world, older)
		w.grown(older)
		w.badPush(v1alpha1.PushEndpointSpec{State: v1alpha1.PushEndpointInactive})
	},
	"Two kinds of names for one device": func(w *badWorld) {
		w.isRefused(&v1alpha1.PushEndpoint{ObjectMeta: w.meta("phone"), Spec: v1alpha1.PushEndpointSpec{
			OrganizationRef: toAcme, User: users(1)[0],
			Endpoint: v1alpha1.PushEndpointReference{Name: "Phone", ID: "65f1c0ffee65f1c0ffee8001"},
		}})
	},
}
