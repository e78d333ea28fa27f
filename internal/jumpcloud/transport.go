package jumpcloud

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"time"
)

// Transport carries requests over HTTP/1.1, with one request at a time on each connection.
// Each mutating call gets a connection of its own: on a kept connection, the server's close
// and our write can cross, which leaves the outcome unknown, and net/http then repeats some
// requests by itself. On a fresh connection it never does.
type Transport struct {
	shared    *http.Transport
	exclusive *http.Transport
}

// NewTransport returns a transport that enforces Submission.Deadline. It honours HTTPS_PROXY,
// HTTP_PROXY and NO_PROXY, as http.ProxyFromEnvironment reads them with the first request. It
// does not handle redirects; the client follows none, because net/http would send x-api-key to
// the other host.
func NewTransport() *Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return newTransport(&http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: 8,
		// This is shorter than the usual timeout of load balancers, so that we close idle
		// connections before they do.
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
		// The context with which net/http dials ends later than the request's, but has its
		// values.
		send := sendDeadlineOf(ctx)
		// A write that blocks because the peer does not read must end at the deadline too.
		if err := conn.SetWriteDeadline(send.deadline.monotonic); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return &deadlineConn{Conn: conn, deadline: send}, nil
	}
	return &Transport{shared: shared, exclusive: exclusive}
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	send := sendDeadlineOf(r.Context())
	if send == nil {
		return t.shared.RoundTrip(r)
	}
	send.attach()
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { send.connected() },
	})
	return t.exclusive.RoundTrip(r.WithContext(ctx))
}

// CloseIdleConnections closes the idle connections.
func (t *Transport) CloseIdleConnections() { t.shared.CloseIdleConnections() }
