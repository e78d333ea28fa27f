package pushendpoint_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

func TestStoriesUnderInterference(t *testing.T) {
	enginetest.RunStories(t, map[string]enginetest.Story[*world]{
		"rename": {
			In:    in(renamed, deactivated),
			Steps: (*world).Rest,
			End: func(w *world) {
				w.ExpectReady("True/UpToDate")
				w.Expect(w.live(w.phone)).To(Equal("Ada's phone/inactive"))
			},
			Harmed: (*world).lost,
		},
		"edit": {
			In:    in(renamed),
			Begin: (*world).Rest,
			Steps: func(w *world) {
				w.Edit(renamedTo("Work"))
				w.Rest()
			},
			End: func(w *world) {
				w.ExpectReady("True/UpToDate")
				w.Expect(w.live(w.phone)).To(Equal("Work/active"))
			},
		},
		"delete": {
			In: in(deletes),
			Steps: func(w *world) {
				w.Rest()
				w.Delete()
				w.Until(w.Gone)
			},
			End: func(w *world) {
				w.Expect(w.Gone()).To(BeTrue())
				w.Expect(w.live(w.phone)).To(BeEmpty())
			},
			Harmed: (*world).lost,
		},
	})
}

// lost is 1 if the device cannot be used any more.
func (w *world) lost() int {
	if live := w.live(w.phone); live == "" || strings.HasSuffix(live, "/inactive") {
		return 1
	}
	return 0
}

// in runs a story of an object with these changes.
func in(changes ...func(*v1alpha1.PushEndpoint)) func(*testing.T, func(*world)) {
	return func(t *testing.T, test func(*world)) {
		t.Helper()
		story(t, test, changes...)
	}
}
