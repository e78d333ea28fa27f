package user_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// three runs a story of three Users.
func three(t *testing.T, test func(*world)) {
	t.Helper()
	fleet(t, 3, func(w *world, _ []client.ObjectKey) { test(w) })
}

func TestStoriesUnderInterference(t *testing.T) {
	enginetest.RunStories(t, map[string]enginetest.Story[*world]{
		"create and rename": {
			In: in(state(v1alpha1.UserStateActivated)),
			Steps: func(w *world) {
				w.Rest()
				w.Edit(named("ada.king"))
				w.Rest()
			},
			End: func(w *world) {
				w.ExpectReady("True/UpToDate")
				w.Expect(w.live("ada.king", "state", "department")).To(Equal([]any{"ACTIVATED", "Engines"}))
				w.Expect(w.count("ada")).To(BeZero())
				w.Expect(w.Org.Users()).To(HaveLen(1), "no user is made twice")
			},
			Harmed: func(w *world) int { return w.count("ada.king") },
		},
		"suspend": {
			In: in(state(v1alpha1.UserStateSuspended), working("Looms")),
			Begin: func(w *world) {
				w.add("ada", nil)
			},
			Steps: (*world).Rest,
			End: func(w *world) {
				w.ExpectReady("True/UpToDate")
				w.Expect(w.live("ada", "state", "department")).To(Equal([]any{"SUSPENDED", "Looms"}))
			},
			Harmed: func(w *world) int {
				if w.live("ada", "state")[0] == "SUSPENDED" {
					return 1
				}
				return 0
			},
		},
		"a create that is refused": {
			In:    in(related),
			Begin: func(w *world) { w.refuses(jumpcloudtest.RefusesRequest) },
			Steps: (*world).Rest,
			End:   (*world).expectRelated,
		},
		"a job that creates several": {
			In:    three,
			Steps: func(w *world) { w.restAll(fleetOf(3)) },
			End: func(w *world) {
				w.restAll(fleetOf(3))
				w.Expect(w.ready(fleetOf(3))).To(Equal(all(3, "True/UpToDate")))
				w.Expect(w.Org.Users()).To(HaveLen(3), "no user is made twice")
			},
		},
		"a job whose creations the window bounds": {
			In:    three,
			Begin: func(w *world) { w.creating(6) }, // lost creations keep their room
			Steps: func(w *world) { w.restAll(fleetOf(3)) },
			End: func(w *world) {
				w.restAll(fleetOf(3))
				w.Expect(w.ready(fleetOf(3))).To(Equal(all(3, "True/UpToDate")))
				w.Expect(w.Org.Users()).To(HaveLen(3), "no user is made twice")
				w.Expect(w.Counted().Created).To(BeNumerically(">=", 3))
			},
		},
		"a job that renames several": {
			In: three,
			Begin: func(w *world) {
				for _, key := range fleetOf(3) {
					w.add(key.Name, nil)
				}
				w.restAll(fleetOf(3))
				for _, key := range fleetOf(3) {
					w.TurnTo(key.Name)
					w.Edit(named(key.Name + ".king"))
				}
				w.TurnTo("ada")
			},
			Steps: func(w *world) { w.restAll(fleetOf(3)) },
			End: func(w *world) {
				w.restAll(fleetOf(3))
				w.Expect(w.ready(fleetOf(3))).To(Equal(all(3, "True/UpToDate")))
				w.Expect(w.count("ada.king") + w.count("u00001.king") + w.count("u00002.king")).To(Equal(3))
			},
			Harmed: func(w *world) int { return w.count("ada.king") + w.count("u00001.king") + w.count("u00002.king") },
		},
		"a job that updates several": {
			In: three,
			Begin: func(w *world) {
				for _, key := range fleetOf(3) {
					w.add(key.Name, jumpcloudtest.User{"department": "Looms"})
				}
			},
			Steps: func(w *world) { w.restAll(fleetOf(3)) },
			End: func(w *world) {
				w.restAll(fleetOf(3))
				w.Expect(w.ready(fleetOf(3))).To(Equal(all(3, "True/UpToDate")))
				w.Expect(w.Org.Users()).To(HaveEach(HaveKeyWithValue("department", "Engines")))
			},
		},
		"create and delete": {
			In: in(deletion(v1alpha1.DeletionPolicyDelete)),
			Steps: func(w *world) {
				w.Rest()
				w.Delete()
				w.Until(w.Gone)
			},
			End: func(w *world) {
				w.Expect(w.Org.Users()).To(BeEmpty())
			},
		},
	})
}
