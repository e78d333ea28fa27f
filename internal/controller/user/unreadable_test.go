package user_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// A value of another user that cannot be read does not matter, unless it may be one that the
// object states for its own user.
func TestAnUnreadableUserHidesNobodyElse(t *testing.T) {
	odd := func(w *world, more jumpcloudtest.User) {
		w.add("odd", nil)
		w.inConsole("odd", more)
	}
	t.Run("another value", func(t *testing.T) {
		story(t, func(w *world) {
			odd(w, jumpcloudtest.User{"employeeIdentifier": 42, "department": []any{}})
			w.Rest()
			w.ExpectReady("True/UpToDate")
		})
	})
	for what, c := range map[string]struct {
		more   jumpcloudtest.User
		change func(*v1alpha1.User)
	}{
		"the same identifier": {jumpcloudtest.User{"employeeIdentifier": 42}, func(o *v1alpha1.User) { o.Spec.EmployeeIdentifier = new("42") }},
		"the same email":      {jumpcloudtest.User{"email": true}, func(*v1alpha1.User) {}},
		"the same username":   {jumpcloudtest.User{"username": 5}, func(*v1alpha1.User) {}},
	} {
		t.Run(what, func(t *testing.T) {
			story(t, func(w *world) {
				odd(w, c.more)
				w.Rest()
				w.ExpectReady("False/RemoteConflict")
				w.Expect(w.Message()).To(ContainSubstring("cannot be read"))
				w.Expect(w.Sent()).To(BeEmpty())
			}, c.change)
		})
	}
}

// A value of the user that cannot be read counts neither as declared nor as different.
func TestAnUnreadableValueIsNotCompared(t *testing.T) {
	story(t, func(w *world) {
		w.add("ada", jumpcloudtest.User{"department": 42})
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(ContainSubstring("spec.department: JumpCloud's value for this user cannot be read"))
		w.inConsole("ada", jumpcloudtest.User{"department": "Engines", "jobTitle": 42})
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Sent()).To(BeEmpty())
	})
}

// A user who is not certainly suspended is suspended if that is declared. A suspension that is
// not certain is not lifted.
func TestAnUnreadableState(t *testing.T) {
	story(t, func(w *world) {
		w.add("ada", jumpcloudtest.User{"state": 42})
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live("ada", "state")).To(Equal([]any{"SUSPENDED"}))
		w.Expect(w.Sent()).To(Equal([]string{http.MethodPut}))
	}, state(v1alpha1.UserStateSuspended))
	story(t, func(w *world) {
		w.add("ada", jumpcloudtest.User{"state": 42})
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Sent()).To(BeEmpty())
	}, state(v1alpha1.UserStateActivated))
}

// An administrator stays protected, and a user who may be protected is, whatever cannot be
// read.
func TestAnUnreadableUserMayBeProtected(t *testing.T) {
	for what, more := range map[string]jumpcloudtest.User{
		"an administrator": {"admin": 7},
		"a protected user": {"email": 7},
	} {
		for _, policy := range []v1alpha1.DeletionPolicy{v1alpha1.DeletionPolicySuspend, v1alpha1.DeletionPolicyDelete} {
			t.Run(what+", "+string(policy), func(t *testing.T) {
				story(t, func(w *world) {
					w.EditOrganization(func(o *v1alpha1.Organization) {
						o.Spec.ProtectedUsers = []v1alpha1.UserReference{{Email: "root@example.org"}}
					})
					w.add("ada", nil)
					w.Rest()
					w.inConsole("ada", more)
					w.Delete()
					w.Rest()
					w.ExpectReady("False/ProtectedUser")
					w.Expect(w.Sent()).To(BeEmpty())
				}, deletion(policy))
			})
		}
	}
}
