package organization_test

import (
	"context"
	"flag"
	"io"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/options"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

var plane *testenv.ControlPlane

func TestMain(m *testing.M) {
	log.SetLogger(zap.New(zap.WriteTo(io.Discard)))
	testenv.Main(m, &plane)
}

const (
	apiKey = "key-of-acme-0123456789"
	// promptly bounds the waiting for a change: it is much shorter than the resync, which
	// would bring the change, too, and long enough for a busy machine.
	promptly = 2 * time.Minute
	// quiet is how long nothing must happen.
	quiet = time.Second
)

// world is a namespace, a simulated JumpCloud, and a manager with the controller of
// Organizations and a member whose passes only read the directory.
type world struct {
	testing.TB
	*WithT
	namespace string
	sim       *jumpcloudtest.Server
	url       string
	org       *jumpcloudtest.Organization
	pool      *session.Pool
	member    *looker
}

func newWorld(t testing.TB, users int) *world {
	t.Helper()
	w := &world{TB: t, WithT: NewWithT(t), namespace: plane.Namespace(t), sim: jumpcloudtest.New()}
	w.SetDefaultEventuallyTimeout(promptly)
	w.SetDefaultEventuallyPollingInterval(20 * time.Millisecond)
	w.SetDefaultConsistentlyDuration(quiet)
	w.url = w.sim.Start(t)
	w.org = w.sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: apiKey, Name: "Acme", Users: users})
	return w
}

// operate starts a manager, which stops at the end of the test or when stop is called.
func (w *world) operate(arguments ...string) (stop func()) {
	w.Helper()
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	o := options.Bind(flags)
	w.Expect(flags.Parse(append([]string{
		"--leader-elect=false", "--metrics-bind-address=0", "--health-probe-bind-address=0", "--metrics-secure=false", "--allow-endpoint-override",
	}, arguments...))).To(Succeed())
	w.Expect(o.Complete()).To(Succeed())
	managerOptions := o.Manager(plane.Scheme)
	managerOptions.Controller.SkipNameValidation = new(true)
	mgr, err := manager.New(plane.Config, managerOptions)
	w.Expect(err).NotTo(HaveOccurred())

	w.pool = session.NewPool(session.PoolOptions{RequestTimeout: o.RequestTimeout})
	controllers := o.Controllers()
	controllers.Pool = w.pool
	w.Expect(controller.SetupBase(mgr, &controllers)).To(Succeed())
	w.member = &looker{}
	w.Expect(lifecycle.Setup(mgr, w.member, lifecycle.Options[*v1alpha1.BulkUserImport]{
		Pool: w.pool, WatchNamespaces: controllers.WatchNamespaces, MaxConcurrentReconciles: 4,
	})).To(Succeed())

	ctx, cancel := context.WithCancel(w.Context())
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		w.Expect(<-ended).To(Succeed())
	})
	w.Cleanup(stop)
	return stop
}

// looker is an actuator whose passes read one user.
type looker struct {
	mu     sync.Mutex
	passes int
	modes  []v1alpha1.Mode
	also   func(context.Context, *lifecycle.Pass[*v1alpha1.BulkUserImport]) error
}

// set makes each pass do something more, after it has read the user.
func (l *looker) set(also func(context.Context, *lifecycle.Pass[*v1alpha1.BulkUserImport]) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.also = also
}

func (l *looker) Reconcile(ctx context.Context, pass *lifecycle.Pass[*v1alpha1.BulkUserImport]) lifecycle.Outcome {
	l.mu.Lock()
	l.passes++
	l.modes = append(l.modes, pass.Session.Spec.Mode)
	also := l.also
	l.mu.Unlock()
	for _, err := range pass.Session.Client.UserPages(ctx, jumpcloud.UserListOptions{Limit: 1}) {
		if err != nil {
			return lifecycle.Failed(err)
		}
		break
	}
	if also != nil {
		if err := also(ctx, pass); err != nil {
			return lifecycle.Failed(err)
		}
	}
	return lifecycle.Done(v1alpha1.UpToDateReason, "looked")
}

func (*looker) Finalize(context.Context, *lifecycle.Pass[*v1alpha1.BulkUserImport]) lifecycle.Outcome {
	return lifecycle.Done(v1alpha1.SucceededReason, "")
}

func (l *looker) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.passes
}

func (l *looker) lastMode() v1alpha1.Mode {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.modes) == 0 {
		return ""
	}
	return l.modes[len(l.modes)-1]
}

func (w *world) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: w.namespace, Name: name}
}

func (w *world) create(object client.Object) {
	w.Helper()
	w.Expect(plane.Client.Create(w.Context(), object)).To(Succeed())
}

// secret creates or updates the Secret with the credentials.
func (w *world) secret(values map[string]string) {
	w.Helper()
	w.secretNamed("jumpcloud", values)
}

func (w *world) secretNamed(name string, values map[string]string) {
	w.Helper()
	secret := &corev1.Secret{ObjectMeta: w.meta(name), StringData: values}
	existing := &corev1.Secret{}
	if err := plane.Client.Get(w.Context(), client.ObjectKeyFromObject(secret), existing); err == nil {
		existing.StringData = values
		w.Expect(plane.Client.Update(w.Context(), existing)).To(Succeed())
		return
	}
	w.create(secret)
}

// organization creates an Organization with an API key.
func (w *world) organization(changes ...func(*v1alpha1.Organization)) {
	w.Helper()
	object := &v1alpha1.Organization{ObjectMeta: w.meta("acme"), Spec: v1alpha1.OrganizationSpec{
		Credentials: &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "jumpcloud"}},
		Endpoint:    &v1alpha1.Endpoint{URL: w.url},
		Limits:      v1alpha1.Limits{RequestsPerSecond: 1000, Burst: 1000},
	}}
	for _, change := range changes {
		change(object)
	}
	w.create(object)
}

// memberOf creates an object that belongs to the Organization.
func (w *world) memberOf(name string) {
	w.Helper()
	w.create(&v1alpha1.BulkUserImport{ObjectMeta: w.meta(name), Spec: v1alpha1.BulkUserImportSpec{
		OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"},
	}})
}

func (w *world) changeOrganization(change func(*v1alpha1.Organization)) {
	w.Helper()
	w.Eventually(func() error {
		object := w.get()
		change(object)
		return plane.Client.Update(w.Context(), object)
	}).Should(Succeed())
}

func (w *world) get() *v1alpha1.Organization {
	w.Helper()
	object := &v1alpha1.Organization{}
	w.Expect(plane.Client.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: "acme"}, object)).To(Succeed())
	return object
}

func (w *world) getMember(name string) *v1alpha1.BulkUserImport {
	w.Helper()
	object := &v1alpha1.BulkUserImport{}
	w.Expect(plane.Client.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, object)).To(Succeed())
	return object
}

// await waits until the Organization's Ready has the reason for its present
// generation, and returns it.
func (w *world) await(reason string) *v1alpha1.Organization {
	w.Helper()
	w.Eventually(func(g Gomega) {
		object := w.get()
		condition := apimeta.FindStatusCondition(object.Status.Conditions, v1alpha1.ReadyCondition)
		g.Expect(condition).NotTo(BeNil())
		g.Expect(condition.Reason).To(Equal(reason), condition.Message)
		g.Expect(condition.ObservedGeneration).To(Equal(object.Generation))
	}).Should(Succeed())
	return w.get()
}

// awaitMember waits until the member's Ready has the reason.
func (w *world) awaitMember(name, reason string) {
	w.Helper()
	w.Eventually(func(g Gomega) {
		condition := apimeta.FindStatusCondition(w.getMember(name).Status.Conditions, v1alpha1.ReadyCondition)
		g.Expect(condition).NotTo(BeNil())
		g.Expect(condition.Reason).To(Equal(reason), condition.Message)
	}).Should(Succeed())
}

// memberMessage returns the message of the member's Ready.
func (w *world) memberMessage(name string) string {
	return apimeta.FindStatusCondition(w.getMember(name).Status.Conditions, v1alpha1.ReadyCondition).Message
}

// checks counts the requests that check credentials.
func (w *world) checks() int {
	n := 0
	for _, request := range w.sim.History() {
		if request.Path == "/api/organizations" {
			n++
		}
	}
	return n
}

// condition returns a condition of the Organization as "status/reason".
func condition(object *v1alpha1.Organization, conditionType string) string {
	c := apimeta.FindStatusCondition(object.Status.Conditions, conditionType)
	if c == nil {
		return ""
	}
	return string(c.Status) + "/" + c.Reason
}

// message returns the message of the Organization's Ready.
func message(object *v1alpha1.Organization) string {
	return apimeta.FindStatusCondition(object.Status.Conditions, v1alpha1.ReadyCondition).Message
}

// label sets a label of a namespace.
func (w *world) label(namespace, key, value string) {
	w.Helper()
	object := &corev1.Namespace{}
	w.Expect(plane.Client.Get(w.Context(), client.ObjectKey{Name: namespace}, object)).To(Succeed())
	metav1.SetMetaDataLabel(&object.ObjectMeta, key, value)
	w.Expect(plane.Client.Update(w.Context(), object)).To(Succeed())
}
