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
	corev1 "k8s.io/api/core/v1"
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
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/session"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
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

// answers is a transport that gives one answer to everything.
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

// world is a fake API server, a Reconciler with a script, and what it did.
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
				return c.SubResource(sub).Update(ctx, object, o...)
			},
		}).Build()
	w.reconciler = NewReconciler(w.actuator, Config{
		Client: w.api, Events: w.recorder, Pool: session.NewPool(session.PoolOptions{Transport: w.transport}),
		Clock: clocktesting.NewFakePassiveClock(time.Unix(1700000000, 0)),
	})
	return w
}

// What sessions in these tests are made from.
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
		progressing, progressing, done, limited, done, waiting, Waiting("SourceNotFound", "another"), stalled,
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
