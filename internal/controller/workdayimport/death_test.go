package workdayimport_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// A process may die before or after any mutating call: its successor reaches the same end, and
// nobody is created twice, even if a new worker at the head of the report moves all others
// down.
func TestAProcessMayDieAtAnyCall(t *testing.T) {
	for what, c := range map[string]struct {
		changes  []func(*v1alpha1.WorkdayImport)
		approval bool
		moves    bool
	}{
		"creates":            {},
		"after an approval":  {changes: []func(*v1alpha1.WorkdayImport){mode(v1alpha1.ModeApplyAfterApproval)}, approval: true},
		"of a schedule":      {changes: []func(*v1alpha1.WorkdayImport){scheduled("@daily")}},
		"the report changes": {moves: true},
	} {
		t.Run(what, func(t *testing.T) {
			enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
				t.Helper()
				story(t, 4, func(w *world) {
					w.batches(2)
					w.at("00:00:00")
					w.Die(d)
					if c.moves {
						w.atDeath(d, func() {
							w.report(append([]jumpcloudtest.Worker{with(7, jumpcloudtest.Worker{"email": "aaa@example.org"}, nil)}, people(4)...)...)
						})
					}
					w.Rest()
					if c.approval {
						w.ExpectReady("False/ApprovalRequired")
						w.Edit(func(o *v1alpha1.WorkdayImport) { o.Spec.ApprovedPlan = o.Status.Plan.Hash })
						w.Rest()
					}
					w.ExpectReady("True/Succeeded")
					for i := range 4 {
						w.Expect(w.Org.Submissions()[name(i)]).To(HaveLen(1), w.About(name(i)))
						w.Expect(w.outcomes()).To(HaveKeyWithValue(name(i), ledger.OutcomeCreated))
					}
					w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
					w.Expect(w.Finalized()).To(BeFalse())
				}, c.changes...)
			})
		})
	}
}

// atDeath makes something happen once, when the process has died.
func (w *world) atDeath(d enginetest.Death, happens func()) {
	calls, happened := w.OnCall, false
	w.OnCall = func(c enginetest.Call, do func() error) error {
		err := calls(c, do)
		if d.Died() && !happened {
			happened = true
			happens()
		}
		return err
	}
}

// A worker who leaves the report while no process runs is not sent, and does not fail.
func TestAWorkerLeavesTheReportBeforeARestart(t *testing.T) {
	story(t, 4, func(w *world) {
		w.batches(2)
		w.Until(func() bool { return w.imports() == 1 })
		w.report(person(0), person(1), person(3))
		w.Restart()
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.created(3)
		w.Expect(w.Get().Status.Summary.Skipped).To(BeEquivalentTo(1))
		w.Expect(w.outcomes()).To(HaveKeyWithValue(name(2), ledger.OutcomeSkipped))
	})
}

// A change of a worker while no process runs is sent and proved.
func TestAWorkerChangesBeforeARestart(t *testing.T) {
	story(t, 4, func(w *world) {
		w.batches(2)
		w.Until(func() bool { return w.imports() == 1 })
		workers := people(4)
		workers[3] = with(3, nil, map[string]any{"Department": "Support"})
		w.report(workers...)
		w.Restart()
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.created(4)
		w.Expect(w.value(name(3), "department")).To(Equal("Support"))
	}, mapped("department", "worker.attributes.Department"))
}

// An import whose answer is lost is not sent again.
func TestALostAnswer(t *testing.T) {
	for _, carriedOut := range []bool{true, false} {
		story(t, 3, func(w *world) {
			w.Sim.Script(jumpcloudtest.Fault{
				Match: jumpcloudtest.Match{Method: http.MethodPost, Path: importPath, Times: 1}, Kind: jumpcloudtest.FaultReset, Commit: carriedOut,
			})
			w.Rest()
			w.ExpectReady("True/Succeeded")
			w.created(3)
			for username, submissions := range w.Org.Submissions() {
				w.Expect(submissions).To(HaveLen(1), username)
			}
		})
	}
}

// Conditions and events hold nothing of the report's rows, except the keys of rows that
// failed.
func TestConditionsHoldNobody(t *testing.T) {
	story(t, 3, func(w *world) {
		w.Org.ScriptRows(jumpcloudtest.RowFault{Username: name(1)})
		w.Rest()
		w.ExpectReady("False/RowsFailed")
		conditions, err := json.Marshal(w.Get().Status.Conditions)
		w.Expect(err).NotTo(HaveOccurred())
		w.Expect(string(conditions) + strings.Join(w.Events, "\n")).NotTo(ContainSubstring("worker0"))
	})
}

// The instance is deleted while one job of two is open: what was sent is followed and proved,
// and nothing more is sent.
func TestTheInstanceGoesWhileAJobIsOpen(t *testing.T) {
	story(t, 4, func(w *world) {
		w.batches(2)
		w.Until(func() bool { return w.imports() == 1 })
		gone := &v1alpha1.WorkdayInstance{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "workday"}}
		w.Expect(w.API.Delete(w.T.Context(), gone)).To(Succeed())
		w.Rest()
		w.ExpectReady("False/SourceNotFound")
		w.created(2)
		w.Expect(w.Get().Status.CompletionTime).NotTo(BeNil())
		w.Expect(w.imports()).To(Equal(1))
	})
}

// The spec changes while jobs are open: what was sent is followed, and the rest is left to the
// run of the new spec.
func TestTheSpecChangesWhileAJobIsOpen(t *testing.T) {
	story(t, 4, func(w *world) {
		w.batches(2)
		w.Until(func() bool { return w.imports() == 1 })
		w.Edit(func(o *v1alpha1.WorkdayImport) { o.Spec.Filter = `worker.username != "` + name(3) + `"` })
		w.Rest()
		w.ExpectReady("True/Succeeded")
		w.created(1)
		w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(2))
		w.Expect(w.Org.CountUsers()).To(Equal(3))
	})
}
