package workdayimport_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

func TestStoriesUnderInterference(t *testing.T) {
	created := func(w *world) {
		w.ExpectReady("True/Succeeded")
		for i := range 4 {
			w.Expect(w.Org.Submissions()[name(i)]).To(HaveLen(1), w.About(name(i)))
			w.Expect(w.outcomes()).To(HaveKeyWithValue(name(i), ledger.OutcomeCreated))
		}
		w.Expect(w.Finalized()).To(BeFalse())
	}
	enginetest.RunStories(t, map[string]enginetest.Story[*world]{
		"create": {In: in(), Begin: jobsOfTwo, Steps: (*world).Rest, End: created},
		"an approval": {
			In: in(mode(v1alpha1.ModeApplyAfterApproval)),
			Begin: func(w *world) {
				jobsOfTwo(w)
				w.Rest()
			},
			Steps: func(w *world) {
				w.Edit(func(o *v1alpha1.WorkdayImport) { o.Spec.ApprovedPlan = o.Status.Plan.Hash })
				w.Rest()
			},
			End: created,
		},
		"create on a schedule": {
			In: in(scheduled("@daily")),
			Begin: func(w *world) {
				jobsOfTwo(w)
				w.at("00:00:00")
			},
			Steps: (*world).Rest,
			End:   created,
		},
	})
}

func jobsOfTwo(w *world) { w.batches(2) }

// in runs a story of four workers.
func in(changes ...func(*v1alpha1.WorkdayImport)) func(*testing.T, func(*world)) {
	return func(t *testing.T, test func(*world)) {
		t.Helper()
		story(t, 4, test, changes...)
	}
}
