package directory

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"go.uber.org/goleak"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	lists    = "/api/systemusers"
	searches = "/api/search/systemusers"
	groups   = "/api/v2/usergroups"
)

// world is a simulated organization and what reads it.
type world struct {
	*WithT
	ctx       context.Context
	sim       *jumpcloudtest.Server
	org       *jumpcloudtest.Organization
	transport *inProcess
	key       string
	client    atomic.Pointer[jumpcloud.Client]
	cache     *Cache
	users     *Users
	groups    *List[jumpcloud.UserGroupSummary]
	states    *List[jumpcloud.ScheduledState]
}

func newWorld(t testing.TB, users int) *world {
	t.Helper()
	sim := jumpcloudtest.New()
	w := &world{
		WithT: NewWithT(t), ctx: t.Context(), sim: sim,
		org:       sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "first", Users: users}),
		transport: &inProcess{handler: sim}, cache: NewCache(),
	}
	w.connect("first")
	w.users, w.groups, w.states = w.cache.Users(w.client.Load), w.cache.UserGroups(w.client.Load), w.cache.ScheduledStates(w.client.Load)
	return w
}

// connect makes later readings use a client with this key.
func (w *world) connect(key string) {
	client, err := jumpcloud.New(jumpcloud.Options{
		BaseURL: "https://jumpcloud.test", Credentials: jumpcloud.APIKey(key), OrganizationID: w.org.ID(),
		Limiter: jumpcloud.NewLimiter(1000, 1000), Transport: w.transport,
	})
	w.Expect(err).NotTo(HaveOccurred())
	w.key = key
	w.client.Store(client)
}

// rotate replaces the key.
func (w *world) rotate() {
	w.sim.RevokeCredential(w.key)
	w.sim.AddCredential(jumpcloudtest.Credential{APIKey: "second", Organizations: []string{w.org.ID()}})
	w.connect("second")
}

// whole repeats a call, as later passes do, until it has read everything it needs, however
// slow the machine is.
func whole(call func() error) error {
	for {
		if err := call(); !errors.Is(err, ErrReading) {
			return err
		}
	}
}

// readList reads a list of groups or of scheduled states.
func readList[T any](w *world, list *List[T], newerThan time.Time) (listing *Listing[T], err error) {
	err = whole(func() error {
		listing, err = list.Read(w.ctx, newerThan)
		return err
	})
	return listing, err
}

// finish advances a Read to its end.
func (w *world) finish(read *Read) error {
	return whole(func() error { return read.Advance(w.ctx) })
}

// resolve resolves references and expects no error.
func (w *world) resolve(newerThan time.Time, refs ...v1alpha1.UserReference) (resolution *Resolution) {
	w.Expect(whole(func() (err error) {
		resolution, err = w.users.Resolve(w.ctx, refs, newerThan)
		return err
	})).To(Succeed())
	return resolution
}

// tryResolve resolves references and returns the error.
func (w *world) tryResolve(newerThan time.Time, refs ...v1alpha1.UserReference) error {
	return whole(func() error {
		_, err := w.users.Resolve(w.ctx, refs, newerThan)
		return err
	})
}

// requests returns the requests to the simulator since the last call.
func (w *world) requests() []jumpcloudtest.Request {
	history := w.sim.History()
	w.sim.ForgetHistory()
	return history
}

// paths returns the path and skip of each request, oldest first.
func (w *world) paths() []string {
	var all []string
	for _, request := range w.requests() {
		values, err := url.ParseQuery(request.Query)
		w.Expect(err).NotTo(HaveOccurred())
		path := request.Path
		if values.Has("skip") {
			path += " skip=" + values.Get("skip")
		}
		all = append(all, path)
	}
	return all
}

// count counts requests by their path.
func (w *world) count(path string) int {
	n := 0
	for _, request := range w.sim.History() {
		if request.Path == path && !strings.Contains(request.Query, "limit=1&") {
			n++
		}
	}
	return n
}

// at calls act once, before the first request whose query has this part.
func (w *world) at(part string, act func()) {
	var once sync.Once
	w.transport.set(func(r *http.Request) {
		if strings.Contains(r.URL.RawQuery, part) {
			once.Do(act)
		}
	})
}

// ids returns all ids of the organization in order.
func (w *world) ids() []string {
	var ids []string
	for _, user := range w.org.Users() {
		ids = append(ids, user["_id"].(string))
	}
	slices.Sort(ids)
	return ids
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
