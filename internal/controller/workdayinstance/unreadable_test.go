package workdayinstance_test

import (
	"encoding/json"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const instancePath = "/api/v2/workdays/*"

// odd returns the live instance with one member replaced.
func (w *world) odd(member string, value any) string {
	w.T.Helper()
	live := w.Org.Workday()
	live[member] = value
	body, err := json.Marshal(live)
	w.Expect(err).NotTo(HaveOccurred())
	return string(body)
}

// answer makes JumpCloud answer requests about the instance with a body.
func (w *world) answer(match jumpcloudtest.Match, body string) {
	match.Path = instancePath
	w.Sim.Script(jumpcloudtest.Fault{Match: match, Commit: true, Status: http.StatusOK, Body: body})
}

// reads are all reads of the instance.
var reads = jumpcloudtest.Match{Method: http.MethodGet, Times: -1}

// auth is what an instance says about its credentials for basic authentication.
func auth(isValid any) map[string]any {
	return map[string]any{"basic": map[string]any{"isValid": isValid}}
}

// A report that cannot be read is not another one: no credentials are withdrawn for it.
func TestAnUnreadableReportIsNotAnotherOne(t *testing.T) {
	for member, value := range map[string]any{"reportUrl": map[string]any{"url": reportURL}, "name": []string{"n"}} {
		story(t, func(w *world) {
			w.Rest()
			before := w.changed()
			w.answer(reads, w.odd(member, value))
			w.Resync()
			w.ExpectReady("False/RemoteConflict")
			w.Expect(w.Message()).To(Equal("JumpCloud's record of the Workday instance has fields that cannot be read (" + member +
				"): whether they are as declared is not known, so nothing is changed. Correct the instance in JumpCloud, or ask JumpCloud's support to do so."))
			w.expectAuthenticated("True/Succeeded")
			w.Edit(declares(farReport))
			w.Rest()
			w.ExpectReady("False/RemoteConflict")
			w.Expect(w.Get().Status.Plan).To(BeNil())
			w.Expect(w.changed()).To(Equal(before))

			w.Edit(declares(reportURL))
			w.Sim.RemoveFaults()
			w.Resync()
			w.ExpectReady("True/UpToDate")
			w.Expect(w.changed()).To(Equal(before))
		})
	}
}

// An update writes the name back, so a name that cannot be read again would be lost. Its answer
// is no conflict if it cannot be read.
func TestAnUpdateLosesNoUnreadableName(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Sim.ForgetHistory()
		w.answer(jumpcloudtest.Match{Method: http.MethodGet, Skip: 1, Times: 1}, w.odd("name", 5))
		w.Edit(declares(oldReport))
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(ContainSubstring("cannot be read (name)"))
		w.Expect(w.changed()).To(BeEmpty())

		w.answer(jumpcloudtest.Match{Method: http.MethodPut, Times: 1}, w.odd("reportUrl", 5))
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live("reportUrl")).To(Equal(oldReport))
		w.Expect(w.changed()).To(Equal([]string{"PUT /api/v2/workdays/*"}))
	})
}

// Credentials are not rejected only because it cannot be read whether they work.
func TestUnreadableValidityIsNotRejection(t *testing.T) {
	for _, odd := range []any{auth(map[string]any{"at": 1}), auth(1), map[string]any{"basic": 5}, "odd"} {
		story(t, func(w *world) {
			w.Rest()
			before := w.changed()
			w.answer(reads, w.odd("auth", odd))
			w.Resync()
			w.ExpectReady("False/RemoteConflict")
			w.Expect(w.Message()).To(HavePrefix("JumpCloud's record of the Workday instance says in a form that cannot be read (auth.basic.isValid) whether the credentials work."))
			w.expectAuthenticated("True/Succeeded")
			w.Expect(w.Get().Status.Auth.Valid).To(BeTrue())
			w.Expect(*w.Get().Status.Workers).To(BeEquivalentTo(3))
			w.Expect(w.changed()).To(Equal(before))

			w.rotate(isu, "mistyped")
			w.Rest()
			w.Expect(w.changed()).To(Equal(append(before, "POST "+authPath)), "a Secret that changed is sent")
			w.Sim.RemoveFaults()
			w.Resync()
			w.ExpectReady("False/AuthenticationFailed")
		})
	}
}

// Credentials may be there if that cannot be read: they are removed, and the object stays until
// that is seen.
func TestCredentialsThatCannotBeReadAreTakenAway(t *testing.T) {
	story(t, func(w *world) {
		w.Org.AddWorkday("Workday Import", reportURL, isu, password)
		w.Rest()
		w.ExpectReady("True/Adopted")
		w.answer(reads, w.odd("auth", auth("odd")))
		w.Delete()
		for range 5 {
			w.Pass()
		}
		w.Expect(w.Gone()).To(BeFalse())
		w.Expect(w.changed()).To(Equal([]string{"DELETE " + authPath}))
		w.Sim.RemoveFaults()
		w.Until(w.Gone)
	}, keeping, deauthorizes)
}
