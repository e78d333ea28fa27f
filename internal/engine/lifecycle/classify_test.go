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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
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
		"rate limited": {remote(jumpcloud.RateLimited, 429), []string{"Ready=True/Succeeded"}, 7 * time.Second, false},
		"unavailable":  {remote(jumpcloud.Unavailable, 503), unavailable, firstRetry, false},
		"not sent":     {remote(jumpcloud.NotSent, 0), unavailable, firstRetry, false},
		"unknown":      {remote(jumpcloud.Unknown, 500), unavailable, firstRetry, false},
		"forbidden":    {remote(jumpcloud.Refused, 403), []string{"Ready=False/PermissionDenied", "Stalled=True/PermissionDenied"}, time.Hour, false},
		"refused":      {remote(jumpcloud.Refused, 400), retried, firstRetry, false},
		"wrapped":      {errors.Join(errors.New("plan"), remote(jumpcloud.Unavailable, 0)), unavailable, firstRetry, false},
		"out of time":  {context.DeadlineExceeded, retried, firstRetry, false},
		"API server":   {apierrors.NewForbidden(imports, "hires", errors.New("no")), retried, 0, true},
		"anything":     {errors.New("secret detail"), retried, 0, true},
		"reading":      {directory.ErrReading, []string{"Ready=True/Succeeded"}, directory.ReadingDelay, false},
		"incomplete":   {directory.ErrIncomplete, unavailable, rereadDelay, false},
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

// What looks like rejected credentials is confirmed by one request before it is believed.
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
		w.Expect(shown(w.get().Common())).To(Equal([]string{"Ready=False/RateLimited", "Reconciling=True/RateLimited"}))
	})
}

// Before its first outcome, an object reports that it waits for a reading or for the rate
// limit.
func TestWaitsAreToldBeforeTheFirstOutcome(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want []string
	}{
		"reading":      {directory.ErrReading, []string{"Ready=Unknown/Progressing", "Reconciling=True/Progressing"}},
		"rate limited": {&jumpcloud.Error{Class: jumpcloud.RateLimited}, []string{"Ready=False/RateLimited", "Reconciling=True/RateLimited"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, anImport(), anOrganization())
			w.connect(anOrganization(), organizationID)
			w.answer(Failed(c.err))
			w.pass()
			w.Expect(shown(w.get().Common())).To(Equal(c.want))
			w.Expect(w.recorder.Events).To(BeEmpty(), "it goes on by itself")
		})
	}
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

// The old credentials are revoked while a pass still works with them, and the new ones are
// already in use.
func TestARejectionOfRotatedCredentialsLeavesNoTrace(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.transport.status, w.transport.body = http.StatusUnauthorized, ""
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		rotated := dialed
		rotated.Reading.Version = "2"
		w.Expect(w.reconciler.Pool.Put(anOrganization(), rotated, apiKey, organizationID)).To(Succeed())
		_, err := pass.Session.Client.GetUser(ctx, "u")
		return Failed(err)
	}
	result := w.pass()
	w.Expect(w.writes).To(BeEmpty())
	w.Expect(result.RequeueAfter).To(BeNumerically("<", time.Second))
}
