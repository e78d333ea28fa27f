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

// sendDeadline keeps one request of a mutating call to its deadline: no byte is written past it,
// and none after the caller gave up. Every write is checked, not only the first: a truncated
// request is never processed, while one that is completed late may be.
type sendDeadline struct {
	deadline deadline

	mu       sync.Mutex
	attached bool // the request is carried by a Transport
	ready    bool // the connection is established: what is written from here on is the request
	writing  bool
	wrote    bool
	sealed   bool
}

func (s *sendDeadline) attach() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attached = true
}

func (s *sendDeadline) connected() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = true
}

// begin admits one write, or returns an error.
func (s *sendDeadline) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sealed {
		return errGivenUp
	}
	if s.deadline.passed(time.Now()) {
		return errPastDeadline
	}
	s.writing = s.ready
	return nil
}

// end records the result of a write.
func (s *sendDeadline) end(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrote = s.wrote || (s.writing && n > 0)
	s.writing = false
}

// seal forbids all further writes and reports whether any byte of the request may have been
// sent. It is called when the call is given up, while net/http may still be writing for it.
func (s *sendDeadline) seal() (sent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sealed = true
	return !s.attached || s.wrote || s.writing
}

// deadlineConn is a network connection that serves one request. It is beneath TLS, so that only
// the system call comes after the check.
type deadlineConn struct {
	net.Conn
	deadline *sendDeadline
}

func (c *deadlineConn) Write(p []byte) (int, error) {
	if err := c.deadline.begin(); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	c.deadline.end(n)
	return n, err
}

type sendDeadlineKey struct{}

func withSendDeadline(ctx context.Context, s *sendDeadline) context.Context {
	return context.WithValue(ctx, sendDeadlineKey{}, s)
}

func sendDeadlineOf(ctx context.Context) *sendDeadline {
	s, _ := ctx.Value(sendDeadlineKey{}).(*sendDeadline)
	return s
}
