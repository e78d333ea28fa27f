package lifecycle

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"go.uber.org/goleak"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle/fakestatus"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const organizationID = "65f1c0ffee65f1c0ffee9000"

// script is an Actuator that does what a test says.
type script struct {
	reconcile, finalize func(context.Context, *Pass[*v1alpha1.BulkUserImport]) Outcome

	passes    int
	forgotten []types.UID
}

func (s *script) Reconcile(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
	s.passes++
	return s.reconcile(ctx, pass)
}

func (s *script) Finalize(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
	s.passes++
	return s.finalize(ctx, pass)
}

func (s *script) Forget(_ types.NamespacedName, uid types.UID) {
	s.forgotten = append(s.forgotten, uid)
}

// answers is a transport that gives the same answer to everything.
type answers struct {
	status int
	body   string
	calls  int
}

func (a *answers) RoundTrip(request *http.Request) (*http.Response, error) {
	a.calls++
	recorder := &http.Response{
		StatusCode: a.status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: http.NoBody, Request: request, ProtoMajor: 1, ProtoMinor: 1,
	}
	if a.body != "" {
		recorder.Body = readCloser{strings.NewReader(a.body)}
	}
	return recorder, nil
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// world is a fake API server, a Reconciler with a script, and a record of the writes.
type world struct {
	*WithT
	t          *testing.T
	api        client.Client
	reconciler *Reconciler[*v1alpha1.BulkUserImport]
	actuator   *script
	recorder   *events.FakeRecorder
	transport  *answers
	writes     []string // verb and subresource of each write
	refuse     func(verb string) error
}

func newWorld(t *testing.T, objects ...client.Object) *world {
	t.Helper()
	scheme := runtime.NewScheme()
	g := NewWithT(t)
	g.Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	w := &world{
		WithT: g, t: t, actuator: &script{}, recorder: events.NewFakeRecorder(100),
		transport: &answers{status: http.StatusOK, body: `{"totalCount":0,"results":[]}`},
		refuse:    func(string) error { return nil },
	}
	note := func(ctx context.Context, verb string) error {
		if err := errors.Join(ctx.Err(), w.refuse(verb)); err != nil {
			return err
		}
		w.writes = append(w.writes, verb)
		return nil
	}
	w.api = fake.NewClientBuilder().WithScheme(scheme).
		WithStatusSubresource(&v1alpha1.BulkUserImport{}, &v1alpha1.Organization{}).
		WithIndex(&v1alpha1.PlanApproval{}, ApprovalsField, ApprovedObject).
		WithObjects(objects...).
		WithInterceptorFuncs(interceptor.Funcs{
			Create: func(ctx context.Context, c client.WithWatch, object client.Object, o ...client.CreateOption) error {
				if err := note(ctx, "create"); err != nil {
					return err
				}
				return c.Create(ctx, object, o...)
			},
			Patch: func(ctx context.Context, c client.WithWatch, object client.Object, p client.Patch, o ...client.PatchOption) error {
				if err := note(ctx, "patch"); err != nil {
					return err
				}
				return c.Patch(ctx, object, p, o...)
			},
			SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, object client.Object, o ...client.SubResourceUpdateOption) error {
				if err := note(ctx, sub); err != nil {
					return err
				}
				return fakestatus.Update(ctx, c, object, o, nil)
			},
		}).Build()
	w.reconciler = NewReconciler(w.actuator, Config{
		Client: w.api, Events: w.recorder, Pool: session.NewPool(session.PoolOptions{Transport: w.transport}),
		Clock: clocktesting.NewFakePassiveClock(time.Unix(1700000000, 0)),
	})
	return w
}

// Sessions in these tests are made from these.
var (
	dialed = session.Connection{BaseURL: "https://jumpcloud.test"}
	apiKey = jumpcloud.APIKey("key")
)

// connect gives an Organization a session, as its controller does.
func (w *world) connect(o *v1alpha1.Organization, id string) {
	w.t.Helper()
	w.Expect(w.api.Get(w.t.Context(), client.ObjectKeyFromObject(o), o)).To(Succeed())
	w.Expect(w.reconciler.Pool.Put(o, dialed, apiKey, id)).To(Succeed())
}

// pass makes one pass and returns its result.
func (w *world) pass() reconcile.Result {
	w.t.Helper()
	result, err := w.reconciler.Reconcile(w.t.Context(), reconcile.Request{NamespacedName: importKey})
	w.Expect(err).NotTo(HaveOccurred())
	return result
}

func (w *world) get() *v1alpha1.BulkUserImport {
	w.t.Helper()
	object := &v1alpha1.BulkUserImport{}
	w.Expect(w.api.Get(w.t.Context(), importKey, object)).To(Succeed())
	return object
}

// freeze makes the cache hold an old copy until it catches up.
func (w *world) freeze(old *v1alpha1.BulkUserImport) (catchUp func()) {
	current, ok := w.reconciler.Client.(client.WithWatch)
	w.Expect(ok).To(BeTrue())
	w.reconciler.Client = interceptor.NewClient(current, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, o ...client.GetOption) error {
			if stale, ok := object.(*v1alpha1.BulkUserImport); ok {
				old.DeepCopyInto(stale)
				return nil
			}
			return c.Get(ctx, key, object, o...)
		},
	})
	return func() { w.reconciler.Client = current }
}

func (w *world) change(change func(*v1alpha1.BulkUserImport)) {
	w.t.Helper()
	object := w.get()
	change(object)
	w.Expect(w.api.Update(w.t.Context(), object)).To(Succeed())
}

// answer makes every pass end with the outcome.
func (w *world) answer(o Outcome) {
	w.actuator.reconcile = func(context.Context, *Pass[*v1alpha1.BulkUserImport]) Outcome { return o }
}

// events returns the events since the last call.
func (w *world) events() []string {
	var all []string
	for {
		select {
		case e := <-w.recorder.Events:
			all = append(all, e)
		default:
			return all
		}
	}
}

var importKey = types.NamespacedName{Namespace: "identity", Name: "hires"}

func anImport(changes ...func(*v1alpha1.BulkUserImport)) *v1alpha1.BulkUserImport {
	object := &v1alpha1.BulkUserImport{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: importKey.Namespace, Name: importKey.Name, UID: "import-uid", Generation: 1,
			Finalizers: []string{"example.org/other"},
		},
		Spec:   v1alpha1.BulkUserImportSpec{OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"}},
		Status: v1alpha1.BulkUserImportStatus{CommonStatus: v1alpha1.CommonStatus{ObservedGeneration: -1}},
	}
	for _, change := range changes {
		change(object)
	}
	return object
}

func annotated(key, value string) func(*v1alpha1.BulkUserImport) {
	return func(o *v1alpha1.BulkUserImport) { metav1.SetMetaDataAnnotation(&o.ObjectMeta, key, value) }
}

func deleting(o *v1alpha1.BulkUserImport) {
	o.DeletionTimestamp = new(metav1.NewTime(time.Unix(1700000000, 0)))
}

func finalized(o *v1alpha1.BulkUserImport) { o.Finalizers = append(o.Finalizers, v1alpha1.Finalizer) }

func anOrganization(changes ...func(*v1alpha1.Organization)) *v1alpha1.Organization {
	object := &v1alpha1.Organization{
		ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "acme", UID: "organization-uid", Generation: 1},
		Spec: v1alpha1.OrganizationSpec{
			AllowedNamespaces: v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromSame},
			ResyncInterval:    metav1.Duration{Duration: time.Hour},
		},
	}
	for _, change := range changes {
		change(object)
	}
	return object
}

func ready(o *v1alpha1.Organization) { setConditions(o.Common(), 1, Done("Succeeded", "connected")) }
