package oneshot_test

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestStoriesUnderInterference(t *testing.T) {
	managers := []string{"username,email,manager", "lead,lead@example.org,", "member,member@example.org,lead", member(1) + "," + member(1) + "@example.org,lead"}
	enginetest.RunStories(t, map[string]enginetest.Story[*world]{
		"create, update and try again": {
			In: in(append(hires(2), moves(1)[1:]...)),
			Begin: func(w *world) {
				jobsOfTwo(w)
				w.Org.ScriptRows(jumpcloudtest.RowFault{Username: hire(2), Times: 1})
			},
			Steps: (*world).Rest,
			End: succeeded(func(w *world) {
				w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(2))
				w.Expect(w.value(member(1), "department")).To(Equal("Engines"))
			}),
		},
		"harm within the window": {
			In: in(newEmails(2)),
			Begin: func(w *world) {
				jobsOfTwo(w)
				w.window(20, 20, 100)
			},
			Steps:  (*world).Rest,
			End:    succeeded(func(w *world) { w.Expect(w.changed(2)).To(Equal(2)) }),
			Harmed: func(w *world) int { return w.changed(2) },
		},
		"as much harm as the guard allows": {
			In: in(newEmails(8)),
			Begin: func(w *world) {
				w.Org.Generate(30)
				w.window(100, 100, 10)
			},
			Steps:  (*world).Rest,
			End:    succeeded(func(w *world) { w.Expect(w.changed(8)).To(Equal(8)) }),
			Harmed: func(w *world) int { return w.changed(8) },
		},
		"as many suspensions as the guard allows": {
			In: in(leavers(8), func(o *v1alpha1.BulkUserImport) { o.Spec.StateOnUpdate = v1alpha1.StateOnUpdateApply }),
			Begin: func(w *world) {
				w.Org.Generate(30)
				w.window(100, 100, 10)
			},
			Steps:  (*world).Rest,
			End:    succeeded(func(w *world) { w.Expect(w.suspended()).To(Equal(8)) }),
			Harmed: (*world).suspended,
		},
		"suspensions": {
			In: in(leavers(2), func(o *v1alpha1.BulkUserImport) { o.Spec.StateOnUpdate = v1alpha1.StateOnUpdateApply }),
			Begin: func(w *world) {
				jobsOfTwo(w)
				w.window(20, 20, 100)
			},
			Steps:  (*world).Rest,
			End:    succeeded(func(w *world) { w.Expect(w.suspended()).To(Equal(2)) }),
			Harmed: (*world).suspended,
		},
		"jobs side by side": {
			In: in(append(hires(3), moves(2)[1:]...)),
			Begin: func(w *world) {
				w.Org.Generate(10)
				w.concurrentJobs(3, 1)
				w.jobsTake(5 * time.Second)
			},
			Steps: (*world).complete,
			End: succeeded(func(w *world) {
				w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(3))
				w.Expect(w.value(member(2), "department")).To(Equal("Engines"))
			}),
		},
		"harm side by side": {
			In: in(newEmails(3)),
			Begin: func(w *world) {
				w.Org.Generate(10)
				w.concurrentJobs(2, 1)
				w.jobsTake(5 * time.Second)
				w.window(20, 20, 100)
			},
			Steps:  (*world).complete,
			End:    succeeded(func(w *world) { w.Expect(w.changed(3)).To(Equal(3)) }),
			Harmed: func(w *world) int { return w.changed(3) },
		},
		"a create of which a row is refused": {
			In:    in(related),
			Begin: func(w *world) { w.refuses(jumpcloudtest.RefusesRow) },
			Steps: (*world).Rest,
			End:   succeeded((*world).expectRelated),
		},
		"a create that is refused": {
			In:    in(related),
			Begin: func(w *world) { w.refuses(jumpcloudtest.RefusesRequest) },
			Steps: (*world).Rest,
			End:   succeeded((*world).expectRelated),
		},
		"an approval": {
			In: in(managers, afterApproval),
			Begin: func(w *world) {
				jobsOfTwo(w)
				w.Rest()
				w.ExpectReady("False/ApprovalRequired")
			},
			Steps: func(w *world) {
				w.approve()
				w.Rest()
			},
			End: succeeded(haveManagers),
		},
	})
}

func jobsOfTwo(w *world) {
	w.Org.Generate(10)
	w.batches(2)
}

// complete makes passes until the run has ended. Rest may stop earlier, because a job is
// looked for only after twice the time that another one took.
func (w *world) complete() {
	w.T.Helper()
	w.Until(func() bool { return w.Get().Status.CompletionTime != nil })
}

func succeeded(check func(*world)) func(*world) {
	return func(w *world) {
		w.expectNobodyCreatedTwice()
		w.ExpectReady("True/Succeeded")
		check(w)
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
		w.Expect(w.Finalized()).To(BeFalse())
	}
}

// in returns a function that runs a story in a world with an import of these lines.
func in(lines []string, changes ...func(*v1alpha1.BulkUserImport)) func(*testing.T, func(*world)) {
	return func(t *testing.T, test func(*world)) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) { test(newWorld(t, lines, changes...)) })
	}
}
