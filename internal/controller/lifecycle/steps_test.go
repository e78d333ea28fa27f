package lifecycle

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/session"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

var imports = schema.GroupResource{Group: "jumpcloud-operator.io", Resource: "bulkuserimports"}

func TestErrorsBecomeOutcomes(t *testing.T) {
	remote := func(class jumpcloud.Class, code int) error {
		return &jumpcloud.Error{Class: class, Op: "UserPages", StatusCode: code, RetryAfter: 7 * time.Second}
	}
	unavailable := []string{"Ready=False/RemoteUnavailable", "Reconciling=True/RemoteUnavailable"}
	retried := []string{"Ready=False/ProgressingWithRetry", "Reconciling=True/ProgressingWithRetry"}
	cases := map[string]struct {
		err   error
		want  []string
		least time.Duration
		fails bool
	}{
		"rate limited": {remote(jumpcloud.RateLimited, 429), []string{"Ready=True/Succeeded", "Reconciling=True/RateLimited"}, 7 * time.Second, false},
		"unavailable":  {remote(jumpcloud.Unavailable, 503), unavailable, firstRetry, false},
		"not sent":     {remote(jumpcloud.NotSent, 0), unavailable, firstRetry, false},
		"unknown":      {remote(jumpcloud.Unknown, 500), unavailable, firstRetry, false},
		"forbidden":    {remote(jumpcloud.Refused, 403), []string{"Ready=False/PermissionDenied", "Stalled=True/PermissionDenied"}, time.Hour, false},
		"refused":      {remote(jumpcloud.Refused, 400), retried, firstRetry, false},
		"wrapped":      {errors.Join(errors.New("plan"), remote(jumpcloud.Unavailable, 0)), unavailable, firstRetry, false},
		"out of time":  {context.DeadlineExceeded, retried, firstRetry, false},
		"API server":   {apierrors.NewForbidden(imports, "hires", errors.New("no")), retried, 0, true},
		"anything":     {errors.New("secret detail"), retried, 0, true},
		"reading":      {session.ErrReading, []string{"Ready=True/Succeeded"}, session.ReadingDelay, false},
		"conflict":     {apierrors.NewConflict(imports, "hires", nil), []string{"Ready=True/Succeeded"}, staleCacheDelay, false},
		"terminating": {
			&apierrors.StatusError{ErrStatus: metav1.Status{Reason: metav1.StatusReasonForbidden, Details: &metav1.StatusDetails{
				Causes: []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}},
			}}},
			[]string{"Ready=True/Succeeded", "Reconciling=True/Deleting"}, terminatingDelay, false,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, anImport(), anOrganization())
			w.connect(anOrganization(), organizationID)
			w.answer(done)
			w.pass()
			w.answer(Failed(tc.err))
			result, err := w.reconciler.Reconcile(t.Context(), reconcile.Request{NamespacedName: importKey})
			object := w.get()
			w.Expect(shown(object.Common())).To(Equal(tc.want))
			for _, c := range object.Status.Conditions {
				w.Expect(c.Message).NotTo(ContainSubstring("secret detail"))
			}
			if tc.fails {
				w.Expect(err).To(MatchError(tc.err))
				w.Expect(result).To(Equal(reconcile.Result{}), "an error and a requeue exclude each other")
				return
			}
			w.Expect(err).NotTo(HaveOccurred())
			w.Expect(result.RequeueAfter).To(And(BeNumerically(">=", tc.least), BeNumerically("<=", tc.least+tc.least/2)))
		})
	}
}

// What looks like rejected credentials is asked about once, and only then
// believed.
func TestRejectedCredentialsAreConfirmed(t *testing.T) {
	unauthorized := Failed(&jumpcloud.Error{Class: jumpcloud.Auth, Op: "UserPages", StatusCode: http.StatusUnauthorized})
	t.Run("rejected", func(t *testing.T) {
		w := newWorld(t, anImport(), anOrganization(ready))
		w.connect(anOrganization(), organizationID)
		w.transport.status, w.transport.body = http.StatusUnauthorized, `{"message":"Unauthorized"}`
		var told []session.Event
		w.reconciler.Pool.Subscribe(t.Context(), func(e session.Event) { told = append(told, e) })
		w.answer(unauthorized)
		w.pass()
		w.Expect(shown(w.get().Common())).To(Equal([]string{"Ready=False/OrganizationNotReady", "Reconciling=True/OrganizationNotReady"}))
		w.Expect(told).To(Equal([]session.Event{{Organization: client.ObjectKeyFromObject(anOrganization()), Rejected: true}}))
		w.Expect(w.transport.calls).To(Equal(1))

		w.pass()
		w.Expect(w.actuator.passes).To(Equal(1), "all work of the organization pauses")
		w.Expect(w.transport.calls).To(Equal(1))
	})
	t.Run("not rejected", func(t *testing.T) {
		w := newWorld(t, anImport(), anOrganization())
		w.connect(anOrganization(), organizationID)
		w.answer(unauthorized)
		w.pass()
		w.Expect(shown(w.get().Common())).To(Equal([]string{"Ready=False/RemoteUnavailable", "Reconciling=True/RemoteUnavailable"}))
		w.pass()
		w.Expect(w.actuator.passes).To(Equal(2))
	})
	t.Run("cannot be asked", func(t *testing.T) {
		w := newWorld(t, anImport(), anOrganization())
		w.connect(anOrganization(), organizationID)
		w.transport.status = http.StatusTooManyRequests
		w.answer(unauthorized)
		w.pass()
		w.Expect(shown(w.get().Common())).To(Equal([]string{"Ready=Unknown/RateLimited", "Reconciling=True/RateLimited"}))
	})
}

// Whoever lists users while the list is being read comes back; one that was
// never looked at says so.
func TestReadingIsProgressBeforeTheFirstOutcome(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.answer(Failed(session.ErrReading))
	w.pass()
	w.Expect(shown(w.get().Common())).To(Equal([]string{"Ready=Unknown/Progressing", "Reconciling=True/Progressing"}))
}

func TestAnErrorOfAStoppingManagerLeavesNoTrace(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	ctx, cancel := context.WithCancel(t.Context())
	w.actuator.reconcile = func(ctx context.Context, _ *Pass[*v1alpha1.BulkUserImport]) Outcome {
		cancel()
		return Failed(ctx.Err())
	}
	_, err := w.reconciler.Reconcile(ctx, reconcile.Request{NamespacedName: importKey})
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(w.writes).To(BeEmpty())
}

func TestWhatWasLearnedOutlivesTheManager(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	ctx, cancel := context.WithCancel(t.Context())
	w.actuator.reconcile = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		cancel()
		pass.Object.Status.RunNumber = 7
		return progressing
	}
	_, err := w.reconciler.Reconcile(ctx, reconcile.Request{NamespacedName: importKey})
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(w.get().Status.RunNumber).To(Equal(int64(7)))
}

func TestConflictsEndThePassSilently(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	edit := func() { w.change(func(o *v1alpha1.BulkUserImport) { o.Spec.Operation = v1alpha1.OperationCreate }) }
	w.actuator.reconcile = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		edit()
		pass.Object.Status.RunNumber = 7
		return done
	}
	result := w.pass()
	w.Expect(w.get().Status.RunNumber).To(BeZero())
	w.Expect(result.RequeueAfter).To(BeNumerically("<", time.Second))
	w.Expect(w.events()).To(BeEmpty())
}

func TestAFailedWriteIsRepeated(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.refuse = func(string) error { return apierrors.NewInternalError(errors.New("etcd")) }
	w.answer(done)
	_, err := w.reconciler.Reconcile(t.Context(), reconcile.Request{NamespacedName: importKey})
	w.Expect(err).To(HaveOccurred())
	w.Expect(w.events()).To(BeEmpty())
	w.refuse = func(string) error { return nil }
	w.pass()
	w.Expect(w.events()).To(HaveLen(1))
}

func TestSaveWritesInTheMiddleOfAPass(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	stored := w.get
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		w.Expect(pass.EnsureFinalizer(ctx)).To(Succeed())
		pass.Object.Status.RunNumber = 1
		w.Expect(pass.Save(ctx, progressing)).To(Succeed())
		w.Expect(stored().Status.RunNumber).To(Equal(int64(1)))
		w.Expect(shown(stored().Common())).To(Equal([]string{"Ready=Unknown/JobRunning", "Reconciling=True/JobRunning"}))
		w.Expect(pass.Save(ctx, progressing)).To(Succeed())

		pass.Object.Status.RunNumber = 2
		w.Expect(pass.RemoveFinalizer(ctx)).To(Succeed())
		return done
	}
	w.pass()
	w.Expect(w.writes).To(Equal([]string{"create", "patch", "status", "patch", "status"}))
	object := w.get()
	w.Expect(object.Status.RunNumber).To(Equal(int64(2)))
	w.Expect(object.Finalizers).To(Equal([]string{"example.org/other"}))
	w.Expect(shown(object.Common())).To(Equal([]string{"Ready=True/Succeeded"}))
}

func TestSaveLosesToAnybodyElse(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	edit := func() { w.change(func(o *v1alpha1.BulkUserImport) { o.Labels = map[string]string{"a": "b"} }) }
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		edit()
		pass.Object.Status.RunNumber = 1
		err := pass.Save(ctx, progressing)
		w.Expect(apierrors.IsConflict(err)).To(BeTrue())
		return Failed(err)
	}
	w.pass()
	w.Expect(w.get().Status.RunNumber).To(BeZero())
	w.Expect(w.get().Status.Conditions).To(BeEmpty())
}

func TestSaveOutlivesTheDeadline(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		expired, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
		defer cancel()
		pass.Object.Status.RunNumber = 1
		w.Expect(pass.Save(expired, progressing)).To(Succeed())
		return progressing
	}
	w.pass()
	w.Expect(w.get().Status.RunNumber).To(Equal(int64(1)))
}

// The answer to a call that is never repeated survives an edit and an API
// server that fails; a newer attempt does not.
func TestRecordKeepsWhatMustNotBeLost(t *testing.T) {
	job := func(attempt int32, state v1alpha1.JobState, id string) []v1alpha1.JobStatus {
		return []v1alpha1.JobStatus{{Index: 1, Operation: v1alpha1.JobCreate, Attempt: attempt, State: state, JobID: id}}
	}
	ours := func(stored *v1alpha1.BulkUserImport) bool {
		return len(stored.Status.Jobs) == 1 && stored.Status.Jobs[0].Attempt == 1 && stored.Status.Jobs[0].State == v1alpha1.JobIntended
	}
	cases := map[string]struct {
		meanwhile func(w *world)
		want      string
	}{
		"nothing else": {func(*world) {}, "J1"},
		"an edit":      {func(w *world) { w.change(annotated("example.org/note", "x")) }, "J1"},
		"a failing API server": {func(w *world) {
			failures := 2
			w.refuse = func(string) error {
				failures--
				if failures >= 0 {
					return apierrors.NewInternalError(errors.New("etcd"))
				}
				return nil
			}
		}, "J1"},
		"another attempt": {func(w *world) {
			object := w.get()
			object.Status.Jobs = job(2, v1alpha1.JobIntended, "")
			w.Expect(w.api.Status().Update(w.t.Context(), object)).To(Succeed())
		}, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, anImport(), anOrganization())
			w.connect(anOrganization(), organizationID)
			meanwhile := func() { tc.meanwhile(w) }
			w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
				pass.Object.Status.Jobs = job(1, v1alpha1.JobIntended, "")
				w.Expect(pass.Save(ctx, progressing)).To(Succeed())
				meanwhile()
				pass.Object.Status.Jobs = job(1, v1alpha1.JobSubmitted, "J1")
				err := pass.Record(ctx, progressing, ours)
				if tc.want == "" {
					w.Expect(apierrors.IsConflict(err)).To(BeTrue())
					return Failed(err)
				}
				w.Expect(err).NotTo(HaveOccurred())
				return progressing
			}
			w.pass()
			w.Expect(w.get().Status.Jobs[0].JobID).To(Equal(tc.want))
			if name == "an edit" {
				w.Expect(w.get().Annotations).To(HaveKey("example.org/note"))
			}
		})
	}
}

func TestFinalizersOfOthersStay(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	edit := func() {
		w.change(func(o *v1alpha1.BulkUserImport) { controllerutil.AddFinalizer(o, "example.org/second") })
	}
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		edit()
		err := pass.EnsureFinalizer(ctx)
		w.Expect(apierrors.IsConflict(err)).To(BeTrue())
		return Failed(err)
	}
	w.pass()
	w.Expect(w.get().Finalizers).To(Equal([]string{"example.org/other", "example.org/second"}))
}

func TestNothingIsCreatedInATerminatingNamespace(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	terminating := apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "", errors.New("terminating"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	refusal := error(terminating)
	w.refuse = func(verb string) error {
		if verb == "create" {
			return refusal
		}
		return nil
	}
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		if err := pass.EnsureFinalizer(ctx); err != nil {
			return Failed(err)
		}
		return done
	}
	w.pass()
	w.Expect(w.get().Finalizers).NotTo(ContainElement(v1alpha1.Finalizer))
	w.Expect(shown(w.get().Common())).To(Equal([]string{"Ready=Unknown/Deleting", "Reconciling=True/Deleting"}))

	refusal = apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "", errors.New("exceeded quota"))
	w.pass()
	w.Expect(w.get().Finalizers).To(ContainElement(v1alpha1.Finalizer), "a quota does not tell that the namespace ends")
	configMaps := &corev1.ConfigMapList{}
	w.Expect(w.api.List(t.Context(), configMaps)).To(Succeed())
	w.Expect(configMaps.Items).To(BeEmpty())
}

func TestPausedObjects(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.answer(done)
	w.pass()
	w.change(annotated(v1alpha1.PausedAnnotation, "true"))
	w.actuator.reconcile = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		w.Expect(pass.Paused).To(BeTrue())
		pass.Object.Status.RunNumber = 2
		return stalled
	}
	w.pass()
	object := w.get()
	w.Expect(shown(object.Common())).To(Equal([]string{"Ready=True/Succeeded", "Paused=True/Paused"}))
	w.Expect(object.Status.RunNumber).To(Equal(int64(2)), "what was polled is kept")

	w.change(func(o *v1alpha1.BulkUserImport) { delete(o.Annotations, v1alpha1.PausedAnnotation) })
	w.answer(stalled)
	w.pass()
	w.Expect(shown(w.get().Common())).To(Equal([]string{"Ready=False/InvalidRows", "Stalled=True/InvalidRows"}))
}

func TestARequestIsEchoedWhenItIsDone(t *testing.T) {
	w := newWorld(t, anImport(annotated(v1alpha1.ReconcileRequestedAtAnnotation, "now")), anOrganization())
	w.connect(anOrganization(), organizationID)
	for _, step := range []struct {
		outcome   Outcome
		requested bool
		echo      string
	}{
		{progressing, true, ""},
		{retrying, true, ""},
		{Failed(&jumpcloud.Error{Class: jumpcloud.RateLimited}), true, ""},
		{stalled, true, "now"},
		{done, false, "now"},
	} {
		w.actuator.reconcile = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
			w.Expect(pass.Requested).To(Equal(step.requested))
			return step.outcome
		}
		w.pass()
		w.Expect(w.get().Status.LastHandledReconcileAt).To(Equal(step.echo))
	}

	w.change(annotated(v1alpha1.ReconcileRequestedAtAnnotation, "again"))
	w.actuator.reconcile = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		w.Expect(pass.Requested).To(BeTrue())
		pass.AcknowledgeRequest()
		w.Expect(pass.Requested).To(BeFalse())
		return progressing
	}
	w.pass()
	w.Expect(w.get().Status.LastHandledReconcileAt).To(Equal("again"))
}

func TestARequestWaitsForTheOrganization(t *testing.T) {
	w := newWorld(t, anImport(annotated(v1alpha1.ReconcileRequestedAtAnnotation, "now")))
	w.pass()
	w.Expect(w.get().Status.LastHandledReconcileAt).To(BeEmpty())
}

func TestDeletionWithoutFinalizerIsNoWork(t *testing.T) {
	w := newWorld(t, anImport(deleting), anOrganization())
	w.Expect(w.pass()).To(Equal(reconcile.Result{}))
	w.Expect(w.actuator.passes).To(BeZero())
	w.Expect(w.writes).To(BeEmpty())
}

func TestDeletionEndsWithDone(t *testing.T) {
	w := newWorld(t, anImport(finalized, deleting), anOrganization())
	w.connect(anOrganization(), organizationID)
	outcome := Progressing(v1alpha1.DeletingReason, "a job is open", time.Second)
	w.actuator.finalize = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		w.Expect(pass.Session).NotTo(BeNil())
		return outcome
	}
	w.pass()
	w.Expect(shown(w.get().Common())).To(Equal([]string{"Ready=Unknown/Deleting", "Reconciling=True/Deleting"}))
	w.Expect(w.get().Finalizers).To(ContainElement(v1alpha1.Finalizer))

	outcome = done
	w.Expect(w.pass()).To(Equal(reconcile.Result{}))
	w.Expect(w.get().Finalizers).To(Equal([]string{"example.org/other"}))
	w.Expect(w.actuator.forgotten).NotTo(BeEmpty())
	w.Expect(w.events()).To(BeEmpty())
}

// The cache may still show the finalizer that a pass has just taken off.
func TestNothingIsFinalizedTwice(t *testing.T) {
	w := newWorld(t, anImport(finalized, deleting), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.actuator.finalize = func(context.Context, *Pass[*v1alpha1.BulkUserImport]) Outcome { return done }
	old := w.get()
	w.pass()
	w.freeze(old)
	w.Expect(w.pass().RequeueAfter).To(BeNumerically("<", time.Second))
	w.Expect(w.actuator.passes).To(Equal(1))
}

func TestDeletionWithoutOrganization(t *testing.T) {
	w := newWorld(t, anImport(finalized, deleting))
	w.actuator.finalize = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		w.Expect(pass.Session).To(BeNil())
		return pass.NoSession
	}
	w.pass()
	w.Expect(apimeta.FindStatusCondition(w.get().Status.Conditions, v1alpha1.ReadyCondition).Message).
		To(Equal("Organization identity/acme does not exist"))

	w.actuator.finalize = func(context.Context, *Pass[*v1alpha1.BulkUserImport]) Outcome { return done }
	w.pass()
	w.Expect(w.get().Finalizers).To(Equal([]string{"example.org/other"}), "nothing to do there never waits")
}

func TestPausedObjectsAreNotFinalized(t *testing.T) {
	w := newWorld(t, anImport(finalized, deleting, annotated(v1alpha1.PausedAnnotation, "true")), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.pass()
	w.Expect(w.actuator.passes).To(BeZero())
	w.Expect(w.get().Finalizers).To(ContainElement(v1alpha1.Finalizer))
	w.Expect(shown(w.get().Common())).To(ContainElement("Paused=True/Paused"))
}

func TestAbandonedObjectsGoAtOnce(t *testing.T) {
	w := newWorld(t, anImport(finalized, deleting,
		annotated(v1alpha1.PausedAnnotation, "true"), annotated(v1alpha1.AbandonAnnotation, "true")), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.pass()
	w.Expect(w.actuator.passes).To(BeZero())
	w.Expect(w.get().Finalizers).To(Equal([]string{"example.org/other"}))
	w.Expect(w.transport.calls).To(BeZero())
}

func TestAbandonIsForDeletionOnly(t *testing.T) {
	w := newWorld(t, anImport(finalized, annotated(v1alpha1.AbandonAnnotation, "true")), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.answer(done)
	w.pass()
	w.Expect(w.actuator.passes).To(Equal(1))
	w.Expect(w.get().Finalizers).To(ContainElement(v1alpha1.Finalizer))
}
