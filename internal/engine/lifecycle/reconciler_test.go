package lifecycle

import (
	"context"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

func TestAPassWritesItsOutcomeOnce(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.actuator.reconcile = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		w.Expect(pass.Session.OrganizationID).To(Equal(organizationID))
		w.Expect(pass.Now).To(Equal(time.Unix(1700000000, 0)))
		pass.Object.Status.RunNumber = 3
		return done
	}
	result := w.pass()
	object := w.get()
	w.Expect(shown(object.Common())).To(Equal([]string{"Ready=True/Succeeded"}))
	w.Expect(object.Status.ObservedGeneration).To(Equal(int64(1)))
	w.Expect(object.Status.OrganizationID).To(Equal(organizationID))
	w.Expect(object.Status.RunNumber).To(Equal(int64(3)))
	w.Expect(w.writes).To(Equal([]string{"status"}))
	w.Expect(w.events()).To(Equal([]string{"Normal Succeeded 1 user"}))
	w.Expect(result.RequeueAfter).To(And(BeNumerically(">=", time.Hour), BeNumerically("<=", 72*time.Minute)))
	w.Expect(*result.Priority).To(Equal(priorityResync))

	w.pass()
	w.Expect(w.actuator.passes).To(Equal(2))
	w.Expect(w.writes).To(HaveLen(1), "an object at rest is not written")
	w.Expect(w.events()).To(BeEmpty())
}

func TestOutcomesAreScheduled(t *testing.T) {
	const anything = 24 * time.Hour
	cases := map[string]struct {
		outcome  Outcome
		from, to time.Duration
		priority int
	}{
		"done":             {done, time.Hour, anything, priorityResync},
		"stalled":          {stalled, time.Hour, anything, priorityResync},
		"waiting":          {waiting, time.Hour, anything, priorityResync},
		"undecided":        {undecided, time.Hour, anything, priorityResync},
		"done until then":  {done.Within(2 * time.Minute).Within(time.Minute), time.Minute, 72 * time.Second, priorityActive},
		"done until later": {done.Within(48 * time.Hour), time.Hour, anything, priorityResync},
		"stalled, due too": {stalled.DueWith(done.Within(time.Minute)), time.Minute, 72 * time.Second, priorityActive},
		"stalled, not due": {stalled.DueWith(done), time.Hour, anything, priorityResync},
		"done, much later": {done.Within(59 * time.Minute), 59 * time.Minute, 59 * time.Minute, priorityActive},
		"done and due":     {done.Within(-time.Second), time.Nanosecond, time.Second, priorityActive},
		"progress":         {Progressing("JobRunning", "", 10*time.Second), 10 * time.Second, 12 * time.Second, priorityActive},
		"progress at once": {progressing, time.Nanosecond, time.Second, priorityActive},
		"retry at a time":  {Retrying("RemoteUnavailable", "", 5*time.Second), 5 * time.Second, 6 * time.Second, priorityActive},
		"retry":            {retrying, firstRetry, 2 * firstRetry, priorityActive},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, anImport(), anOrganization())
			w.connect(anOrganization(), organizationID)
			w.answer(tc.outcome)
			result := w.pass()
			w.Expect(result.RequeueAfter).To(And(BeNumerically(">=", tc.from), BeNumerically("<=", tc.to)))
			w.Expect(result.Priority).To(HaveValue(Equal(tc.priority)))
		})
	}
}

func TestRetriesGrowUntilAnOutcome(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.answer(retrying)
	w.pass()
	w.pass()
	w.Expect(w.pass().RequeueAfter).To(BeNumerically(">=", 4*firstRetry))
	w.Expect(w.writes).To(HaveLen(1))
	w.answer(progressing)
	w.pass()
	w.answer(retrying)
	w.Expect(w.pass().RequeueAfter).To(BeNumerically(">=", 8*firstRetry), "progress between failures is no success")
	w.answer(done)
	w.pass()
	w.answer(retrying)
	w.Expect(w.pass().RequeueAfter).To(BeNumerically("<", 2*firstRetry))
}

func TestEventsTellTransitionsOnly(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	var told []string
	for _, o := range []Outcome{
		progressing, progressing, done, done, waiting, Waiting("SourceNotFound", "another"), stalled,
		Stalled("ApprovalRequired", "26 harmful"), progressing, undecided, done,
	} {
		w.answer(o)
		w.pass()
		for _, e := range w.events() {
			told = append(told, strings.Join(strings.Fields(e)[:2], " "))
		}
	}
	w.Expect(told).To(Equal([]string{
		"Normal Succeeded", "Warning SourceNotFound", "Warning InvalidRows", "Warning ApprovalRequired",
		"Warning JobTimedOut", "Normal Succeeded",
	}))
}

func TestEventTextIsNotAFormat(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.actuator.reconcile = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		pass.Event(corev1.EventTypeNormal, "SubmissionRecovered", "100%d")
		return done
	}
	w.pass()
	w.Expect(w.events()).To(ContainElement("Normal SubmissionRecovered 100%d"))
}

func TestPanicsAreNotSwallowed(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.actuator.reconcile = func(context.Context, *Pass[*v1alpha1.BulkUserImport]) Outcome { panic("bug") }
	w.Expect(func() { w.pass() }).To(PanicWith("bug"))
	w.Expect(w.writes).To(BeEmpty())
}

func TestGoneObjectsAreForgotten(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.answer(done)
	w.pass()
	object := w.get()
	object.Finalizers = nil
	w.Expect(w.api.Update(t.Context(), object)).To(Succeed())
	w.Expect(w.api.Delete(t.Context(), object)).To(Succeed())
	w.Expect(w.pass()).To(Equal(reconcile.Result{}))
	w.Expect(w.actuator.forgotten).To(Equal([]types.UID{"import-uid"}))
	w.pass()
	w.Expect(w.actuator.forgotten).To(HaveLen(1))
	w.Expect(w.reconciler.known.objects).To(BeEmpty())
}

func TestAnotherObjectOfTheNameIsAnother(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.answer(done)
	w.pass()
	object := w.get()
	object.Finalizers = nil
	w.Expect(w.api.Update(t.Context(), object)).To(Succeed())
	w.Expect(w.api.Delete(t.Context(), object)).To(Succeed())
	w.Expect(w.api.Create(t.Context(), anImport(func(o *v1alpha1.BulkUserImport) { o.UID = "second-uid" }))).To(Succeed())
	w.pass()
	w.Expect(w.actuator.forgotten).To(Equal([]types.UID{"import-uid"}))
	w.Expect(w.actuator.passes).To(Equal(2))
}

func TestAPassOnAnOldCopyDoesNothing(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	old := w.get()
	w.answer(done)
	w.pass()
	w.Expect(w.actuator.passes).To(Equal(1))

	catchUp := w.freeze(old)
	result := w.pass()
	w.Expect(w.actuator.passes).To(Equal(1))
	w.Expect(result.RequeueAfter).To(BeNumerically("<", time.Second))
	w.Expect(*result.Priority).To(Equal(priorityActive))

	catchUp()
	w.pass()
	w.Expect(w.actuator.passes).To(Equal(2))
}
