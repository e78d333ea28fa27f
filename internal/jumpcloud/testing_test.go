package jumpcloud_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"go.uber.org/goleak"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testKey = "key-0123456789"
	testOrg = "65f1c0ffee65f1c0ffee9000"
	testJob = "65f1c0ffee65f1c0ffee0001"
	// testPrefix makes requests that ignore the base URL's path fail.
	testPrefix = "/edge/jumpcloud"
)

// recorder is a handler that records its requests.
type recorder struct {
	handler http.HandlerFunc

	mu       sync.Mutex
	requests []recorded
}

type recorded struct {
	Method, Path, Query, Body string
	Header                    http.Header
}

func (rec *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // The request was cut off and never complete.
	}
	rec.mu.Lock()
	rec.requests = append(rec.requests, recorded{
		r.Method, strings.TrimPrefix(r.URL.EscapedPath(), testPrefix), r.URL.RawQuery, string(body), r.Header.Clone(),
	})
	rec.mu.Unlock()
	rec.handler(w, r)
}

// all returns the requests that arrived in full.
func (rec *recorder) all() []recorded {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return append([]recorded(nil), rec.requests...)
}

func (rec *recorder) last(t *testing.T) recorded {
	t.Helper()
	all := rec.all()
	NewWithT(t).Expect(all).NotTo(BeEmpty(), "no request arrived")
	return all[len(all)-1]
}

// serve starts a server and returns a client for it.
func serve(t *testing.T, handler http.HandlerFunc, options ...func(*jumpcloud.Options)) (*jumpcloud.Client, *recorder) {
	t.Helper()
	rec := &recorder{handler: handler}
	server := httptest.NewServer(rec)
	t.Cleanup(server.Close)
	return newClient(t, server.URL+testPrefix, options...), rec
}

// serveInMemory is serve for tests under synctest.
func serveInMemory(t *testing.T, handler http.HandlerFunc) (*jumpcloud.Client, *recorder) {
	t.Helper()
	rec := &recorder{handler: handler}
	network, server := listen(t, rec, false)
	return newClient(t, server.URL+testPrefix, func(o *jumpcloud.Options) {
		o.Transport = guarded(network.dial, nil)
	}), rec
}

func newClient(t *testing.T, base string, options ...func(*jumpcloud.Options)) *jumpcloud.Client {
	t.Helper()
	o := jumpcloud.Options{
		BaseURL: base, Credentials: jumpcloud.APIKey(testKey), OrganizationID: testOrg,
		Limiter: jumpcloud.NewLimiter(1000, 1000), UserAgent: "test/1",
	}
	for _, option := range options {
		option(&o)
	}
	client, err := jumpcloud.New(o)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// answers returns a handler that always gives this answer.
func answers(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// carrier is an in-process transport.
type carrier func(*http.Request) (*http.Response, error)

func (c carrier) RoundTrip(r *http.Request) (*http.Response, error) { return c(r) }

// carry returns a client whose requests never leave the process, for tests under synctest.
func carry(t *testing.T, handler http.HandlerFunc, options ...func(*jumpcloud.Options)) (*jumpcloud.Client, *recorder) {
	t.Helper()
	rec := &recorder{handler: handler}
	transport := carrier(func(r *http.Request) (*http.Response, error) {
		if r.Body == nil {
			r.Body = http.NoBody
		}
		w := httptest.NewRecorder()
		rec.ServeHTTP(w, r)
		return w.Result(), nil
	})
	options = append([]func(*jumpcloud.Options){func(o *jumpcloud.Options) { o.Transport = transport }}, options...)
	return newClient(t, "http://jumpcloud.test"+testPrefix, options...), rec
}

// inMemory is a network of pipes. Unlike sockets it works under synctest.
type inMemory struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// listen starts a server on an in-memory network.
func listen(t *testing.T, handler http.Handler, tls bool) (*inMemory, *httptest.Server) {
	t.Helper()
	network := &inMemory{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := httptest.NewUnstartedServer(handler)
	_ = server.Listener.Close()
	server.Listener = network
	if tls {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return network, server
}

func (n *inMemory) Accept() (net.Conn, error) {
	select {
	case conn := <-n.conns:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *inMemory) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

func (n *inMemory) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (n *inMemory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case n.conns <- server:
		return client, nil
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// elapse lets time pass, which costs nothing under synctest.
func elapse(d time.Duration) { <-time.After(d) }

// soon returns a submission with enough time.
func soon() jumpcloud.Submission {
	return jumpcloud.Submission{Deadline: time.Now().Add(40 * time.Second)}
}
