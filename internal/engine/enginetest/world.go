// Package enginetest runs the engine of a kind against a fake API server and a simulated
// JumpCloud, in one goroutine: tests make the passes by hand, in a bubble of fake time
// (testing/synctest), and can make the process die at any call.
package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// Defaults of the operator.
const (
	RequestTimeout  = 40 * time.Second
	SettleWindow    = time.Minute
	JobStallTimeout = 2 * time.Minute
	JobTimeout      = time.Hour
)

const (
	// ResyncInterval of the Organization.
	ResyncInterval = time.Hour
	// AtRest is the shortest time to the next pass of an object that only a watch or a resync
	// wakes.
	AtRest = 10 * time.Minute
	// tooLong is longer than anything that a test is about may take, in the time of its
	// bubble.
	tooLong = 12 * time.Hour

	baseURL = "https://jumpcloud.test"
	apiKey  = "key-of-acme"
)

// JobLimits returns the operator's default limits of the wait for a job.
func JobLimits() submission.Limits {
	return submission.Limits{SettleWindow: SettleWindow, StallTimeout: JobStallTimeout, JobTimeout: JobTimeout}
}

var organizationKey = client.ObjectKey{Namespace: "identity", Name: "acme"}

// Build makes the reconciler of a new process. The configuration is complete; its Client is
// the API server as the operator sees it.
type Build[T lifecycle.Object] func(config lifecycle.Config) *lifecycle.Reconciler[T]

// Options of a world, beyond the object that it is about.
type Options[T lifecycle.Object] struct {
	// Objects that exist from the beginning, besides the object of the world.
	Objects []client.Object
	// Jobs executes the jobs of the kind's batch.Batchers; nil if it has none.
	Jobs *Jobs
	// Distinct says that no two objects of the kind have an identity key in common, so that
	// nothing is looked up in the index: the fake index reads all objects each time.
	Distinct bool
	// Turns returns the turns of a process, for a kind that lives; nil: no other kind takes
	// any.
	Turns func(config lifecycle.Config) *turns.Registry
	// IdentityKeys returns the identity keys of an object; nil if the kind has none.
	IdentityKeys func(T) []string
}

// World is a fake API server with an Organization identity/acme and an object, a simulated
// JumpCloud, and an operator whose passes are made by hand.
type World[T lifecycle.Object] struct {
	*gomega.WithT
	T   *testing.T
	Sim *jumpcloudtest.Server
	Org *jumpcloudtest.Organization
	// API is the API server as people see it.
	API client.Client
	// Key of the object that passes are made over; a test may change it.
	Key client.ObjectKey
	// After is when the latest pass wants the next one.
	After time.Duration
	// Dead is set from the death of the process until its restart: nothing that the process
	// writes or sends arrives.
	Dead bool
	// OnCall, if not nil, makes the operator's calls, or makes them fail.
	OnCall func(c Call, do func() error) error
	// Woken are the objects that the engine has woken since their last pass.
	Woken map[client.ObjectKey]bool
	// Others make the passes over objects of other kinds.
	Others map[client.ObjectKey]reconcile.Reconciler
	// Lacking are fields that the CRD does not have, such as status.plan.number.
	Lacking []string
	// Observes leaves the Organization without credentials for mutating calls. Unwritable is
	// the reason why its credentials for them are not used. After changing either, call
	// Connect.
	Observes   bool
	Unwritable string
	// Pool of the present process.
	Pool *session.Pool
	// Ahead is how far the wall clock has jumped ahead.
	Ahead time.Duration
	// Events that were recorded, as "Reason: note".
	Events []string

	build      Build[T]
	reconciler *lifecycle.Reconciler[T]
	cache      cache
	jobs       *Jobs
	distinct   bool
	requests   int
	disturbed  Call               // the call at which something interfered
	together   []client.ObjectKey // the objects that passes are made over; nil: Key
	// thawed is how many changes had been sent when a frozen process continued; nil: none was
	// frozen.
	thawed *int
	others []*stepping // the jobs of the other process at that time
}

// New makes a world with an object. The API server of a World sets no defaults.
func New[T lifecycle.Object](t *testing.T, object T, build Build[T], o Options[T]) *World[T] {
	t.Helper()
	w := &World[T]{WithT: gomega.NewWithT(t), T: t, Sim: jumpcloudtest.New(), Key: client.ObjectKeyFromObject(object), build: build, jobs: o.Jobs, distinct: o.Distinct}
	w.Org = w.Sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: apiKey})
	organization := &v1alpha1.Organization{
		ObjectMeta: metav1.ObjectMeta{Namespace: organizationKey.Namespace, Name: organizationKey.Name, UID: "organization-uid", Generation: 1},
		Spec: v1alpha1.OrganizationSpec{
			AllowedNamespaces: v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromAll},
			Limits:            v1alpha1.Limits{RequestsPerSecond: 1000, Burst: 1000, BulkBatchSize: 500},
			Guard:             v1alpha1.Guard{MaxHarmful: new(int32(25)), MaxPercent: new(int32(5))},
			ResyncInterval:    metav1.Duration{Duration: ResyncInterval},
		},
	}
	if object.GetUID() == "" {
		object.SetUID("object-uid")
	}
	object.SetGeneration(1)
	object.SetCreationTimestamp(metav1.Now())
	scheme := kinds()
	builder := fake.NewClientBuilder().WithScheme(scheme).WithObjectTracker(tracker(scheme)).
		WithStatusSubresource(object, &v1alpha1.Organization{}, &v1alpha1.PlanApproval{}, &v1alpha1.BulkUserImport{}).
		WithIndex(&v1alpha1.PlanApproval{}, lifecycle.ApprovalsField, lifecycle.ApprovedObject).
		WithObjects(organization, object).WithObjects(o.Objects...)
	if o.IdentityKeys != nil {
		builder = builder.WithIndex(object, lifecycle.IdentityKeysField, func(object client.Object) []string {
			contender, ok := object.(T)
			w.Expect(ok).To(gomega.BeTrue())
			return lifecycle.IdentityBuckets(o.IdentityKeys(contender))
		})
	}
	w.API = builder.Build()
	w.Restart()
	return w
}

// Restart starts a new process, which takes over from the previous one.
func (w *World[T]) Restart() {
	w.T.Helper()
	w.Dead = false
	w.jobs.die()
	w.Pool = session.NewPool(session.PoolOptions{RequestTimeout: RequestTimeout, Transport: inProcess{w.Sim, w.make}})
	w.Connect()
	w.reconciler = w.build(lifecycle.Config{
		Client: w.watched(), Live: w.live(), Events: &recorder{events: &w.Events}, Pool: w.Pool, Clock: wallClock{&w.Ahead},
	})
}

// Connect gives the Organization a session, as its own controller does.
func (w *World[T]) Connect() {
	w.T.Helper()
	organization := w.Organization()
	connection, credentials := session.Connection{BaseURL: baseURL, Unwritable: w.Unwritable}, jumpcloud.APIKey(apiKey)
	switch {
	case w.Observes:
		credentials = jumpcloud.Separate(credentials, nil)
		connection.Reading.Version = "for reads only"
	case w.Unwritable != "":
		credentials = jumpcloud.Separate(credentials, jumpcloud.Unusable())
	}
	w.Expect(w.Pool.Put(organization, connection, credentials, w.Org.ID())).To(gomega.Succeed())
}

// Pass makes one pass, with a new process if the previous one is dead.
func (w *World[T]) Pass() {
	w.T.Helper()
	if w.Dead {
		w.Restart()
	}
	w.After = w.cache.catchesUp(w.PassOver(w.T.Context(), w.Key))
	w.expectNothingLate()
}

// PassOver makes one pass of the present process over an object of the kind, or over one of
// Others, and returns when it wants the next one. Passes over different objects may run at the
// same time.
func (w *World[T]) PassOver(ctx context.Context, key client.ObjectKey) time.Duration {
	process := w.reconciler
	var reconciler reconcile.Reconciler = process
	if other, is := w.Others[key]; is {
		reconciler = other
	}
	result, err := reconciler.Reconcile(ctx, reconcile.Request{NamespacedName: key})
	if err != nil || process != w.reconciler {
		return time.Second
	}
	return result.RequeueAfter
}

// Until makes passes, each when the previous one wants it, until so returns true.
func (w *World[T]) Until(so func() bool) {
	w.T.Helper()
	for began := time.Now(); ; {
		w.Pass()
		if so() {
			return
		}
		if w.After == 0 || time.Since(began) > tooLong {
			w.T.Fatalf("that never happens: %s", w.Describe())
		}
		w.wait()
	}
}

// wait waits until the latest pass wants the next one, or the end of a job wakes the object.
// Jobs continue in the meantime.
func (w *World[T]) wait() {
	w.T.Helper()
	delete(w.Woken, w.Key)
	for until := time.Now().Add(w.After); ; {
		due, working := w.jobs.next()
		if !working || due.After(until) {
			<-time.After(time.Until(until))
			return
		}
		<-time.After(time.Until(due))
		w.jobs.step(w.T.Context())
		w.expectNothingLate()
		if w.Dead || w.Woken[w.Key] {
			return
		}
	}
}

// Rest makes passes until only a watch or the resync would make another one.
func (w *World[T]) Rest() {
	w.T.Helper()
	w.Until(w.resting)
}

// resting reports whether only a watch or the resync would make another pass.
func (w *World[T]) resting() bool { return !w.Dead && (w.After == 0 || w.After >= AtRest) }

// Base returns the world itself: worlds of kinds embed World.
func (w *World[T]) Base() *World[T] { return w }

// Resync waits for the next resync and makes its passes.
func (w *World[T]) Resync() {
	w.T.Helper()
	<-time.After(2 * ResyncInterval)
	w.Rest()
}
