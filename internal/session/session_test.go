package session

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"go.uber.org/goleak"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	baseURL = "https://jumpcloud.test"
	key     = "key-of-acme"
)

var (
	connection  = connectionOf("1")
	credentials = jumpcloud.APIKey(key)
	// suspicion is an answer that rejected credentials get to a read.
	suspicion = &jumpcloud.Error{Class: jumpcloud.Auth}
)

// connectionOf returns a connection with a version of the Secret.
func connectionOf(version string) Connection {
	from := Source{Version: version}
	return Connection{BaseURL: baseURL, Reading: from, Writing: from}
}

// inProcess passes requests to the simulator without a network, so that tests can run on fake
// time.
type inProcess struct {
	handler http.Handler

	mu     sync.Mutex
	before func(*http.Request) // called before each request, if not nil
}

func (p *inProcess) RoundTrip(request *http.Request) (*http.Response, error) {
	p.mu.Lock()
	before := p.before
	p.mu.Unlock()
	if before != nil {
		before(request)
	}
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	received := request.Clone(request.Context())
	if received.Body == nil {
		received.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	p.handler.ServeHTTP(recorder, received)
	response := recorder.Result()
	response.Request = request
	return response, nil
}

func (p *inProcess) set(before func(*http.Request)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before = before
}

// remoteWorld is a simulated organization and a pool that reaches it.
type remoteWorld struct {
	*WithT
	ctx       context.Context
	sim       *jumpcloudtest.Server
	org       *jumpcloudtest.Organization
	transport *inProcess
	pool      *Pool
	session   *Session
}

func newRemoteWorld(t *testing.T, users int) *remoteWorld {
	t.Helper()
	sim := jumpcloudtest.New()
	w := &remoteWorld{
		WithT: NewWithT(t), ctx: t.Context(), sim: sim,
		org:       sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: key, Users: users}),
		transport: &inProcess{handler: sim},
	}
	w.pool = NewPool(PoolOptions{Transport: w.transport})
	w.session = w.put(anOrganization("acme"), connection)
	return w
}

// put makes a session and returns it.
func (w *remoteWorld) put(object *v1alpha1.Organization, c Connection) *Session {
	w.Expect(w.pool.Put(object, c, credentials, w.org.ID())).To(Succeed())
	s, ok := w.pool.Get(types.NamespacedName{Namespace: object.Namespace, Name: object.Name})
	w.Expect(ok).To(BeTrue())
	return s
}

// rejected takes a rejection of acme's credentials and returns their purpose; "" if there is
// none.
func (w *remoteWorld) rejected(c Connection) string {
	purpose, rejected := w.pool.TakeRejection(acme, c)
	switch {
	case !rejected:
		return ""
	case purpose == jumpcloud.Writing:
		return "writing"
	default:
		return "reading"
	}
}

// requests returns the requests to the simulator since the last call.
func (w *remoteWorld) requests() []jumpcloudtest.Request {
	history := w.sim.History()
	w.sim.ForgetHistory()
	return history
}

func anOrganization(name string, changes ...func(*v1alpha1.Organization)) *v1alpha1.Organization {
	object := &v1alpha1.Organization{
		ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: name, UID: types.UID(name), Generation: 1},
		Spec:       v1alpha1.OrganizationSpec{Limits: v1alpha1.Limits{RequestsPerSecond: 1000, Burst: 1000, BulkBatchSize: 500}},
	}
	for _, change := range changes {
		change(object)
	}
	return object
}
