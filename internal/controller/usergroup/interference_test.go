package usergroup_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

func TestStoriesUnderInterference(t *testing.T) {
	enginetest.RunStories(t, map[string]enginetest.Story[*world]{
		"create": {
			In:    in(members("ada", "chas"), described("new"), adopts(v1alpha1.AdoptNever), deletes),
			Begin: (*world).duplicates,
			Steps: (*world).Rest,
			End: func(w *world) {
				w.ExpectReady("True/UpToDate")
				w.Expect(w.groups()).To(Equal([]string{"engineers"}), "one, and ours")
				w.Expect(w.Get().Status.Adopted).To(BeFalse())
				w.Expect(w.Get().Status.Creating).To(BeNil())
				w.Expect(w.who()).To(ConsistOf("ada", "chas"))
			},
		},
		"change": {
			In: in(members("ada", "chas")),
			Begin: func(w *world) {
				w.duplicates()
				w.Rest()
			},
			Steps: func(w *world) { w.edit(named("builders"), members("chas", "eva")) },
			End: func(w *world) {
				w.ExpectReady("True/UpToDate")
				w.Expect(w.groups()).To(Equal([]string{"builders"}))
				w.Expect(w.who()).To(ConsistOf("chas", "eva"))
			},
		},
		"remove within the window": {
			In: in(members(generated(8)...)),
			Begin: func(w *world) {
				w.Org.Generate(200)
				w.Rest()
				w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Guard.Window.MaxHarmful = new(int32(20)) })
			},
			Steps: func(w *world) { w.edit(members(generated(2)...)) },
			End: func(w *world) {
				w.ExpectReady("True/UpToDate")
				w.Expect(w.who()).To(ConsistOf(generated(2)))
			},
			Harmed: func(w *world) int { return 8 - len(w.who()) },
		},
		"an approval": {
			In: in(members("ada")),
			Begin: func(w *world) {
				w.Org.Generate(16)
				w.exists("engineers", generated(8)...)
				w.Rest()
			},
			Steps: (*world).approve,
			End: func(w *world) {
				w.ExpectReady("True/Adopted")
				w.Expect(w.who()).To(ConsistOf("ada"))
				w.Expect(w.Get().Status.Members.RemovalsApproved).To(BeTrue())
			},
		},
		"delete": {
			In: in(members("ada"), deletes),
			Begin: func(w *world) {
				w.duplicates()
				w.Rest()
			},
			Steps: func(w *world) {
				w.Delete()
				w.Until(w.Gone)
			},
			End: func(w *world) {
				w.Expect(w.Gone()).To(BeTrue())
				w.Expect(w.groups()).To(BeEmpty())
			},
			Harmed: func(w *world) int {
				if len(w.groups()) == 0 {
					return 1 // its member
				}
				return 0
			},
		},
		"sudo within the window": {
			In: in(members(generated(8)...)),
			Begin: func(w *world) {
				w.Org.Generate(200)
				w.Rest()
				w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Guard.Window.MaxHarmful = new(int32(20)) })
			},
			Steps: func(w *world) { w.edit(withSudo(true, false)) },
			End: func(w *world) {
				w.ExpectReady("True/UpToDate")
				w.Expect(w.sudoers()).To(Equal(8))
			},
			Harmed: (*world).sudoers,
		},
	})
}

// sudoers counts the members to whom the group gives sudo.
func (w *world) sudoers() int {
	attributes, _ := w.live()["attributes"].(map[string]any)
	sudo, _ := attributes["sudo"].(map[string]any)
	if enabled, _ := sudo["enabled"].(bool); !enabled {
		return 0
	}
	return len(w.who())
}

// in runs a story of an object with these changes.
func in(changes ...edits) func(*testing.T, func(*world)) {
	return func(t *testing.T, test func(*world)) {
		t.Helper()
		story(t, test, changes...)
	}
}
