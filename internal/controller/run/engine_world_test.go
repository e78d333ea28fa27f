package run_test

import (
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/run"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/session"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const (
	baseURL = "https://jumpcloud.test"
	apiKey  = "key-of-acme"
	// tooLong is how long nothing that a test is about may take, in the time
	// of its bubble.
	tooLong = 12 * time.Hour
	// atRest is how far away the next pass is, at least, of an object that only
	// a watch or a resync wakes.
	atRest = 10 * time.Minute
)

// timing is what the operator runs with by default.
var timing = run.Timing{
	RequestTimeout: 40 * time.Second, SettleWindow: time.Minute, JobStallTimeout: 2 * time.Minute, JobTimeout: time.Hour,
}

// world is a fake API server with one import, a simulated JumpCloud, and an
// operator of which passes are made by hand. It has no network and no other
// goroutines, so that tests of it run in a bubble of fake time.
type world struct {
	*WithT
	t   *testing.T
	sim *jumpcloudtest.Server
	org *jumpcloudtest.Organization
	api client.Client
	key client.ObjectKey

	pool       *session.Pool
	reconciler *lifecycle.Reconciler[*v1alpha1.BulkUserImport]
	// after is when the latest pass wants the next one.
	after time.Duration
	// dead is set from the death of the process to its restart: nothing that it
	// writes or sends arrives.
	dead bool
	// requests counts the passes that were asked for.
	requests int
	// onCall, if any, makes the operator's calls, or lets them fail.
	onCall func(c call, do func() error) error
}

// newWorld makes a world with an import of the lines of a CSV in the ConfigMap
// "hires". There are no users yet.
func newWorld(t *testing.T, lines []string, changes ...func(*v1alpha1.BulkUserImport)) *world {
	t.Helper()
	w := &world{WithT: NewWithT(t), t: t, sim: jumpcloudtest.New()}
	w.org = w.sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: apiKey})
	object := &v1alpha1.BulkUserImport{
		ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "hires", UID: "import-uid", Generation: 1},
		Spec: v1alpha1.BulkUserImportSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Namespace: "identity", Name: "acme"},
			UsersFrom:       []v1alpha1.RowsSource{{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: "hires", Key: "users.csv"}}},
		},
	}
	for _, change := range changes {
		change(object)
	}
	w.key = client.ObjectKeyFromObject(object)
	organization := &v1alpha1.Organization{
		ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "acme", UID: "organization-uid", Generation: 1},
		Spec: v1alpha1.OrganizationSpec{
			AllowedNamespaces: v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromAll},
			Limits:            v1alpha1.Limits{RequestsPerSecond: 1000, Burst: 1000, BulkBatchSize: 500},
			Guard:             v1alpha1.Guard{MaxHarmful: new(int32(25)), MaxPercent: new(int32(5))},
			ResyncInterval:    metav1.Duration{Duration: time.Hour},
		},
	}
	source := configMap(object.Namespace, "hires", map[string]string{"users.csv": strings.Join(lines, "\n")})
	scheme := runtime.NewScheme()
	w.Expect(corev1.AddToScheme(scheme)).To(Succeed())
	w.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	w.api = fake.NewClientBuilder().WithScheme(scheme).
		WithStatusSubresource(&v1alpha1.BulkUserImport{}, &v1alpha1.Organization{}).
		WithObjects(organization, object, source).Build()
	w.restart()
	return w
}

// restart lets a new process take over, whatever became of the one before.
func (w *world) restart() {
	w.t.Helper()
	w.dead = false
	w.pool = session.NewPool(session.PoolOptions{RequestTimeout: timing.RequestTimeout, Transport: inProcess{w}})
	w.connect()
	api := w.watched()
	engine := &run.Engine[*v1alpha1.BulkUserImport]{
		Kind: imports{rows.Loader{Reader: api}}, Ledger: &ledger.Store{Reader: api, Writer: api}, Timing: timing, Counters: noCounters{},
	}
	w.reconciler = lifecycle.NewReconciler(engine, lifecycle.Config{Client: api, Events: &events.FakeRecorder{}, Pool: w.pool})
}

// connect gives the Organization a session, as its own controller does.
func (w *world) connect() {
	w.t.Helper()
	organization := &v1alpha1.Organization{}
	w.Expect(w.api.Get(w.t.Context(), client.ObjectKey{Namespace: "identity", Name: "acme"}, organization)).To(Succeed())
	w.Expect(w.pool.Put(organization, session.Connection{BaseURL: baseURL}, jumpcloud.APIKey(apiKey), w.org.ID())).To(Succeed())
}

// pass makes one pass, of a new process if the one before is dead.
func (w *world) pass() {
	w.t.Helper()
	if w.dead {
		w.restart()
	}
	result, err := w.reconciler.Reconcile(w.t.Context(), reconcile.Request{NamespacedName: w.key})
	w.after = result.RequeueAfter
	if err != nil {
		w.after = time.Second
	}
}

// until makes passes, each when the one before wants it, until it is so.
func (w *world) until(so func() bool) {
	w.t.Helper()
	for began := time.Now(); ; {
		w.pass()
		if so() {
			return
		}
		if w.after == 0 || time.Since(began) > tooLong {
			w.t.Fatalf("that never happens: %s", w.describe())
		}
		<-time.After(w.after)
	}
}

// rest makes passes until only a watch or the resync makes another one. By
// then nobody was created twice.
func (w *world) rest() {
	w.t.Helper()
	w.until(func() bool { return w.after == 0 || w.after >= atRest })
	w.expectNobodyCreatedTwice()
}

// resyncs makes the passes of some resyncs, some of them after a restart.
func (w *world) resyncs() {
	w.t.Helper()
	for i := range 4 {
		<-time.After(time.Hour)
		if i%2 == 1 {
			w.restart()
		}
		w.rest()
	}
}

// sent tells whether so many jobs have been accepted.
func (w *world) sent(jobs int) func() bool {
	return func() bool { return len(w.org.Jobs()) == jobs }
}
