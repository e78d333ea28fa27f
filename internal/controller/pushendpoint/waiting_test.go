package pushendpoint_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// The object notices the user in any reading, whoever made it.
func TestAnEndpointNoticesItsUser(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/UsersNotFound")
		w.ada = w.Org.AddUser(jumpcloudtest.User{"username": "grace", "email": "grace@example.org"})
		w.enroll("Phone")
		w.ReadDirectory()
		w.Expect(w.Woken).To(HaveKey(w.Key))
		w.Rest()
		w.ExpectReady("True/UpToDate")
	}, func(o *v1alpha1.PushEndpoint) { o.Spec.User = v1alpha1.UserReference{Email: "Grace@example.org"} })
}
