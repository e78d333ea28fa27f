package jumpcloud

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

var (
	errPastDeadline = errors.New("the deadline for sending has passed")
	errGivenUp      = errors.New("the call has ended")
)

// deadline is an instant on two clocks. The monotonic clock stands still while a machine is
// suspended; the wall clock can be set back. The deadline has passed when it has passed on
// either.
type deadline struct {
	monotonic, wall time.Time
}

func newDeadline(t time.Time) deadline {
	now := time.Now()
	return deadline{monotonic: now.Add(t.Sub(now)), wall: t.Round(0)}
}

func (d deadline) passed(now time.Time) bool {
	return !now.Before(d.monotonic) || !now.Round(0).Before(d.wall)
}

// fence guards the bytes of one request of a mutating call: none is written past the deadline,
// and none after the caller gave up. Every write is checked, not only the first: a truncated
// request is never processed, while one that is completed late may be.
type fence struct {
	deadline deadline

	mu       sync.Mutex
	attached bool // the request is carried by a Transport
	ready    bool // the connection is established: what is written from here on is the request
	writing  bool
	wrote    bool
	sealed   bool
}

func (g *fence) attach() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.attached = true
}

func (g *fence) connected() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ready = true
}

// begin admits one write, or returns an error.
func (g *fence) begin() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sealed {
		return errGivenUp
	}
	if g.deadline.passed(time.Now()) {
		return errPastDeadline
	}
	g.writing = g.ready
	return nil
}

// end records the result of a write.
func (g *fence) end(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.wrote = g.wrote || (g.writing && n > 0)
	g.writing = false
}

// seal forbids all further writes and reports whether any byte of the request may have been
// sent. It is called when the call is given up, while net/http may still be writing for it.
func (g *fence) seal() (sent bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sealed = true
	return !g.attached || g.wrote || g.writing
}

// fencedConn is a network connection that serves one request. It is beneath TLS, so that only
// the system call comes after the check.
type fencedConn struct {
	net.Conn
	guard *fence
}

func (c *fencedConn) Write(p []byte) (int, error) {
	if err := c.guard.begin(); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	c.guard.end(n)
	return n, err
}

type fenceKey struct{}

func withGuard(ctx context.Context, g *fence) context.Context {
	return context.WithValue(ctx, fenceKey{}, g)
}

func fenceOf(ctx context.Context) *fence {
	g, _ := ctx.Value(fenceKey{}).(*fence)
	return g
}
