package jumpcloud_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// sequence gives one answer after another, and repeats the last one.
func sequence(handlers ...http.HandlerFunc) http.HandlerFunc {
	next := 0
	return func(w http.ResponseWriter, r *http.Request) {
		handler := handlers[next]
		next = min(next+1, len(handlers)-1)
		handler(w, r)
	}
}

var aUser = answers(200, `{"_id":"u"}`)

func TestReadsAreRepeated(t *testing.T) {
	for name, test := range map[string]struct {
		handler  http.HandlerFunc
		attempts int
		class    jumpcloud.Class
		ok       bool
	}{
		"502 then well":     {sequence(answers(502, ""), aUser), 2, 0, true},
		"503, 504 and well": {sequence(answers(503, ""), answers(504, ""), aUser), 3, 0, true},
		"503 for ever":      {answers(503, ""), 4, jumpcloud.Unavailable, false},
		"500":               {sequence(answers(500, ""), aUser), 1, jumpcloud.Unavailable, false},
		"408":               {sequence(answers(408, ""), aUser), 1, jumpcloud.Unavailable, false},
		"404":               {sequence(answers(404, ""), aUser), 1, jumpcloud.Refused, false},
		"429":               {sequence(answers(429, ""), aUser), 1, jumpcloud.RateLimited, false},
		"401":               {sequence(answers(401, ""), aUser), 1, jumpcloud.Auth, false},
		"long Retry-After":  {sequence(answers(503, "", "Retry-After", "60"), aUser), 1, jumpcloud.Unavailable, false},
		"cut-off JSON":      {sequence(answers(200, `{"_id":"u"`), aUser), 1, jumpcloud.Unavailable, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				client, rec := carry(t, test.handler)
				_, err := client.GetUser(t.Context(), "u")
				g.Expect(err == nil).To(Equal(test.ok), "%v", err)
				if err != nil {
					g.Expect(jumpcloud.ClassOf(err)).To(Equal(test.class))
				}
				g.Expect(rec.all()).To(HaveLen(test.attempts))
			})
		})
	}
}

func TestReadsWaitBetweenAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		client, _ := carry(t, answers(503, ""))
		began := time.Now()
		_, err := client.GetUser(t.Context(), "u")
		g.Expect(err).To(HaveOccurred())
		g.Expect(time.Since(began)).To(BeNumerically(">", 0))
		g.Expect(time.Since(began)).To(BeNumerically("<=", 3500*time.Millisecond))

		client, _ = carry(t, sequence(answers(503, "", "Retry-After", "3"), aUser))
		began = time.Now()
		_, err = client.GetUser(t.Context(), "u")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(time.Since(began)).To(Equal(3 * time.Second))
	})
}

func TestReadsAreRepeatedAfterConnectionErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		failures := 0
		client := newClient(t, "http://jumpcloud.test", func(o *jumpcloud.Options) {
			o.Transport = carrier(func(*http.Request) (*http.Response, error) {
				failures++
				if failures < 3 {
					return nil, io.ErrUnexpectedEOF
				}
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"_id":"u"}`))}, nil
			})
		})
		_, err := client.GetUser(t.Context(), "u")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(failures).To(Equal(3))
	})
}

// Each attempt of a search must send the whole body.
func TestSearchesAreRepeatedWithTheirBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		client, rec := carry(t, sequence(answers(503, ""), answers(200, `{"totalCount":0,"results":[]}`)))
		for _, err := range client.SearchUserPages(t.Context(), jumpcloud.UserSearch{}) {
			g.Expect(err).NotTo(HaveOccurred())
		}
		all := rec.all()
		g.Expect(all).To(HaveLen(2))
		g.Expect(all[0].Body).NotTo(BeEmpty())
		g.Expect(all[1].Body).To(Equal(all[0].Body))
	})
}

func TestAnAttemptThatTimesOutIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		attempts := 0
		client := newClient(t, "http://jumpcloud.test", func(o *jumpcloud.Options) {
			o.Timeout = 7 * time.Second
			o.Transport = carrier(func(r *http.Request) (*http.Response, error) {
				attempts++
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
		})
		began := time.Now()
		_, err := client.GetUser(t.Context(), "u")
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unavailable))
		g.Expect(err).To(MatchError(context.DeadlineExceeded))
		g.Expect(attempts).To(Equal(1))
		g.Expect(time.Since(began)).To(Equal(7 * time.Second))
	})
}

func TestAnAnswerThatStopsIsNotWaitedForTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		client, rec := serveInMemory(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"_id":`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		_, err := client.GetUser(t.Context(), "u")
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unavailable))
		g.Expect(err).To(MatchError(context.DeadlineExceeded))
		g.Expect(rec.all()).To(HaveLen(1))
	})
}

func TestAReadEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		client, rec := carry(t, answers(503, "", "Retry-After", "3"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := client.GetUser(ctx, "u")
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unavailable))
		g.Expect(time.Since(began)).To(Equal(time.Second))
		g.Expect(rec.all()).To(HaveLen(1))
	})
}

func TestAnswersAreBounded(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"_id":"u","padding":"`)
		for err := error(nil); err == nil; { // Until the client stops reading.
			_, err = io.WriteString(w, strings.Repeat("x", 1<<20))
		}
	})
	_, err := client.GetUser(t.Context(), "u")
	g.Expect(err).To(MatchError(jumpcloud.ErrTooLarge))
	g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unavailable))
	g.Expect(rec.all()).To(HaveLen(1))
}

func TestEveryAttemptIsObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		var calls []jumpcloud.Call
		observe := func(o *jumpcloud.Options) { o.Observe = func(c jumpcloud.Call) { calls = append(calls, c) } }
		client, _ := carry(t, sequence(answers(503, ""), answers(429, "")), observe)
		for _, err := range client.BulkResultPages(t.Context(), testJob, 0) {
			g.Expect(err).To(HaveOccurred())
		}
		const endpoint = "/bulk/users/{job_id}/results"
		g.Expect(calls).To(Equal([]jumpcloud.Call{
			{Method: "GET", Endpoint: endpoint, Code: 503},
			{Method: "GET", Endpoint: endpoint, Code: 429, RateLimited: true},
		}))

		calls = nil
		broken := newClient(t, "http://jumpcloud.test", observe, func(o *jumpcloud.Options) {
			o.Transport = carrier(func(*http.Request) (*http.Response, error) {
				elapse(time.Second)
				return nil, errors.New("broken")
			})
		})
		g.Expect(startSomeJob(t.Context(), broken, soon())).NotTo(Succeed())
		g.Expect(calls).To(Equal([]jumpcloud.Call{{Method: "POST", Endpoint: "/bulk/users", Duration: time.Second}}))
	})
}
