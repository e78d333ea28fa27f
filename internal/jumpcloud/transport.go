package jumpcloud

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"time"
)

// Transport carries requests over HTTP/1.1, where one connection has one
// request at a time. Requests of mutating calls get a connection of their own:
// on a kept one, the server's closing it and our writing can cross, which
// leaves the outcome unknown, and net/http then repeats some requests by
// itself. On a fresh connection it never does.
type Transport struct {
	shared    *http.Transport
	exclusive *http.Transport
}

// NewTransport returns a transport that heeds Submission.Deadline. It honours
// HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as http.ProxyFromEnvironment reads
// them with the first request. Redirects are the client's matter: it follows
// none, because net/http would send x-api-key to the other host.
func NewTransport() *Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return newTransport(&http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: 8,
		// Shorter than what load balancers usually allow, so that it is us who
		// close a connection that is not needed.
		IdleConnTimeout: 30 * time.Second,
	})
}

func newTransport(shared *http.Transport) *Transport {
	shared.Protocols = new(http.Protocols)
	shared.Protocols.SetHTTP1(true)
	exclusive := shared.Clone()
	exclusive.DisableKeepAlives = true
	exclusive.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := shared.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		// net/http dials with a context that ends later than the request's, but
		// keeps its values.
		g := fenceOf(ctx)
		// A write that blocks, because the peer does not read, ends then too.
		if err := conn.SetWriteDeadline(g.deadline.monotonic); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return &fencedConn{Conn: conn, guard: g}, nil
	}
	return &Transport{shared: shared, exclusive: exclusive}
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	g := fenceOf(r.Context())
	if g == nil {
		return t.shared.RoundTrip(r)
	}
	g.attach()
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { g.connected() },
	})
	return t.exclusive.RoundTrip(r.WithContext(ctx))
}

// CloseIdleConnections closes the connections that are kept for later.
func (t *Transport) CloseIdleConnections() { t.shared.CloseIdleConnections() }
