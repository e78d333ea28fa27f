package testenv

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/client-go/rest"
)

// Stage is when an interception happens.
type Stage int

const (
	// BeforeForward is before the API server sees the write.
	BeforeForward Stage = iota
	// AfterAnswer is when the API server has answered, so that the write is stored or refused,
	// but the client has not seen the answer.
	AfterAnswer
)

// Action is what happens to an intercepted write.
type Action int

const (
	// Pass lets the write, or its answer, through.
	Pass Action = iota
	// Drop cuts the client's connection: the write, or its answer, is lost.
	Drop
)

// Proxy stands between clients and the API server. It records every write, and lets a test act
// at a certain one: kill the operator before its intent is written, lose the answer to a
// status write, write the object first. Watches stream through it. Its methods may be called
// from several goroutines, also from a hook.
type Proxy struct {
	// Config connects through the proxy, with the rights of the proxy's own
	// connection, and without TLS or credentials.
	Config *rest.Config

	requests *request.RequestInfoFactory
	forward  *httputil.ReverseProxy

	mu            sync.Mutex
	writes        []*Write
	interceptions []*Interception
}

// Interception is a hook that waits for a matching write.
type Interception struct {
	stage   Stage
	match   Match
	waitFor int
	hook    func(Write) Action
	done    chan struct{}
}

// Done is closed when the hook has returned.
func (i *Interception) Done() <-chan struct{} { return i.done }

// NewProxy starts a proxy that connects to the API server with config. It ends with the test.
func NewProxy(t testing.TB, config *rest.Config) *Proxy {
	t.Helper()
	target, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		t.Fatalf("the API server's address: %v", err)
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		t.Fatalf("connect to the API server: %v", err)
	}
	p := &Proxy{
		requests: &request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")},
	}
	p.forward = &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: target.Scheme, Host: target.Host}) },
		Transport:      transport,
		FlushInterval:  -1, // watches are streams
		ModifyResponse: p.answered,
		// Clients that were killed and answers that were dropped are expected.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     log.New(io.Discard, "", 0),
	}
	server := httptest.NewServer(p)
	t.Cleanup(func() {
		// Close alone would wait for open watches.
		server.CloseClientConnections()
		server.Close()
	})
	p.Config = &rest.Config{Host: server.URL, QPS: -1}
	return p
}

// Intercept calls the hook at the n-th matching write from now on, counted from 1. The write
// waits while the hook runs. A hook is called once. It may kill the client; in BeforeForward
// it should then return Drop, or the write may still arrive.
func (p *Proxy) Intercept(stage Stage, n int, match Match, hook func(Write) Action) *Interception {
	i := &Interception{stage: stage, match: match, waitFor: n, hook: hook, done: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.interceptions = append(p.interceptions, i)
	return i
}

// Writes returns the matching writes so far, in the order of their arrival, without their
// bodies.
func (p *Proxy) Writes(match Match) []Write {
	p.mu.Lock()
	defer p.mu.Unlock()
	var matching []Write
	for _, w := range p.writes {
		if match(*w) {
			matching = append(matching, *w)
		}
	}
	return matching
}

// ServeHTTP forwards a request.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	info, err := p.requests.NewRequestInfo(r)
	if err != nil || !isWrite(info) {
		p.forward.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	write := newWrite(r, info)
	p.mu.Lock()
	p.writes = append(p.writes, write)
	p.mu.Unlock()

	if p.intercepted(BeforeForward, write, body) == Drop {
		panic(http.ErrAbortHandler)
	}
	p.forward.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, exchange{write, body})))
}

// exchange is what answered needs to know about the write that is answered.
type exchange struct {
	write *Write
	body  []byte
}

type exchangeKey struct{}

// errDropped makes the reverse proxy cut the connection.
var errDropped = errors.New("dropped by the test")

func (p *Proxy) answered(response *http.Response) error {
	e, ok := response.Request.Context().Value(exchangeKey{}).(exchange)
	if !ok {
		return nil
	}
	p.mu.Lock()
	e.write.Status = response.StatusCode
	p.mu.Unlock()
	if p.intercepted(AfterAnswer, e.write, e.body) == Drop {
		return errors.Join(errDropped, response.Body.Close())
	}
	return nil
}

// intercepted calls the hooks that are due.
func (p *Proxy) intercepted(stage Stage, write *Write, body []byte) Action {
	p.mu.Lock()
	seen := *write
	seen.Body = body
	var due, waiting []*Interception
	for _, i := range p.interceptions {
		if i.stage == stage && i.match(seen) {
			i.waitFor--
		}
		if i.waitFor == 0 {
			due = append(due, i)
		} else {
			waiting = append(waiting, i)
		}
	}
	p.interceptions = waiting
	p.mu.Unlock()

	action := Pass
	for _, i := range due {
		action = max(action, i.hook(seen))
		close(i.done)
	}
	return action
}

func newWrite(r *http.Request, info *request.RequestInfo) *Write {
	return &Write{
		At: time.Now(), Verb: info.Verb, Group: info.APIGroup,
		Resource: info.Resource, Subresource: info.Subresource,
		Namespace: info.Namespace, Name: info.Name,
		DryRun:    r.URL.Query().Has("dryRun"),
		UserAgent: r.UserAgent(),
	}
}

func isWrite(info *request.RequestInfo) bool {
	switch info.Verb {
	case "create", "update", "patch", "delete", "deletecollection":
		return info.IsResourceRequest
	}
	return false
}
