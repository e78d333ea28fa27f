package check

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const apiKey = "a-key-that-nobody-may-see"

// world is a simulated organization with users who must not be touched.
type world struct {
	*WithT

	sim   *jumpcloudtest.Server
	org   *jumpcloudtest.Organization
	clock *jumpcloudtest.Clock
}

// newWorld serves an organization with the switches in the JSON.
func newWorld(t *testing.T, behavior string) *world {
	t.Helper()
	w := &world{WithT: NewWithT(t), clock: jumpcloudtest.NewFrozenClock(time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC))}
	var b jumpcloudtest.Behavior
	w.Expect(json.Unmarshal([]byte(behavior), &b)).To(Succeed())
	w.sim = jumpcloudtest.New(jumpcloudtest.WithClock(w.clock), jumpcloudtest.WithBehavior(b))
	w.org = w.sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: apiKey, Users: 3})
	w.org.AddUser(jumpcloudtest.User{"username": Prefix + "person", "email": "person@example.org"})
	var ids []string
	for _, u := range w.org.Users() {
		ids = append(ids, u["_id"].(string))
	}
	w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "people"}, ids...)
	w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": Prefix + "not-of-a-check"}, ids...)
	w.org.AddScheduledState(jumpcloudtest.NewScheduledState{Users: ids[:1], State: "SUSPENDED", Date: w.clock.Now().AddDate(1, 0, 0)})
	return w
}

// options returns the options of a check that does not wait: a pause moves the clock.
func (w *world) options() Options {
	return Options{
		BaseURL: "https://jumpcloud.example", APIKey: apiKey, OrganizationID: w.org.ID(), EmailDomain: "example.com",
		Transport: direct{w.sim}, Patience: time.Minute, Now: w.clock.Now,
		Sleep: func(ctx context.Context, d time.Duration) error {
			w.clock.Advance(d)
			return ctx.Err()
		},
	}
}

// direct passes requests to a handler without a network.
type direct struct{ handler http.Handler }

var errAborted = errors.New("the connection was closed")

func (d direct) RoundTrip(r *http.Request) (response *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	defer func() {
		if recover() != nil {
			err = errAborted
		}
	}()
	recorder := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	d.handler.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// state returns everything in the organization that a check could change, as text.
func (w *world) state() string {
	content, err := json.Marshal([]any{w.org.Users(), w.groups(), w.org.ScheduledStates()})
	w.Expect(err).NotTo(HaveOccurred())
	return string(content)
}

// groups returns the groups of the organization with their members.
func (w *world) groups() (out []any) {
	for _, g := range w.org.UserGroups() {
		id, _ := g["id"].(string)
		out = append(out, []any{g, w.org.Members(id)})
	}
	return out
}

// check runs one check, after which the organization must be as before.
func (w *world) check() map[string]Finding {
	before := w.state()
	report, err := Run(context.Background(), w.options())
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(w.state()).To(Equal(before), "the organization is as it was")
	w.untouched()
	byName := map[string]Finding{}
	for _, f := range report.Findings {
		byName[f.Switch] = f
		w.Expect(f.Shown).NotTo(BeEmpty(), f.Switch)
		w.Expect(f.Shown).NotTo(ContainSubstring(apiKey))
	}
	return byName
}

// untouched reports requests that name existing users or groups.
func (w *world) untouched() {
	for _, r := range w.sim.History() {
		if !r.Mutating() || strings.HasPrefix(r.Path, "/api/search/") {
			continue
		}
		for _, u := range w.org.Users() {
			id, _ := u["_id"].(string)
			username, _ := u["username"].(string)
			w.Expect(r.Path+r.Body).NotTo(ContainSubstring(id), r.Path)
			w.Expect(r.Path+r.Body).NotTo(ContainSubstring(`"`+username+`"`), r.Path)
		}
	}
}
