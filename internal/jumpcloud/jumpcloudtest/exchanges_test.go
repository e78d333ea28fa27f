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

// TestSampleExchanges has one exchange for each operation, with the answer that the service is
// known to give. U1 and U2 are users, U1's username is a; J1 is a job that has ended, S1 a
// scheduled job and P1 a push endpoint of U1, G1 a group of U2, R1 a group whose rule waits
// for a review, W1 the Workday instance; O1 is the organization. want is JSON that the answer
// must contain: objects member by member, ".." for any text.
func TestSampleExchanges(t *testing.T) {
	serveJobs := func(b *jumpcloudtest.Behavior) { b.ServeJobs = true }
	const record = `[{"id":"..","status":"finished","statusMsg":"","meta":{},"persistedFields":{},"createdAt":"..","updatedAt":".."}]`
	const state = `{"scheduledJobId":"S1","systemUserId":"U1","scheduledDate":"2026-12-31T22:00:00Z","state":"SUSPENDED"}`
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
		// scheduled states
		{"POST /api/v2/bulk/userstates", "", `{"user_ids":["U1"],"state":"ACTIVATED","start_date":"2026-09-01T07:00:00Z","send_activation_emails":true,"activation_email_override":"boss@x.org"}`, 201, `[{"scheduledJobId":"..","systemUserId":"U1","scheduledDate":"2026-09-01T07:00:00Z","state":"ACTIVATED"}]`, nil},
		{"GET /api/v2/bulk/userstates?userid=U1&limit=100", "", "", 200, `[` + state + `]`, nil},
		{"GET /api/v2/bulk/userstates/eventlist/next?users=U1,U2&limit=100", "", "", 200, `{"events_count":1,"results":[` + state + `]}`, nil},
		{"DELETE /api/v2/bulk/userstates/S1", "", "", 204, "", nil},
		// user groups
		{"POST /api/v2/usergroups", "", `{"name":"engines"}`, 201, `{"id":"..","type":"user_group","name":"engines","description":"","email":"","membershipMethod":"STATIC","memberQuery":null,"memberQueryExemptions":[],"memberSuggestionsNotify":false,"memberQueryErrorFlags":[],"attributes":{"ldapGroups":[{"name":"engines"}]}}`, nil},
		{"POST /api/v2/usergroups", "", `{"name":"group"}`, 409, `{"message":"Already Exists"}`, nil},
		{"GET /api/v2/usergroups?filter=name:eq:group&sort=name&limit=100", "", "", 200, `[{"id":"G1","name":"group","description":"","email":"","type":"user_group"}]`, nil},
		{"GET /api/v2/usergroups/G1", "", "", 200, `{"id":"G1","name":"group","membershipMethod":"STATIC"}`, nil},
		{"PUT /api/v2/usergroups/G1", "", `{"name":"engines","description":"d","membershipMethod":"STATIC","memberQuery":null,"memberQueryExemptions":[]}`, 200, `{"id":"G1","name":"engines","description":"d"}`, nil},
		{"PUT /api/v2/usergroups/G1", "x-query-dsl: v2", `{"name":"engines","membershipMethod":"DYNAMIC_AUTOMATED","memberQuery":{"filters":[{"field":"user.user_department","operation":"equals","value":"IT"}]},"memberQueryExemptions":[{"id":"U2","type":"USER"}]}`, 200, `{"id":"G1","memberQueryExemptions":[{"id":"U2","type":"USER","organizationId":"O1"}]}`, nil},
		{"DELETE /api/v2/usergroups/G1", "", "", 204, "", nil},
		{"GET /api/v2/usergroups/G1/members?limit=100&skip=0", "", "", 200, `[{"to":{"id":"U2","type":"user"}}]`, nil},
		{"POST /api/v2/usergroups/G1/members", "", `{"op":"add","type":"user","id":"U1"}`, 204, "", nil},
		{"POST /api/v2/usergroups/G1/members", "", `{"op":"add","type":"user","id":"U2"}`, 409, `{"message":"Already Exists"}`, nil},
		{"POST /api/v2/usergroups/G1/members", "", `{"op":"remove","type":"user","id":"U2"}`, 204, "", nil},
		{"POST /api/v2/usergroups/G1/members", "", `{"op":"remove","type":"user","id":"U1"}`, 404, `{"message":"Not Found"}`, nil},
		{"GET /api/v2/usergroups/G1/membership?limit=100", "", "", 200, `[{"id":"U2","type":"user","paths":[[{"to":{"id":"U2","type":"user"}}]]}]`, nil},
		{"POST /api/v2/usergroups/G1/associations", "", `{"op":"add","type":"application","id":"65f1c0ffee65f1c0ffee4001"}`, 204, "", nil},
		{"GET /api/v2/usergroups/G1/associations?targets=application&limit=100", "", "", 200, `[]`, nil},
		{"GET /api/v2/usergroups/R1/suggestions", "", "", 200, `[{"op":"add","object":{"id":"U2","type":"user"}}]`, nil},
		{"POST /api/v2/usergroups/R1/suggestions", "", `{"user_ids":["U2"]}`, 200, `{"suggestions_found":["U2"],"suggestions_not_found":[]}`, nil},
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
		{"GET /api/v2/users/U1/pushendpoints", "", "", 200, `[{"id":"P1"}]`, nil},
		{"GET /api/v2/users/U1/pushendpoints/P1", "", "", 200, `{"id":"P1","state":"active","name":"..","enrollmentDate":"..","device":{"os":".."}}`, nil},
		{"PATCH /api/v2/users/U1/pushendpoints/P1", "", `{"state":"inactive"}`, 200, `{"id":"P1","state":"inactive"}`, nil},
		{"DELETE /api/v2/users/U1/pushendpoints/P1", "", "", 200, `{"id":"P1"}`, nil},
		{"GET /api/v2/users/U1/associations?targets=system", "", "", 200, `[]`, nil},
		{"POST /api/v2/users/U1/associations", "", `{"op":"add","type":"system","id":"65f1c0ffee65f1c0ffee4002","attributes":{"sudo":{"enabled":true,"withoutPassword":false}}}`, 204, "", nil},
		{"GET /api/v2/users/U2/memberof?filter=type:eq:user_group&limit=100", "", "", 200, `[{"id":"G1","type":"user_group","paths":[[{"from":{"id":"U2","type":"user"},"to":{"id":"G1","type":"user_group"}}]]}]`, nil},
		// Workday
		{"GET /api/v2/workdays", "", "", 200, `[{"id":"W1"}]`, nil},
		{"POST /api/v2/workdays/", "", `{"name":"Workday Import","reportUrl":"https://wd.example.com/r","auth":{"basic":{"username":"u","password":"p"}}}`, 409, `{"message":".."}`, nil},
		{"GET /api/v2/workdays/W1", "", "", 200, `{"id":"W1","name":"Workday Import","reportUrl":"https://wd.example.com/r","lastImport":"","auth":{"basic":{"isValid":true,"expiry":"","message":""},"oauth":{"isValid":false,"expiry":"","message":""}}}`, nil},
		{"PUT /api/v2/workdays/W1", "", `{"name":"Workday Import","reportUrl":"https://new"}`, 200, `{"id":"W1","reportUrl":"https://new"}`, nil},
		{"POST /api/v2/workdays/W1/auth", "", `{"auth":{"basic":{"username":"u","password":"p"}}}`, 204, "", nil},
		{"DELETE /api/v2/workdays/W1/auth", "", "", 204, "", nil},
		{"GET /api/v2/workdays/W1/workers?limit=100&sort=email", "", "", 200, `[{"email":"ada@example.org","username":"ada.byron","firstName":"Ada","lastName":"Byron","attributes":{"EmployeeID":"0042"}}]`, nil},
		{"POST /api/v2/workdays/W1/import", "", `[{"email":"c@x.org","username":"c","firstname":"A","lastname":"B"}]`, 201, `{"jobId":".."}`, nil},
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
			names := strings.NewReplacer(
				"U1", s.id("a"), "U2", s.id("b"), "J1", job, "O1", s.org.ID(),
				"G1", s.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "group"}, s.id("b")),
				"R1", s.org.AddUserGroup(jumpcloudtest.UserGroup{
					"name": "reviewed", "membershipMethod": "DYNAMIC_REVIEW_REQUIRED", "memberQuery": classic("department", "eq", "HR"),
				}),
				"S1", s.org.AddScheduledState(jumpcloudtest.NewScheduledState{
					Users: []string{s.id("a")}, State: "SUSPENDED", Date: time.Date(2026, 12, 31, 22, 0, 0, 0, time.UTC),
				}),
				"P1", s.org.AddPushEndpoint(s.id("a"), nil),
				"W1", s.org.AddWorkday("Workday Import", "https://wd.example.com/r", "u", "p"))
			s.org.SetWorkdayReport(jumpcloudtest.WorkdayReport{Workers: []jumpcloudtest.Worker{{
				"email": "ada@example.org", "username": "ada.byron", "firstName": "Ada", "lastName": "Byron", "attributes": row{"EmployeeID": "0042"},
			}}})
			s.clock.Advance(time.Minute)
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
