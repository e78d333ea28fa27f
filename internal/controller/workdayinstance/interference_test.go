package workdayinstance_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

func TestStoriesUnderInterference(t *testing.T) {
	connected := func(adopted bool) func(w *world) {
		return func(w *world) {
			w.Expect(w.Get().Status.Adopted).To(Equal(adopted))
			w.Expect(w.live("reportUrl")).To(Equal(reportURL))
			username, sent := w.Org.WorkdayCredentials()
			w.Expect(username + ":" + sent).To(Equal(isu + ":" + password))
			w.Expect(w.Get().Status.Auth.Valid).To(BeTrue())
		}
	}
	in := func(t *testing.T, test func(*world)) {
		t.Helper()
		story(t, test, deauthorizes)
	}
	enginetest.RunStories(t, map[string]enginetest.Story[*world]{
		"create": {In: in, Steps: (*world).Rest, End: connected(false)},
		"adopt": {
			In: in, Idempotent: true,
			Begin: func(w *world) { w.Org.AddWorkday("Workday Import", oldReport, "", "") },
			Steps: (*world).Rest,
			End:   connected(true),
		},
		"an approved move to another host": {
			In: in, Idempotent: true,
			Begin: func(w *world) {
				w.Rest()
				w.Edit(declares(farReport))
				w.Rest()
				w.Expect(w.live("reportUrl")).To(Equal(reportURL), "not without an approval")
			},
			Steps: (*world).approve,
			End: func(w *world) {
				w.ExpectReady("True/UpToDate")
				w.Expect(w.live("reportUrl")).To(Equal(farReport))
				username, sent := w.Org.WorkdayCredentials()
				w.Expect(username + ":" + sent).To(Equal(isu + ":" + password))
			},
		},
		"delete": {
			In: in, Idempotent: true,
			Begin: (*world).Rest,
			Steps: func(w *world) {
				w.Delete()
				w.Until(w.Gone)
			},
			End: func(w *world) {
				w.Expect(w.Gone()).To(BeTrue())
				username, _ := w.Org.WorkdayCredentials()
				w.Expect(username).To(BeEmpty())
			},
		},
	})
}
