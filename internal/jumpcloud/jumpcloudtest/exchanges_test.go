package jumpcloudtest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// TestSampleExchanges has one exchange for each operation, as the service is
// known to answer it. U1 and U2 are users, U1's username being a; J1
// is the job of the line before, long ended; O1 is the organization. want is
// JSON that the answer must contain: objects member by member, ".." for any text.
func TestSampleExchanges(t *testing.T) {
	serveJobs := func(b *jumpcloudtest.Behavior) { b.ServeJobs = true }
	const record = `[{"id":"..","status":"finished","statusMsg":"","meta":{},"persistedFields":{},"createdAt":"..","updatedAt":".."}]`
	for _, c := range []struct {
		request string // method and path
		headers string // one, or none
		body    string
		status  int
		want    string
		change  func(*jumpcloudtest.Behavior)
	}{
		// bulk
		{"POST /api/v2/bulk/users?suppressEmail=true", "creation-source: jumpcloud:bulk", `[{"username":"c","email":"c@x.org"}]`, 200, `{"jobId":".."}`, nil},
		{"POST /api/v2/bulk/users", "creation-source: nonsense", `[{"username":"c","email":"c@x.org"}]`, 400, `{"message":".."}`, nil},
		{"PATCH /api/v2/bulk/users?suppressEmail=true", "", `[{"id":"U1","department":"IT"}]`, 200, `{"jobId":".."}`, nil},
		{"GET /api/v2/bulk/users/J1/results?limit=100&skip=0", "", "", 200, record, nil},
		{"GET /api/v2/jobs/J1", "", "", 404, `{"message":"Not Found"}`, nil},
		{"GET /api/v2/jobs/J1/results?limit=100", "", "", 404, `{"message":"Not Found"}`, nil},
		{"GET /api/v2/jobs/J1/results?limit=100", "", "", 200, record, serveJobs},
		{"POST /api/v2/bulk/user/expires", "", `[{"id":"U1"},{"id":"U2"}]`, 201, `{"jobId":".."}`, nil},
		{"POST /api/v2/bulk/user/unlocks", "", `[{"id":"U1"}]`, 201, `{"jobId":".."}`, nil},
		// users
		{"GET /api/systemusers?filter=username:$eq:a&fields=_id%20email&limit=100", "", "", 200, `{"totalCount":1,"results":[{"_id":"U1","email":"a@x.org"}]}`, nil},
		{"POST /api/systemusers", "", `{"username":"new","email":"New@x.org","state":"STAGED"}`, 200, `{"_id":"..","email":"new@x.org","state":"STAGED"}`, nil},
		{"GET /api/systemusers/U1", "", "", 200, `{"_id":"U1","username":"a"}`, nil},
		{"GET /api/systemusers/65f1c0ffee65f1c0ffee9999", "", "", 404, `{"message":"Not Found"}`, nil},
		{"PUT /api/systemusers/U1", "", `{"state":"SUSPENDED"}`, 200, `{"_id":"U1","state":"SUSPENDED","suspended":true}`, nil},
		{"DELETE /api/systemusers/U1?cascade_manager=null", "", "", 200, `{"_id":"U1"}`, nil},
		{"DELETE /api/systemusers/U1", "", "", 409, `{"message":".."}`, nil},
		{"POST /api/search/systemusers", "", `{"filter":[{"department":"HR"}],"fields":"username","limit":100}`, 200, `{"totalCount":1,"results":[{"username":"b"}]}`, nil},
		{"POST /api/systemusers/U2/state/activate", "", `{"email":false}`, 200, "", nil},
		{"POST /api/systemusers/U1/state/suspend", "", "", 200, "", nil},
		{"POST /api/systemusers/U1/expire", "", "", 200, "", nil},
		{"POST /api/systemusers/U1/unlock", "", "", 200, "", nil},
		// organizations, tokens, authentication
		{"GET /api/organizations", "", "", 200, `{"totalCount":1,"results":[{"_id":"O1","displayName":"Example Org"}]}`, nil},
		{"GET /api/organizations/O1", "", "", 200, `{"_id":"O1","settings":{"newSystemUserStateDefaults":{"csvImport":"STAGED"}}}`, nil},
		{"GET /api/systemusers", "x-api-key: wrong", "", 401, `{"error":"Unauthorized","message":"Unauthorized: api key user not found"}`, nil},
		{"GET /api/systemusers", "x-api-key:", "", 302, "", nil},
	} {
		t.Run(c.request, func(t *testing.T) {
			s := serve(t, "a")
			s.org.AddUser(jumpcloudtest.User{
				"username": "b", "email": "b@x.org", "department": "HR", "state": "STAGED", "manager": s.id("a"),
			})
			if c.change != nil {
				s.org.Configure(c.change)
			}
			job := s.startJob("PATCH", row{"id": s.id("a"), "jobTitle": "Programmer"})
			s.clock.Advance(time.Minute)
			names := strings.NewReplacer("U1", s.id("a"), "U2", s.id("b"), "J1", job, "O1", s.org.ID())
			method, path, _ := strings.Cut(names.Replace(c.request), " ")
			headers := []string{}
			if c.headers != "" {
				headers = append(headers, c.headers)
			}
			got := s.send(method, path, names.Replace(c.body), headers...)
			s.Expect(got.Status).To(Equal(c.status), got.Text)
			if c.want != "" {
				var want, is any
				s.Expect(json.Unmarshal([]byte(names.Replace(c.want)), &want)).To(Succeed())
				s.Expect(json.Unmarshal([]byte(got.Text), &is)).To(Succeed(), got.Text)
				s.Expect(contains(is, want)).To(BeTrue(), got.Text)
			}
		})
	}
}

func TestSampleTokenExchange(t *testing.T) {
	s := serve(t)
	s.sim.AddCredential(jumpcloudtest.Credential{ClientID: "id", ClientSecret: "secret", Organizations: []string{s.org.ID()}})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/oauth2/token", strings.NewReader("grant_type=client_credentials&scope=api"))
	s.Expect(err).NotTo(HaveOccurred())
	request.SetBasicAuth("id", "secret")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got := exchange(request)
	s.Expect(got.Status).To(Equal(200))
	s.Expect(got.object()).To(And(HaveKey("access_token"), HaveKeyWithValue("token_type", "bearer"), HaveKeyWithValue("expires_in", 3599.0)))
}

func contains(is, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		object, ok := is.(map[string]any)
		for name, member := range want {
			ok = ok && contains(object[name], member)
		}
		return ok
	case []any:
		list, ok := is.([]any)
		ok = ok && len(list) == len(want)
		for i := range want {
			ok = ok && contains(list[i], want[i])
		}
		return ok
	case string:
		if text, ok := is.(string); want == ".." {
			return ok && text != ""
		}
	}
	return is == want
}
