package jumpcloudtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestFaults(t *testing.T) {
	post := jumpcloudtest.Match{Method: "POST", Path: "/api/v2/bulk/users"}
	is := func(status int, contentType, body string) func(*site, answer) {
		return func(s *site, got answer) {
			s.Expect(got.Err).NotTo(HaveOccurred())
			s.Expect(got.Status).To(Equal(status))
			s.Expect(got.Header.Get("Content-Type")).To(HavePrefix(contentType))
			s.Expect(got.Text).To(ContainSubstring(body))
		}
	}
	isReset := func(s *site, got answer) {
		s.Expect(errors.Is(got.Err, syscall.ECONNRESET)).To(BeTrue(), "%v", got.Err)
	}
	isCutOff := func(s *site, got answer) {
		s.Expect(got.Status).To(Equal(200))
		s.Expect(got.Err).To(MatchError(io.ErrUnexpectedEOF))
		s.Expect(got.Text).To(HavePrefix(`{"job`))
		s.Expect(got.Text).NotTo(ContainSubstring("}"))
	}
	for name, c := range map[string]struct {
		fault     jumpcloudtest.Fault
		committed bool
		check     func(*site, answer)
	}{
		"500, JSON":           {jumpcloudtest.Fault{}, false, is(500, "application/json", `{"message":"InternalServerError"}`)},
		"500, committed":      {jumpcloudtest.Fault{Commit: true}, true, is(500, "application/json", "")},
		"503, text":           {jumpcloudtest.Fault{Status: 503, BodyKind: jumpcloudtest.BodyText}, false, is(503, "text/plain", "upstream connect error")},
		"504, empty":          {jumpcloudtest.Fault{Status: 504, BodyKind: jumpcloudtest.BodyEmpty, Commit: true}, true, is(504, "", "")},
		"refused with a body": {jumpcloudtest.Fault{Status: 409, Body: `{"message":"no"}`}, false, is(409, "application/json", `{"message":"no"}`)},
		"200 with HTML":       {jumpcloudtest.Fault{Status: 200, BodyKind: jumpcloudtest.BodyHTML, Commit: true}, true, is(200, "text/html", "<html>")},
		"429":                 {jumpcloudtest.Fault{Status: 429}, false, is(429, "application/json", "Too Many")},
		"429 with Retry-After": {jumpcloudtest.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}}, false, func(s *site, got answer) {
			s.Expect(got.Header.Get("Retry-After")).To(Equal("7"))
			s.Expect(s.sim.History()[0].RetryAfter).To(Equal(7 * time.Second))
		}},
		"redirect": {jumpcloudtest.Fault{Status: 302, Header: http.Header{"Location": {"/login"}}, BodyKind: jumpcloudtest.BodyEmpty}, false, func(s *site, got answer) {
			s.Expect(got.Status).To(Equal(302))
			s.Expect(got.Header.Get("Location")).To(Equal("/login"))
		}},
		"reset":                {jumpcloudtest.Fault{Kind: jumpcloudtest.FaultReset}, false, isReset},
		"reset, committed":     {jumpcloudtest.Fault{Kind: jumpcloudtest.FaultReset, Commit: true}, true, isReset},
		"truncated":            {jumpcloudtest.Fault{Kind: jumpcloudtest.FaultTruncate}, true, isCutOff},
		"truncated own answer": {jumpcloudtest.Fault{Kind: jumpcloudtest.FaultTruncate, Status: 200, Body: `{"jobId":"x"}`}, false, isCutOff},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			c.fault.Match = post
			script := s.sim.Script(c.fault)
			got := s.send("POST", "/api/v2/bulk/users", []row{newRow("a")})
			c.check(s, got)
			s.Expect(script.Caught()).To(Equal(1))
			history := s.sim.History()
			s.Expect(history).To(HaveLen(1))
			s.Expect(history[0].Committed).To(Equal(c.committed))
			s.Expect(history[0].Status).To(Equal(got.Status))
			if c.committed {
				s.Expect(s.org.Jobs()).To(HaveLen(1))
				s.Expect(history[0].JobID).To(Equal(s.org.Jobs()[0].ID))
			} else {
				s.Expect(s.org.Jobs()).To(BeEmpty())
			}
			s.Expect(s.send("POST", "/api/v2/bulk/users", []row{newRow("b")}).Status).To(Equal(200), "one request only")
		})
	}
}

func TestHangingRequests(t *testing.T) {
	for name, commit := range map[string]bool{"before": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.sim.Script(jumpcloudtest.Fault{Kind: jumpcloudtest.FaultHang, Commit: commit})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/api/systemusers", strings.NewReader(`{"username":"a","email":"a@x.org"}`))
			s.Expect(err).NotTo(HaveOccurred())
			request.Header.Set("X-Api-Key", apiKey)
			ended := make(chan answer)
			go func() { ended <- exchange(request) }()
			s.Eventually(s.sim.History).Should(HaveLen(1))
			s.Eventually(func() bool { return s.org.UserByUsername("a") != nil }).Should(Equal(commit))
			cancel()
			s.Eventually(ended).Should(Receive(HaveField("Err", MatchError(context.Canceled))))
			s.Expect(s.org.UserByUsername("a") != nil).To(Equal(commit))
		})
	}
	t.Run("until Close", func(t *testing.T) {
		s := serve(t)
		s.sim.Script(jumpcloudtest.Fault{Kind: jumpcloudtest.FaultHang})
		ended := make(chan answer)
		go func() { ended <- s.get("/api/systemusers") }()
		s.Eventually(s.sim.History).Should(HaveLen(1))
		s.Consistently(ended, "50ms").ShouldNot(Receive())
		s.sim.Close()
		s.Eventually(ended).Should(Receive(WithTransform(func(a answer) error { return a.Err }, HaveOccurred())))
	})
}

func TestWhichRequestsAFaultCatches(t *testing.T) {
	for name, c := range map[string]struct {
		match jumpcloudtest.Match
		want  []int // statuses of four requests
	}{
		"the first":          {jumpcloudtest.Match{}, []int{500, 200, 200, 200}},
		"all":                {jumpcloudtest.Match{Times: -1}, []int{500, 500, 500, 500}},
		"two after one":      {jumpcloudtest.Match{Skip: 1, Times: 2}, []int{200, 500, 500, 200}},
		"all after two":      {jumpcloudtest.Match{Skip: 2, Times: -1}, []int{200, 200, 500, 500}},
		"by method":          {jumpcloudtest.Match{Method: "POST", Times: -1}, []int{200, 200, 500, 500}},
		"by path":            {jumpcloudtest.Match{Path: "/api/search/systemusers"}, []int{200, 200, 200, 500}},
		"by pattern":         {jumpcloudtest.Match{Path: "/api/*", Times: -1}, []int{500, 500, 500, 200}},
		"by query":           {jumpcloudtest.Match{Query: "skip=10"}, []int{200, 500, 200, 200}},
		"by body":            {jumpcloudtest.Match{Body: `"a@x.org"`}, []int{200, 200, 500, 200}},
		"by organization":    {jumpcloudtest.Match{Organization: "65f1c0ffee65f1c0ffee9999", Times: -1}, []int{200, 200, 200, 200}},
		"by a condition":     {jumpcloudtest.Match{Where: func(r jumpcloudtest.Request) bool { return r.Number == 3 }}, []int{200, 200, 500, 200}},
		"second of a method": {jumpcloudtest.Match{Method: "GET", Skip: 1}, []int{200, 500, 200, 200}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			script := s.sim.Script(jumpcloudtest.Fault{Match: c.match})
			got := []int{
				s.get("/api/systemusers").Status,
				s.get("/api/systemusers?skip=10").Status,
				s.send("POST", "/api/systemusers", newRow("a")).Status,
				s.send("POST", "/api/search/systemusers", "{}").Status,
			}
			s.Expect(got).To(Equal(c.want))
			script.Remove()
			s.Expect(s.get("/api/systemusers").Status).To(Equal(200))
		})
	}
}

func TestFaultsQueueUp(t *testing.T) {
	s := serve(t)
	s.sim.Script(jumpcloudtest.Fault{Status: 502})
	s.sim.Script(jumpcloudtest.Fault{Status: 503})
	s.sim.Script(jumpcloudtest.Fault{Status: 504, Match: jumpcloudtest.Match{Times: -1}})
	for _, want := range []int{502, 503, 504, 504} {
		s.Expect(s.get("/api/systemusers").Status).To(Equal(want))
	}
	s.sim.RemoveFaults()
	s.Expect(s.get("/api/systemusers").Status).To(Equal(200))
}

func TestLimitedRequestsAreNotCaught(t *testing.T) {
	s := serve(t)
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.RequestsPerSecond = 0.001 })
	script := s.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Skip: 1}})
	s.Expect(s.get("/api/systemusers").Status).To(Equal(200))
	s.Expect(s.get("/api/systemusers").Status).To(Equal(429))
	s.Expect(script.Caught()).To(BeZero())
}

func TestHoldBeforeTheEffect(t *testing.T) {
	s := serve(t)
	hold := s.sim.Hold(jumpcloudtest.Match{Method: "POST"}, jumpcloudtest.BeforeEffect)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan answer)
	go func() {
		request, _ := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/api/systemusers", strings.NewReader(`{"username":"a","email":"a@x.org"}`))
		request.Header.Set("X-Api-Key", apiKey)
		ended <- exchange(request)
	}()
	var held jumpcloudtest.Request
	s.Eventually(hold.Arrived()).Should(Receive(&held))
	s.Expect(held.Path).To(Equal("/api/systemusers"))
	s.Expect(held.Committed).To(BeFalse())
	s.Consistently(hold.Arrived(), "20ms").ShouldNot(Receive(), "once")
	s.Expect(s.get("/api/systemusers").column("username")).To(BeEmpty(), "others go on")

	cancel()
	s.Eventually(ended).Should(Receive(WithTransform(func(a answer) error { return a.Err }, MatchError(context.Canceled))))
	s.Expect(s.org.CountUsers()).To(BeZero())
	hold.Release()
	hold.Release()
	s.Eventually(s.org.CountUsers).Should(Equal(1), "the effect comes although the client has gone")
}

func TestHoldForTooLong(t *testing.T) {
	s := serve(t)
	hold := s.sim.Hold(jumpcloudtest.Match{Method: "POST"}, jumpcloudtest.BeforeEffect).LostAfter(time.Nanosecond)
	ended := make(chan answer)
	go func() {
		request, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, s.url+"/api/systemusers", strings.NewReader(`{"username":"a","email":"a@x.org"}`))
		request.Header.Set("X-Api-Key", apiKey)
		ended <- exchange(request)
	}()
	s.Eventually(hold.Arrived()).Should(Receive())
	hold.Release()
	s.Eventually(ended).Should(Receive(WithTransform(func(a answer) error { return a.Err }, HaveOccurred())))
	s.Expect(s.org.CountUsers()).To(BeZero())
}

func TestHoldAfterTheEffect(t *testing.T) {
	s := serve(t)
	hold := s.sim.Hold(jumpcloudtest.Match{Method: "POST", Times: -1}, jumpcloudtest.AfterEffect)
	ended := make(chan answer, 2)
	for _, name := range []string{"a", "b"} {
		go func() { ended <- s.send("POST", "/api/systemusers", newRow(name)) }()
	}
	for range 2 {
		var held jumpcloudtest.Request
		s.Eventually(hold.Arrived()).Should(Receive(&held))
		s.Expect(held.Committed).To(BeTrue())
		s.Expect(held.Status).To(BeZero())
	}
	s.Expect(hold.Caught()).To(Equal(2))
	s.Expect(s.org.CountUsers()).To(Equal(2))
	s.Consistently(ended, "50ms").ShouldNot(Receive())
	hold.Release()
	for range 2 {
		s.Eventually(ended).Should(Receive(HaveField("Status", 200)))
	}
	s.Expect(s.send("POST", "/api/systemusers", newRow("c")).Status).To(Equal(200), "holds no more")
}

func TestBehaviorMayChangeWhileARequestIsHeld(t *testing.T) {
	s := serve(t)
	hold := s.sim.Hold(jumpcloudtest.Match{}, jumpcloudtest.BeforeEffect)
	ended := make(chan answer)
	go func() { ended <- s.send("POST", "/api/v2/bulk/users", []row{newRow("a")}) }()
	s.Eventually(hold.Arrived()).Should(Receive())
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.StartStatus = 201 })
	hold.Release()
	s.Expect(<-ended).To(HaveField("Status", 201))
}

func TestHoldAndFaultTogether(t *testing.T) {
	s := serve(t)
	hold := s.sim.Hold(jumpcloudtest.Match{Method: "POST"}, jumpcloudtest.AfterEffect)
	s.sim.Script(jumpcloudtest.Fault{Kind: jumpcloudtest.FaultReset, Commit: true})
	ended := make(chan answer)
	go func() { ended <- s.send("POST", "/api/systemusers", newRow("a")) }()
	s.Eventually(hold.Arrived()).Should(Receive())
	s.Expect(s.org.CountUsers()).To(Equal(1))
	hold.Release()
	s.Eventually(ended).Should(Receive(WithTransform(func(a answer) error { return a.Err }, HaveOccurred())))
}

func TestCloseLetsGoOfHeldRequests(t *testing.T) {
	s := serve(t)
	hold := s.sim.Hold(jumpcloudtest.Match{}, jumpcloudtest.BeforeEffect)
	ended := make(chan answer)
	go func() { ended <- s.get("/api/systemusers") }()
	s.Eventually(hold.Caught).Should(Equal(1))
	s.sim.Close()
	s.Eventually(ended).Should(Receive(HaveField("Status", 200)))
}

// Faults, holds and the history do not depend on the endpoint: they work for the newest as for
// the first.
func TestFaultsAndHoldsOnGroupsAndSchedules(t *testing.T) {
	s := serve(t, "a")
	id := s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engines"})
	lost := s.sim.Script(jumpcloudtest.Fault{
		Match: jumpcloudtest.Match{Method: "POST", Path: groupsPath + "/*/members"}, Commit: true, Status: 503, BodyKind: jumpcloudtest.BodyText,
	})
	s.member(503, "add", id, s.id("a"))
	s.Expect(lost.Caught()).To(Equal(1))
	s.Expect(s.members(id)).To(Equal([]string{s.id("a")}))
	s.member(409, "add", id, s.id("a"))

	hold := s.sim.Hold(jumpcloudtest.Match{Path: statesPath}, jumpcloudtest.AfterEffect)
	ended := make(chan answer)
	go func() {
		ended <- s.send("POST", statesPath, row{"user_ids": []string{s.id("a")}, "state": "SUSPENDED", "start_date": start.Add(time.Hour)})
	}()
	arrived := <-hold.Arrived()
	s.Expect(arrived.Committed).To(BeTrue())
	s.Expect(s.org.ScheduledStates()).To(ConsistOf(HaveField("JobID", arrived.JobID)))
	hold.Release()
	s.Expect(<-ended).To(HaveField("Status", 201))

	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.RequestsPerSecond = 0.001 })
	s.Expect(s.get(statesPath).Status).To(Equal(200))
	s.Expect(s.send("DELETE", statesPath+"/"+arrived.JobID, nil).Status).To(Equal(429))
	s.Expect(s.org.ScheduledStates()).To(HaveLen(1))
}
