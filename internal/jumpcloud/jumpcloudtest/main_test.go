package jumpcloudtest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"go.uber.org/goleak"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const apiKey = "the-key"

// start is a frozen instant, so that jobs and ids do not depend on real time.
var start = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

// site is a simulator with one organization, and a client for it.
type site struct {
	*WithT
	sim   *jumpcloudtest.Server
	org   *jumpcloudtest.Organization
	clock *jumpcloudtest.Clock
	url   string
}

// serve starts a simulator with one organization that has users of these names,
// u1 with the email u1@x.org and so on.
func serve(t testing.TB, usernames ...string) *site {
	t.Helper()
	clock := jumpcloudtest.NewFrozenClock(start)
	sim := jumpcloudtest.New(jumpcloudtest.WithClock(clock))
	org := sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: apiKey})
	for _, name := range usernames {
		org.AddUser(jumpcloudtest.User{"username": name, "email": name + "@x.org"})
	}
	s := &site{NewWithT(t), sim, org, clock, sim.Start(t)}
	s.SetDefaultEventuallyTimeout(2 * time.Minute) // the machine may be busy
	return s
}

func (s *site) id(username string) string {
	user := s.org.UserByUsername(username)
	s.Expect(user).NotTo(BeNil(), username)
	return user["_id"].(string)
}

type answer struct {
	Status int
	Header http.Header
	Text   string
	Err    error
}

// object returns the body as a JSON object; empty if it is not one.
func (a answer) object() map[string]any {
	object := map[string]any{}
	_ = json.Unmarshal([]byte(a.Text), &object)
	return object
}

// list returns the body as a JSON array of objects; nil if it is not one.
func (a answer) list() []map[string]any {
	var list []map[string]any
	_ = json.Unmarshal([]byte(a.Text), &list)
	return list
}

// column returns one member of each result of a v1 list.
func (a answer) column(name string) []any {
	column := []any{}
	results, _ := a.object()["results"].([]any)
	for _, row := range results {
		column = append(column, row.(map[string]any)[name])
	}
	return column
}

func (a answer) message() string { return a.object()["message"].(string) }

// send makes a request with the organization's key. body is a string, or is encoded as JSON;
// headers are "Name: value", and an empty value removes the header.
func (s *site) send(method, path string, body any, headers ...string) answer {
	text, raw := body.(string)
	if body != nil && !raw {
		encoded, err := json.Marshal(body)
		s.Expect(err).NotTo(HaveOccurred())
		text = string(encoded)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, s.url+path, strings.NewReader(text))
	s.Expect(err).NotTo(HaveOccurred())
	request.Header.Set("X-Api-Key", apiKey)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ":")
		request.Header.Del(name)
		if value = strings.TrimSpace(value); value != "" {
			request.Header.Set(name, value)
		}
	}
	return exchange(request)
}

// exchange sends a request on a connection of its own and does not follow redirects.
func exchange(request *http.Request) answer {
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return answer{Err: err}
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	return answer{response.StatusCode, response.Header, string(body), err}
}

func (s *site) get(path string, headers ...string) answer {
	return s.send("GET", path, nil, headers...)
}

// row is one row of a bulk request.
type row = map[string]any

func newRow(username string) row { return row{"username": username, "email": username + "@x.org"} }

// startJob submits rows and returns the job's id.
func (s *site) startJob(method string, rows ...row) string {
	accepted := s.send(method, "/api/v2/bulk/users?suppressEmail=true", rows)
	s.Expect(accepted.Status).To(Equal(200), accepted.Text)
	return accepted.object()["jobId"].(string)
}

// results returns the records of a job, as many as a page holds.
func (s *site) results(job string) []map[string]any {
	return s.get("/api/v2/bulk/users/" + job + "/results?limit=100").list()
}

// statuses returns status and statusMsg of the records, such as "failed: text".
func (s *site) statuses(job string) []string {
	var out []string
	for _, record := range s.results(job) {
		text := record["status"].(string)
		if message := record["statusMsg"].(string); message != "" {
			text += ": " + message
		}
		out = append(out, text)
	}
	return out
}

// runJob submits rows, lets the job end, and returns the statuses.
func (s *site) runJob(method string, rows ...row) []string {
	job := s.startJob(method, rows...)
	s.clock.Advance(time.Minute)
	return s.statuses(job)
}
