package pushendpoint_test

import (
	"fmt"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// answer makes JumpCloud answer reads of a path with a body.
func (w *world) answer(path, body string) {
	w.Sim.Script(jumpcloudtest.Fault{
		Match: jumpcloudtest.Match{Method: http.MethodGet, Path: path, Times: -1}, Status: http.StatusOK, Body: body,
	})
}

const (
	endpointsPath = "/api/v2/users/*/pushendpoints"
	endpointPath  = "/api/v2/users/*/pushendpoints/*"
)

// A value that cannot be read neither equals the declared one nor differs from it: if it is
// declared, nothing is sent.
func TestAnUnreadableValueIsNotCompared(t *testing.T) {
	for _, c := range []struct {
		record  string // name and state
		change  func(*v1alpha1.PushEndpoint)
		refused bool
	}{
		{`"name":5,"state":"active"`, renamed, true},
		{`"name":{"text":"Ada's phone"},"state":"active"`, renamed, true},
		{`"name":5,"state":"active"`, active, false},
		{`"name":"Phone","state":true`, deactivated, true},
		{`"name":"Phone","state":["active"]`, active, true},
		{`"name":"Ada's phone","state":7`, renamed, false},
	} {
		story(t, func(w *world) {
			w.Rest()
			w.Edit(c.change)
			w.answer(endpointPath, fmt.Sprintf(`{"id":%q,%s,"device":{"model":3}}`, w.phone, c.record))
			w.Rest()
			if !c.refused {
				w.ExpectReady("True/UpToDate")
				return
			}
			w.ExpectReady("False/RemoteConflict")
			w.Expect(w.Message()).To(Equal("The name or the state that JumpCloud has of push endpoint " + w.phone +
				" cannot be read, so it is not known whether it differs from what is declared. Correct it in JumpCloud, or leave spec.name and spec.state out."))
			w.costOfResync()

			w.Sim.RemoveFaults()
			w.Resync()
			w.ExpectReady("True/UpToDate")
		})
	}
}

// An endpoint whose name or id cannot be read may be the wanted one, which then does not count
// as absent. It does not hide another endpoint.
func TestAnUnreadableEndpointIsNotAbsent(t *testing.T) {
	const odd, nameless = `{"id":"65f1c0ffee65f1c0ffee0001","name":5,"state":"active"}`, `{"id":7,"name":"Phone","state":"active"}`
	const sound = `{"id":"65f1c0ffee65f1c0ffee0002","name":"Tablet","state":"active"}`
	for _, record := range []string{odd, nameless, `"odd"`} {
		story(t, func(w *world) {
			w.answer(endpointsPath, "["+sound+","+record+"]")
			w.Rest()
			w.ExpectReady("False/RemoteConflict")
			w.Expect(w.Message()).To(Equal(`The user has a push endpoint whose name or id cannot be read: it may be the one named "Phone" or "Ada's phone". ` +
				`Make a PushEndpoint with spec.endpoint.id.`))
			w.costOfResync()
		}, renamed)
	}
	story(t, func(w *world) {
		w.answer(endpointsPath, fmt.Sprintf(`[%s,{"id":%q,"name":"Phone","state":"active"}]`, odd, w.phone))
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live(w.phone)).To(Equal("Ada's phone/active"))
	}, renamed)
}

// A user whose username cannot be read may be the declared one.
func TestAnUnreadableUserIsNotAbsent(t *testing.T) {
	story(t, func(w *world) {
		w.Expect(w.Org.UpdateUser(w.ada, jumpcloudtest.User{"username": 5})).To(BeTrue())
		w.Pass()
		w.ExpectReady("False/RemoteUnavailable")
		w.Expect(w.Message()).To(ContainSubstring("A user was not found, but is not treated as missing: it may be one whose username, email or id in JumpCloud cannot be read."))
		w.Expect(w.Sent()).To(BeEmpty())

		w.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.User = v1alpha1.UserReference{Email: "ada@example.org"} })
		w.Rest()
		w.ExpectReady("True/UpToDate")
	}, renamed)
}

// A user whose username cannot be read may be a protected one.
func TestAnUnreadableUserMayBeProtected(t *testing.T) {
	story(t, func(w *world) {
		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.ProtectedUsers = []v1alpha1.UserReference{{Username: "boss"}} })
		w.Expect(w.Org.UpdateUser(w.ada, jumpcloudtest.User{"username": 5})).To(BeTrue())
		w.Rest()
		w.ExpectReady("False/ProtectedUser")
		w.Expect(w.Sent()).To(BeEmpty())
	}, renamed, func(o *v1alpha1.PushEndpoint) { o.Spec.User = v1alpha1.UserReference{Email: "ada@example.org"} })
}

// An administrator is protected in whatever form JumpCloud writes that.
func TestAnUnreadableAdministratorIsProtected(t *testing.T) {
	for _, admin := range []any{true, "65f1c0ffee65f1c0ffee9999", []any{}, 7} {
		story(t, func(w *world) {
			w.Expect(w.Org.UpdateUser(w.ada, jumpcloudtest.User{"admin": admin})).To(BeTrue())
			w.Rest()
			w.ExpectReady("False/ProtectedUser")
			w.Expect(w.Sent()).To(BeEmpty())
		}, renamed)
	}
}
