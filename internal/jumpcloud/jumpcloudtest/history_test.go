package jumpcloudtest_test

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestHistory(t *testing.T) {
	s := serve(t)
	s.get("/api/systemusers?limit=5", "x-org-id: "+s.org.ID())
	s.send("POST", "/api/systemusers", `{"username":"a","email":"a@x.org"}`)
	s.send("POST", "/api/systemusers", `{"username":"a"}`)
	s.send("POST", "/api/search/systemusers", `{}`)
	s.get("/api/systemusers", "x-api-key: wrong")
	s.get("/login", "x-api-key:")

	history := s.sim.History()
	s.Expect(history).To(HaveLen(6))
	var lines []string
	for i, r := range history {
		s.Expect(r.Number).To(Equal(i + 1))
		s.Expect(r.At).To(BeTemporally("~", time.Now(), time.Minute), "real time")
		line := r.Method + " " + r.Path
		if r.Committed {
			line += " committed"
		}
		lines = append(lines, line)
	}
	s.Expect(lines).To(Equal([]string{
		"GET /api/systemusers", "POST /api/systemusers committed", "POST /api/systemusers", "POST /api/search/systemusers",
		"GET /api/systemusers", "GET /login",
	}))
	s.Expect(history[0].Query).To(Equal("limit=5"))
	s.Expect(history[0].Header.Get("X-Org-Id")).To(Equal(s.org.ID()))
	s.Expect(history[0].Organization).To(Equal(s.org.ID()))
	s.Expect(history[1].Body).To(Equal(`{"username":"a","email":"a@x.org"}`))
	s.Expect(history[2].Status).To(Equal(400))
	s.Expect(history[4].Organization).To(BeEmpty())
	s.Expect(history[4].Status).To(Equal(401))
	for _, r := range history {
		for name, values := range r.Header {
			s.Expect(values).NotTo(ContainElement(Or(Equal(apiKey), Equal("wrong"))), name)
		}
	}
	s.Expect(history[0].Header.Get("X-Api-Key")).To(Equal("***"), "that there was one")
	s.Expect(history[5].Header).NotTo(HaveKey("X-Api-Key"))

	mutating := s.sim.MutatingRequests()
	s.Expect(mutating).To(HaveLen(2))
	s.Expect(mutating[0].Number).To(Equal(2))
	s.Expect(mutating[1].Number).To(Equal(3))

	s.sim.ForgetHistory()
	s.Expect(s.sim.History()).To(BeEmpty())
	s.get("/api/systemusers")
	s.Expect(s.sim.History()[0].Number).To(Equal(7))
}

func TestEqualHeadersAreStoredOnce(t *testing.T) {
	s := serve(t)
	for _, agent := range []string{"one", "one", "two"} {
		s.get("/api/systemusers", "User-Agent: "+agent)
	}
	var headers []uintptr
	for _, r := range s.sim.History() {
		headers = append(headers, reflect.ValueOf(r.Header).Pointer())
	}
	s.Expect(headers[0]).To(Equal(headers[1]))
	s.Expect(headers[0]).NotTo(Equal(headers[2]))
}

func TestHistoryLimit(t *testing.T) {
	g := NewWithT(t)
	sim := jumpcloudtest.New(jumpcloudtest.WithHistoryLimit(3))
	for range 20 {
		sim.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "GET", "/login", http.NoBody))
	}
	history := sim.History()
	g.Expect(history).To(HaveLen(3))
	g.Expect(history[2].Number).To(Equal(20))
}

// In a synctest bubble real time is fake, and so is that of the history.
func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		sim := jumpcloudtest.New()
		org := sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: apiKey})
		other := sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "other"})
		get := func(key string) int {
			request := httptest.NewRequestWithContext(t.Context(), "GET", "/api/systemusers", http.NoBody)
			request.Header.Set("X-Api-Key", key)
			recorder := httptest.NewRecorder()
			sim.ServeHTTP(recorder, request)
			return recorder.Code
		}
		at := func(key string, gaps ...time.Duration) {
			for _, gap := range gaps {
				elapse(gap)
				get(key)
			}
		}
		at(apiKey, 0, 400*time.Millisecond, 400*time.Millisecond, 400*time.Millisecond, time.Minute)
		at("other", 0)
		g.Expect(sim.PeakRate(org.ID(), time.Second)).To(Equal(3.0))
		g.Expect(sim.PeakRate(org.ID(), 2*time.Second)).To(Equal(2.0))
		g.Expect(sim.PeakRate(org.ID(), 100*time.Millisecond)).To(Equal(10.0))
		g.Expect(sim.PeakRate(other.ID(), time.Second)).To(Equal(1.0))
		g.Expect(sim.PeakRate("nobody", time.Second)).To(BeZero())

		org.Configure(func(b *jumpcloudtest.Behavior) { b.RequestsPerSecond, b.RetryAfter = 0.1, 5*time.Second })
		g.Expect(get(apiKey)).To(Equal(200))
		g.Expect(get(apiKey)).To(Equal(429))
		g.Expect(sim.RequestsInsideRetryAfter(0)).To(BeEmpty())
		at(apiKey, 100*time.Millisecond, 3*time.Second)
		at("other", 0)
		at(apiKey, time.Second, 6*time.Second) // the last one is after all pauses
		early := sim.RequestsInsideRetryAfter(0)
		g.Expect(early).To(HaveLen(3))
		g.Expect(sim.RequestsInsideRetryAfter(time.Second)).To(HaveLen(2), "the first may have been under way")

		org.Configure(func(b *jumpcloudtest.Behavior) { b.RequestsPerSecond = 2 })
		elapse(time.Minute)
		sim.ForgetHistory()
		statuses := []int{}
		for range 6 {
			statuses = append(statuses, get(apiKey))
			elapse(250 * time.Millisecond)
		}
		g.Expect(statuses).To(Equal([]int{200, 429, 200, 429, 200, 429}), "a bucket of one, two a second")
	})
}
