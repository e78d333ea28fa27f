package jumpcloud_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// someUsers is a job whose body takes many writes.
func someUsers() []jumpcloud.BulkUserCreate {
	users := make([]jumpcloud.BulkUserCreate, 500)
	for i := range users {
		users[i].Username = new(strings.Repeat("u", 200))
	}
	return users
}

func startSomeJob(ctx context.Context, c *jumpcloud.Client, s jumpcloud.Submission) error {
	_, err := c.StartBulkCreate(ctx, s, someUsers(), jumpcloud.BulkCreateOptions{})
	return err
}

// dialer replaces the network in tests.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// guarded returns a transport that uses the given dialer.
func guarded(dial dialer, config *tls.Config) *jumpcloud.Transport {
	return jumpcloud.NewTransportFrom(&http.Transport{DialContext: dial, TLSClientConfig: config, TLSHandshakeTimeout: time.Hour})
}

// wrap is a connection whose writes the test controls.
type wrap struct {
	net.Conn
	write func(net.Conn, []byte) (int, error)
}

func (w *wrap) Write(p []byte) (int, error) { return w.write(w.Conn, p) }

func TestNothingIsSentPastTheDeadline(t *testing.T) {
	for name, secure := range map[string]bool{"plain": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				rec := &recorder{handler: answers(200, `{"jobId":"`+testJob+`"}`)}
				network, server := listen(t, rec, secure)
				var config *tls.Config
				if secure {
					config = server.Client().Transport.(*http.Transport).TLSClientConfig
				}
				client := newClient(t, server.URL+testPrefix, func(o *jumpcloud.Options) {
					o.Transport = guarded(network.dial, config)
					o.Timeout = time.Hour
				})

				// The process freezes when the connection is established and nothing has been
				// written: the last moment before the check.
				s := jumpcloud.Submission{Deadline: time.Now().Add(time.Minute)}
				frozen := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
					GotConn: func(httptrace.GotConnInfo) { elapse(time.Minute) },
				})
				err := startSomeJob(frozen, client, s)
				g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.NotSent), "%v", err)
				g.Expect(err).To(MatchError(jumpcloud.ErrPastDeadline))
				g.Expect(rec.all()).To(BeEmpty())

				// One nanosecond earlier, the request is sent.
				almost := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
					GotConn: func(httptrace.GotConnInfo) { elapse(time.Minute - 1) },
				})
				g.Expect(startSomeJob(almost, client, jumpcloud.Submission{Deadline: time.Now().Add(time.Minute)})).To(Succeed())
				g.Expect(rec.all()).To(HaveLen(1))
			})
		})
	}
}

func TestTheRestIsNotSentPastTheDeadline(t *testing.T) {
	for name, secure := range map[string]bool{"plain": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				rec := &recorder{handler: answers(200, `{"jobId":"`+testJob+`"}`)}
				network, server := listen(t, rec, secure)
				var config *tls.Config
				if secure {
					config = server.Client().Transport.(*http.Transport).TLSClientConfig
				}
				var ready atomic.Bool
				dials := 0
				dial := func(ctx context.Context, net_, address string) (net.Conn, error) {
					dials++
					conn, err := network.dial(ctx, net_, address)
					return &wrap{Conn: conn, write: func(conn net.Conn, p []byte) (int, error) {
						n, err := conn.Write(p)
						if ready.Load() { // The process freezes in the middle of the request.
							elapse(time.Minute)
						}
						return n, err
					}}, err
				}
				client := newClient(t, server.URL+testPrefix, func(o *jumpcloud.Options) {
					o.Transport = guarded(dial, config)
					o.Timeout = time.Hour
				})
				ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
					GotConn: func(httptrace.GotConnInfo) { ready.Store(true) },
				})
				err := startSomeJob(ctx, client, jumpcloud.Submission{Deadline: time.Now().Add(time.Minute)})
				g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unknown), "%v", err)
				g.Expect(rec.all()).To(BeEmpty(), "the request must not have become complete")
				g.Expect(dials).To(Equal(1))
			})
		})
	}
}

func TestAPassedDeadlineMakesNoConnection(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, answers(200, `{"jobId":"x"}`), func(o *jumpcloud.Options) {
		o.Transport = guarded(func(context.Context, string, string) (net.Conn, error) {
			t.Error("dialed")
			return nil, io.EOF
		}, nil)
	})
	for _, s := range []jumpcloud.Submission{{}, {Deadline: time.Now()}, {Deadline: time.Now().Add(-time.Hour).Round(0)}} {
		err := startSomeJob(t.Context(), client, s)
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.NotSent))
	}
	g.Expect(rec.all()).To(BeEmpty())
}

// A call that has ended must not send anything later, even if net/http still connects for it.
func TestNothingIsSentAfterTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		rec := &recorder{handler: answers(200, `{"jobId":"`+testJob+`"}`)}
		network, server := listen(t, rec, false)
		var written atomic.Int64
		slow := func(ctx context.Context, net_, address string) (net.Conn, error) {
			elapse(10 * time.Second) // It ignores its context, as a resolver may.
			conn, err := network.dial(context.WithoutCancel(ctx), net_, address)
			return &wrap{Conn: conn, write: func(conn net.Conn, p []byte) (int, error) {
				written.Add(int64(len(p)))
				return conn.Write(p)
			}}, err
		}
		client := newClient(t, server.URL+testPrefix, func(o *jumpcloud.Options) {
			o.Transport = guarded(slow, nil)
			o.Timeout = 5 * time.Second
		})
		err := startSomeJob(t.Context(), client, soon())
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.NotSent))
		g.Expect(err).To(MatchError(context.DeadlineExceeded))
		elapse(time.Minute)
		synctest.Wait()
		g.Expect(written.Load()).To(BeZero())
		g.Expect(rec.all()).To(BeEmpty())
	})
}

// net/http is still writing when the call gives up. Nothing more is sent then, and what was
// sent makes the outcome unknown.
func TestACallThatGivesUpWhileWriting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		rec := &recorder{handler: answers(200, `{"jobId":"`+testJob+`"}`)}
		network, server := listen(t, rec, false)
		writes := 0
		stuck := func(ctx context.Context, net_, address string) (net.Conn, error) {
			conn, err := network.dial(ctx, net_, address)
			return &wrap{Conn: conn, write: func(conn net.Conn, p []byte) (int, error) {
				n, err := conn.Write(p)
				if n > 0 {
					writes++
				}
				elapse(10 * time.Second) // It ignores that the connection was closed.
				return n, err
			}}, err
		}
		client := newClient(t, server.URL+testPrefix, func(o *jumpcloud.Options) {
			o.Transport = guarded(stuck, nil)
			o.Timeout = 5 * time.Second
		})
		err := startSomeJob(t.Context(), client, soon())
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unknown))
		g.Expect(err).To(MatchError(context.DeadlineExceeded))
		elapse(time.Minute)
		synctest.Wait()
		g.Expect(writes).To(Equal(1))
		g.Expect(rec.all()).To(BeEmpty())
	})
}

// A peer that stops reading must not get the rest when it reads again.
func TestAWriteThatBlocksEndsAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		peers := make(chan net.Conn, 1)
		client := newClient(t, "http://jumpcloud.test", func(o *jumpcloud.Options) {
			o.Timeout = time.Hour
			o.Transport = guarded(func(context.Context, string, string) (net.Conn, error) {
				conn, peer := net.Pipe()
				peers <- peer
				return conn, nil
			}, nil)
		})
		began := time.Now()
		err := startSomeJob(t.Context(), client, jumpcloud.Submission{Deadline: began.Add(time.Minute)})
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.NotSent), "not one byte was taken: %v", err)
		g.Expect(time.Since(began)).To(Equal(time.Minute))
		g.Expect((<-peers).Close()).To(Succeed())
	})
}

// With HTTP/2, requests would share a connection.
func TestOnlyHTTP1IsSpoken(t *testing.T) {
	g := NewWithT(t)
	var protocols []string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocols = append(protocols, r.Proto)
		// A server that closes without reading the body resets the connection.
		_, _ = io.Copy(io.Discard, r.Body)
		answers(200, `{"_id":"u","jobId":"j"}`)(w, r)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	trusted := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	client := newClient(t, server.URL, func(o *jumpcloud.Options) {
		o.Transport = guarded(new(net.Dialer).DialContext, &tls.Config{RootCAs: trusted})
	})
	_, err := client.GetUser(t.Context(), "u")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(startSomeJob(t.Context(), client, soon())).To(Succeed())
	g.Expect(protocols).To(Equal([]string{"HTTP/1.1", "HTTP/1.1"}))
}

func TestAnAnswerThatTakesTooLongIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		client, rec := serveInMemory(t, func(w http.ResponseWriter, r *http.Request) {
			elapse(41 * time.Second)
			answers(200, `{"jobId":"`+testJob+`"}`)(w, r)
		})
		began := time.Now()
		err := startSomeJob(t.Context(), client, jumpcloud.Submission{Deadline: time.Now().Add(time.Second)})
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unknown))
		g.Expect(time.Since(began)).To(Equal(40*time.Second), "the deadline is for sending, the timeout for the answer")
		g.Expect(rec.all()).To(HaveLen(1))
	})
}

func TestAPartialWriteIsUnknownAndNotRepeated(t *testing.T) {
	g := NewWithT(t)
	var dials atomic.Int32
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		dials.Add(1)
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return &wrap{Conn: conn, write: func(conn net.Conn, p []byte) (int, error) {
			n, _ := conn.Write(p[:len(p)/2])
			return n, syscall.ECONNRESET
		}}, err
	}
	client, rec := serve(t, answers(200, `{"jobId":"x"}`), func(o *jumpcloud.Options) { o.Transport = guarded(dial, nil) })
	err := startSomeJob(t.Context(), client, soon())
	g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unknown))
	g.Expect(err).To(MatchError(syscall.ECONNRESET))
	g.Expect(dials.Load()).To(Equal(int32(1)))
	g.Expect(rec.all()).To(BeEmpty())
}

func TestWhatCouldNotBeWrittenAtAllIsNotSent(t *testing.T) {
	refused := httptest.NewServer(http.NotFoundHandler())
	refused.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	broken := guarded(func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return &wrap{Conn: conn, write: func(net.Conn, []byte) (int, error) { return 0, syscall.EPIPE }}, err
	}, nil)
	open := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(open.Close)

	for name, test := range map[string]struct {
		base      string
		transport http.RoundTripper
		cause     error
	}{
		"connection refused":    {refused.URL, nil, syscall.ECONNREFUSED},
		"untrusted certificate": {untrusted.URL, nil, jumpcloud.ErrCertificate},
		"broken at once":        {open.URL, broken, syscall.EPIPE},
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, test.base, func(o *jumpcloud.Options) { o.Transport = test.transport })
			err := startSomeJob(t.Context(), client, soon())
			g := NewWithT(t)
			g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.NotSent))
			g.Expect(err).To(MatchError(test.cause))
		})
	}
}

// If a server drops the connection instead of answering, net/http repeats requests that it
// considers replayable. None of ours may be.
func TestALostAnswerIsUnknownAndNotRepeated(t *testing.T) {
	calls := map[string]func(*jumpcloud.Client) error{
		"POST": func(c *jumpcloud.Client) error { return startSomeJob(t.Context(), c, soon()) },
		"PUT": func(c *jumpcloud.Client) error {
			_, err := c.UpdateUser(t.Context(), soon(), "u", jumpcloud.UserUpdate{})
			return err
		},
		"DELETE": func(c *jumpcloud.Client) error {
			return c.DeleteUser(t.Context(), soon(), "u", jumpcloud.DeleteUserOptions{})
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var dropping atomic.Bool
			client, rec := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if dropping.Load() {
					panic(http.ErrAbortHandler)
				}
				answers(200, `{"_id":"u"}`)(w, r)
			})
			// There is an idle connection that could be reused.
			_, err := client.GetUser(t.Context(), "u")
			g.Expect(err).NotTo(HaveOccurred())
			dropping.Store(true)
			g.Expect(jumpcloud.ClassOf(call(client))).To(Equal(jumpcloud.Unknown))
			g.Expect(rec.all()).To(HaveLen(2))
		})
	}
}

// The server closes idle connections while requests are sent. That does not affect a mutating
// call, which has a connection of its own.
func TestMutatingCallsGetConnectionsOfTheirOwn(t *testing.T) {
	g := NewWithT(t)
	var reused []bool
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { reused = append(reused, info.Reused) },
	})
	client, rec := serve(t, answers(200, `{"_id":"u","jobId":"j"}`))
	for range 2 {
		_, err := client.GetUser(ctx, "u")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(startSomeJob(ctx, client, soon())).To(Succeed())
		g.Expect(client.DeleteUser(ctx, soon(), "u", jumpcloud.DeleteUserOptions{})).To(Succeed())
	}
	g.Expect(rec.all()).To(HaveLen(6))
	g.Expect(reused).To(Equal([]bool{false, false, false, true, false, false}))
}

// Without a Transport, nothing knows what was written.
func TestAForeignTransportLeavesTheOutcomeUnknown(t *testing.T) {
	g := NewWithT(t)
	client := newClient(t, "http://jumpcloud.test", func(o *jumpcloud.Options) {
		o.Transport = carrier(func(*http.Request) (*http.Response, error) { return nil, errors.New("lost") })
	})
	g.Expect(jumpcloud.ClassOf(startSomeJob(t.Context(), client, soon()))).To(Equal(jumpcloud.Unknown))
	g.Expect(jumpcloud.ClassOf(startSomeJob(t.Context(), client, jumpcloud.Submission{}))).To(Equal(jumpcloud.NotSent))
}

func TestWrappedTransportsStayGuarded(t *testing.T) {
	g := NewWithT(t)
	inner := guarded(func(context.Context, string, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED }, nil)
	client := newClient(t, "http://jumpcloud.test", func(o *jumpcloud.Options) { o.Transport = carrier(inner.RoundTrip) })
	g.Expect(jumpcloud.ClassOf(startSomeJob(t.Context(), client, soon()))).To(Equal(jumpcloud.NotSent))
}

func TestSubmissionsCarryNothingThatAllowsRepeating(t *testing.T) {
	g := NewWithT(t)
	client, _ := serve(t, nil, func(o *jumpcloud.Options) {
		o.Transport = carrier(func(r *http.Request) (*http.Response, error) {
			g.Expect(r.GetBody).To(BeNil())
			g.Expect(r.Header).NotTo(HaveKey("Idempotency-Key"))
			g.Expect(r.Header).NotTo(HaveKey("X-Idempotency-Key"))
			return nil, io.EOF
		})
	})
	g.Expect(startSomeJob(t.Context(), client, soon())).NotTo(Succeed())
}

func TestAnAdmittedCallTakesNoSecondToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		client, rec := carry(t, answers(200, `{"jobId":"j"}`), func(o *jumpcloud.Options) { o.Limiter = jumpcloud.NewLimiter(0.001, 1) })
		admission, err := client.Admit(t.Context(), jumpcloud.Normal)
		g.Expect(err).NotTo(HaveOccurred())
		s := soon()
		s.Admission = admission
		g.Expect(startSomeJob(t.Context(), client, s)).To(Succeed())
		g.Expect(jumpcloud.ClassOf(startSomeJob(t.Context(), client, soon()))).To(Equal(jumpcloud.RateLimited))
		g.Expect(rec.all()).To(HaveLen(1))
	})
}

func TestAPauseThatBeganAfterTheAdmissionHoldsTheCallBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		client, rec := carry(t, func(w http.ResponseWriter, r *http.Request) {
			answers(http.StatusTooManyRequests, "", "Retry-After", "1")(w, r)
		})
		admission, err := client.Admit(t.Context(), jumpcloud.Normal)
		g.Expect(err).NotTo(HaveOccurred())
		_, err = client.GetUser(t.Context(), "u")
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
		s := soon()
		s.Admission = admission
		err = startSomeJob(t.Context(), client, s)
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
		failure, _ := errors.AsType[*jumpcloud.Error](err)
		g.Expect(failure.RetryAfter).To(Equal(time.Second))
		g.Expect(rec.all()).To(HaveLen(1))
	})
}
