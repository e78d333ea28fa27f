package continuous_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// A member that JumpCloud does not accept holds up nobody else, and is tried once per resync.
func TestAMemberWhoIsRefusedKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []int{50, 51}, to(5))
		script := w.Sim.Script(jumpcloudtest.Fault{Status: http.StatusBadRequest, Match: jumpcloudtest.Match{
			Method: http.MethodPost, Path: "/api/v2/usergroups/*/members", Body: w.users[1], Times: -1,
		}})
		w.Rest()
		w.ExpectReady("False/SubmissionRejected")
		w.Expect(w.Message()).To(ContainSubstring("refused to AddMember " + w.users[1] + " with status 400"))
		w.has(0, 2, 3, 4)
		w.Expect(script.Caught()).To(Equal(1))
		w.Resync()
		w.ExpectReady("False/SubmissionRejected")
		w.Expect(script.Caught()).To(Equal(2))
		script.Remove()
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.has(to(5)...)
	})
}

// If JumpCloud refuses one after another, the members are not the reason.
func TestMembersWhoAreAllRefusedAreNotAllTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil, to(80))
		script := w.Sim.Script(jumpcloudtest.Fault{Status: http.StatusBadRequest, Match: jumpcloudtest.Match{
			Method: http.MethodPost, Path: "/api/v2/usergroups/*/members", Times: -1,
		}})
		w.Rest()
		w.ExpectReady("False/SubmissionRejected")
		w.Expect(script.Caught()).To(BeNumerically("<", 20))
	})
}

// A deletion that JumpCloud refuses waits, and says how to let the object go.
func TestADeletionThatIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil, to(3))
		w.Rest()
		w.Edit(func(o *object) { o.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete })
		w.Rest()
		w.Sim.Script(jumpcloudtest.Fault{Status: http.StatusConflict, Match: jumpcloudtest.Match{Method: http.MethodDelete, Path: "/api/v2/usergroups/*", Times: -1}})
		w.Delete()
		w.Rest()
		w.ExpectReady("False/SubmissionRejected")
		w.Expect(w.Message()).To(ContainSubstring(v1alpha1.AbandonAnnotation))
		w.Annotate(v1alpha1.AbandonAnnotation, "true")
		w.Until(w.Gone)
	})
}
