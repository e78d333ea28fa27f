package check

import (
	"context"
	"errors"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

var errDied = errors.New("the process died")

// dying is a transport whose process dies with the n-th request: the request is carried out,
// its answer is lost, and nothing later happens. A second run cannot distinguish that from a
// death before the next request.
type dying struct {
	next http.RoundTripper
	left int
}

func (d *dying) RoundTrip(r *http.Request) (*http.Response, error) {
	d.left--
	if d.left < 0 {
		return nil, errDied
	}
	response, err := d.next.RoundTrip(r)
	if err == nil && d.left == 0 {
		_ = response.Body.Close()
		return nil, errDied
	}
	return response, err
}

// requests returns the number of requests of a check.
func requests(t *testing.T, behavior string, probes []group) int {
	t.Helper()
	w := newWorld(t, behavior)
	_, err := run(context.Background(), w.options(), probes)
	w.Expect(err).NotTo(HaveOccurred())
	return len(w.sim.History())
}

func TestASecondRunRemovesWhatADeadOneLeft(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		behavior string
		probes   []group
	}{
		"default":       {`{}`, all},
		"rows stay":     {`{"keepStatesOfDeletedUsers":true,"unknownScheduleStatus":400}`, []group{scheduleProbes}},
		"lists lag":     {`{"visibilityLag":"5s","groupVisibilityLag":"5s"}`, []group{groupProbes}},
		"jobs are slow": {`{"jobDelay":"5s"}`, []group{jobProbes}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 1; n <= requests(t, tc.behavior, tc.probes); n++ {
				w := newWorld(t, tc.behavior)
				before := w.state()
				o := w.options()
				o.Transport = &dying{next: o.Transport, left: n}
				_, _ = run(context.Background(), o, tc.probes)
				w.Expect(Clean(context.Background(), w.options())).To(Succeed(), "death at request %d", n)
				w.Expect(w.state()).To(Equal(before), "death at request %d", n)
			}
		})
	}
}

func TestAnInterruptedRunRemovesWhatItMade(t *testing.T) {
	t.Parallel()
	const step = 5 // deaths differ only between iterations of the loops, not between calls
	for n := 1; n <= requests(t, `{}`, all); n += step {
		w := newWorld(t, `{}`)
		before := w.state()
		ctx, cancel := context.WithCancel(context.Background())
		o := w.options()
		o.Transport = &interrupting{next: o.Transport, left: n, cancel: cancel}
		_, err := Run(ctx, o)
		cancel()
		w.Expect(w.state()).To(Equal(before), "interrupt at request %d", n)
		if n < 10 {
			w.Expect(err).To(MatchError(context.Canceled))
		}
	}
}

// interrupting cancels a context when the n-th request arrives.
type interrupting struct {
	next   http.RoundTripper
	left   int
	cancel func()
}

func (i *interrupting) RoundTrip(r *http.Request) (*http.Response, error) {
	i.left--
	if i.left == 0 {
		i.cancel()
	}
	return i.next.RoundTrip(r)
}

func TestARejectedCallLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]jumpcloudtest.Fault{
		"every change of a group is refused":  {Match: jumpcloudtest.Match{Method: "PUT", Times: -1}, Status: 403},
		"a deletion is refused once":          {Match: jumpcloudtest.Match{Method: "DELETE"}, Status: 403},
		"a deletion fails once":               {Match: jumpcloudtest.Match{Method: "DELETE", Path: "/api/systemusers/*"}, Status: 500, Commit: true},
		"a user is made and the answer lost":  {Match: jumpcloudtest.Match{Method: "POST", Path: "/api/systemusers"}, Kind: jumpcloudtest.FaultReset, Commit: true},
		"a group is made and the answer lost": {Match: jumpcloudtest.Match{Method: "POST", Path: "/api/v2/usergroups"}, Kind: jumpcloudtest.FaultReset, Commit: true},
		"a limit is met":                      {Match: jumpcloudtest.Match{Skip: 20, Times: 3}, Status: 429},
		"nothing can be made":                 {Match: jumpcloudtest.Match{Method: "POST", Times: -1}, Status: 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, `{}`)
			w.sim.Script(fault)
			w.nothingElse("", w.check())
		})
	}
}

func TestWhatCannotBeRemovedIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `{}`)
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: "DELETE", Path: "/api/systemusers/*", Times: -1}, Status: 403})
	_, err := Run(context.Background(), w.options())
	w.Expect(err).To(MatchError(And(ContainSubstring("could not remove user "+Prefix), ContainSubstring("--clean"))))
	w.sim.RemoveFaults()
	w.Expect(Clean(context.Background(), w.options())).To(Succeed())
	w.Expect(w.org.CountUsers()).To(Equal(4))
}

func TestALargeOrganizationIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `{}`)
	w.org.Generate(MostUsers)
	_, err := Run(context.Background(), w.options())
	w.Expect(err).To(MatchError(ContainSubstring("has 54 users")))
	w.Expect(Clean(context.Background(), w.options())).To(MatchError(ContainSubstring("has 54 users")))
	w.Expect(w.sim.MutatingRequests()).To(BeEmpty())
}

func TestARejectedKeyEndsTheCheck(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `{}`)
	o := w.options()
	o.APIKey = "wrong"
	_, err := Run(context.Background(), o)
	w.Expect(err).To(MatchError(And(ContainSubstring("API key"), Not(ContainSubstring("wrong")))))
}

func TestTheGuard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `{}`)
	l := newLab(w.options())
	l.known["65f1c0ffee65f1c0ffee0001"] = true
	mine, other := "/65f1c0ffee65f1c0ffee0001", "/65f1c0ffee65f1c0ffee0002"
	for name, tc := range map[string]struct {
		call    call
		permits bool
	}{
		"reads anything":            {call{method: "GET", path: "/systemusers" + other}, true},
		"searches":                  {call{method: "POST", path: "/search/systemusers", body: object{"filter": other}}, true},
		"changes its own":           {call{method: "PUT", path: "/systemusers" + mine, body: object{"state": "STAGED"}}, true},
		"changes another":           {call{method: "PUT", path: "/systemusers" + other}, false},
		"names another in the body": {call{method: "PATCH", path: "/v2/bulk/users", body: []object{{"id": other[1:]}}}, false},
		"makes a marked user":       {call{method: "POST", path: "/systemusers", body: l.userBody("a", nil)}, true},
		"makes another user":        {call{method: "POST", path: "/systemusers", body: object{"username": Prefix + "a", "email": "a@example.org"}}, false},
		"a row without the mark":    {call{method: "POST", path: "/v2/bulk/users", body: []object{l.userBody("a", nil), {"username": "a"}}}, false},
		"a group without the mark":  {call{method: "POST", path: "/v2/usergroups", body: object{"name": "a"}}, false},
		"a group loses the mark":    {call{method: "PUT", path: "/v2/usergroups" + mine, body: object{"name": "a"}}, false},
	} {
		if tc.permits {
			w.Expect(l.permit(&tc.call)).To(Succeed(), name)
		} else {
			w.Expect(l.permit(&tc.call)).NotTo(Succeed(), name)
		}
	}
}
