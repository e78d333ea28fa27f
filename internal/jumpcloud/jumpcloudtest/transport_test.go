package jumpcloudtest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestAuthenticationPrecedesRouting(t *testing.T) {
	s := serve(t)
	for name, c := range map[string]struct {
		path, key string
		status    int
		body      string
	}{
		"good key":                 {"/api/systemusers", apiKey, 200, `"results"`},
		"trailing slash":           {"/api/systemusers/", apiKey, 200, `"results"`},
		"wrong key":                {"/api/systemusers", "wrong", 401, `{"error":"Unauthorized","message":"Unauthorized: api key user not found"}`},
		"wrong key, unknown path":  {"/api/v2/nothing", "wrong", 401, `Unauthorized`},
		"good key, unknown path":   {"/api/v2/nothing", apiKey, 404, `{"message":"Not Found"}`},
		"good key, unknown method": {"/api/systemusers/x/expire", apiKey, 404, `{"message":"Not Found"}`},
		"missing key":              {"/api/systemusers", "", 302, ``},
		"login page":               {"/login", "", 200, `<html>`},
		"bare v1 root":             {"/api", "", 404, `404`},
		"bare v2 root":             {"/api/v2/", "wrong", 404, `404`},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got := s.get(c.path, "x-api-key: "+c.key)
			g.Expect(got.Status).To(Equal(c.status))
			g.Expect(got.Text).To(ContainSubstring(c.body))
			switch c.status {
			case 302:
				g.Expect(got.Header.Get("Location")).To(Equal("/login"))
			case 200:
				if c.path == "/login" {
					g.Expect(got.Header.Get("Content-Type")).To(HavePrefix("text/html"))
				}
			}
		})
	}
}

func TestRevokedAndExpiredKeys(t *testing.T) {
	s := serve(t)
	s.sim.AddCredential(jumpcloudtest.Credential{
		APIKey: "yearly", Organizations: []string{s.org.ID()}, ExpiresAt: start.Add(time.Hour),
	})
	s.Expect(s.get("/api/systemusers", "x-api-key: yearly").Status).To(Equal(200))
	s.clock.Advance(time.Hour)
	s.Expect(s.get("/api/systemusers", "x-api-key: yearly").Status).To(Equal(401))

	s.sim.RevokeCredential(apiKey)
	s.Expect(s.get("/api/systemusers").Status).To(Equal(401))
}

func TestReadOnlyCredentials(t *testing.T) {
	s := serve(t, "a")
	s.sim.AddCredential(jumpcloudtest.Credential{APIKey: "reader", Organizations: []string{s.org.ID()}, ReadOnly: true, Email: "auditor@example.org"})
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/api/systemusers", "", 200},
		{"POST", "/api/search/systemusers", "{}", 200},
		{"POST", "/api/systemusers", `{"username":"b","email":"b@x.org"}`, 403},
		{"PUT", "/api/systemusers/" + s.id("a"), `{"state":"SUSPENDED"}`, 403},
		{"DELETE", "/api/systemusers/" + s.id("a"), "", 403},
		{"POST", "/api/v2/bulk/users", `[{"username":"b","email":"b@x.org"}]`, 403},
	} {
		s.Expect(s.send(c.method, c.path, c.body, "x-api-key: reader").Status).To(Equal(c.status), c.method+" "+c.path)
	}
	s.Expect(s.org.CountUsers()).To(Equal(1))
	s.Expect(s.org.Jobs()).To(BeEmpty())
}

func TestServiceAccount(t *testing.T) {
	s := serve(t)
	s.sim.AddCredential(jumpcloudtest.Credential{
		ClientID: "id", ClientSecret: "se:cret", Organizations: []string{s.org.ID()}, TokenLifetime: time.Hour,
	})
	ask := func(form, id, secret string) answer {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/oauth2/token", strings.NewReader(form))
		s.Expect(err).NotTo(HaveOccurred())
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if id != "" {
			request.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
		}
		return exchange(request)
	}
	const form = "grant_type=client_credentials&scope=api"
	for name, c := range map[string]struct {
		form, id, secret string
		status           int
		code             string
	}{
		"wrong secret":          {form, "id", "other", 401, "invalid_client"},
		"unknown client":        {form, "other", "se:cret", 401, "invalid_client"},
		"secret in the body":    {form + "&client_id=id&client_secret=se%3Acret", "", "", 401, "invalid_client"},
		"another grant":         {"grant_type=password&scope=api", "id", "se:cret", 400, "unsupported_grant_type"},
		"scope is missing":      {"grant_type=client_credentials", "id", "se:cret", 400, "invalid_scope"},
		"scope is fine-grained": {"grant_type=client_credentials&scope=users", "id", "se:cret", 400, "invalid_scope"},
	} {
		got := ask(c.form, c.id, c.secret)
		s.Expect(got.Status).To(Equal(c.status), name)
		s.Expect(got.object()).To(HaveKeyWithValue("error", c.code), name)
	}

	granted := ask(form, "id", "se:cret")
	s.Expect(granted.Status).To(Equal(200))
	s.Expect(granted.object()).To(And(
		HaveKeyWithValue("token_type", "bearer"), HaveKeyWithValue("expires_in", 3600.0), Not(HaveKey("refresh_token"))))
	token := granted.object()["access_token"].(string)
	with := func(header string) int { return s.get("/api/systemusers", "x-api-key:", header).Status }

	s.Expect(with("Authorization: Bearer " + token)).To(Equal(200))
	s.Expect(with("x-api-key: "+token)).To(Equal(401), "a token is not a key")
	s.clock.Advance(time.Hour)
	s.Expect(with("Authorization: Bearer "+token)).To(Equal(401), "expired")

	token = ask(form, "id", "se:cret").object()["access_token"].(string)
	s.sim.ExpireTokens()
	s.Expect(with("Authorization: Bearer " + token)).To(Equal(401))
	token = ask(form, "id", "se:cret").object()["access_token"].(string)
	s.sim.RevokeCredential("id")
	s.Expect(with("Authorization: Bearer " + token)).To(Equal(401))
	s.Expect(ask(form, "id", "se:cret").Status).To(Equal(401))
}

func TestOrganizationHeader(t *testing.T) {
	s := serve(t, "ours")
	other := s.sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "other-key"})
	other.AddUser(jumpcloudtest.User{"username": "theirs", "email": "theirs@x.org"})
	both := []string{s.org.ID(), other.ID()}
	s.sim.AddCredential(jumpcloudtest.Credential{APIKey: "both", Organizations: both})
	s.sim.AddCredential(jumpcloudtest.Credential{APIKey: "msp", Organizations: both[:1], MultiTenant: true})
	ours, theirs := s.org.ID(), other.ID()

	for name, c := range map[string]struct {
		key, path, header string
		status            int
		user              string
	}{
		"single tenant, none":              {apiKey, "/api/systemusers", "", 200, "ours"},
		"single tenant, its own":           {apiKey, "/api/systemusers", ours, 200, "ours"},
		"single tenant, another":           {apiKey, "/api/systemusers", theirs, 404, ""},
		"the other tenant":                 {"other-key", "/api/systemusers", "", 200, "theirs"},
		"malformed":                        {apiKey, "/api/systemusers", "acme", 400, ""},
		"unknown":                          {"both", "/api/systemusers", "65f1c0ffee65f1c0ffee9999", 404, ""},
		"multi-tenant, none":               {"both", "/api/systemusers", "", 401, ""},
		"multi-tenant with one, none":      {"msp", "/api/systemusers", "", 401, ""},
		"multi-tenant, first":              {"both", "/api/systemusers", ours, 200, "ours"},
		"multi-tenant, second":             {"both", "/api/systemusers", theirs, 200, "theirs"},
		"list refuses the header":          {"both", "/api/organizations", ours, 403, ""},
		"organization, none":               {"both", "/api/organizations/" + theirs, "", 200, ""},
		"organization, the same":           {"both", "/api/organizations/" + theirs, theirs, 200, ""},
		"organization, another":            {"both", "/api/organizations/" + theirs, ours, 400, ""},
		"organization of somebody else":    {apiKey, "/api/organizations/" + theirs, "", 403, ""},
		"organization that does not exist": {apiKey, "/api/organizations/65f1c0ffee65f1c0ffee9999", "", 403, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got := s.get(c.path, "x-api-key: "+c.key, "x-org-id: "+c.header)
			g.Expect(got.Status).To(Equal(c.status), got.Text)
			if c.user != "" {
				g.Expect(got.column("username")).To(Equal([]any{c.user}))
			}
		})
	}

	s.sim.Configure(func(b *jumpcloudtest.Behavior) { b.MultiTenantDefault = true })
	s.Expect(s.get("/api/systemusers", "x-api-key: both").column("username")).To(Equal([]any{"ours"}))
}

func TestDataAreSeparateByOrganization(t *testing.T) {
	s := serve(t, "a")
	s.sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "other-key"})
	id, job := s.id("a"), s.startJob("POST", newRow("b"))
	s.clock.Advance(time.Minute)
	s.Expect(s.get("/api/systemusers/"+id, "x-api-key: other-key").Status).To(Equal(404))
	s.Expect(s.get("/api/v2/bulk/users/"+job+"/results", "x-api-key: other-key").Status).To(Equal(404))
	created := s.send("POST", "/api/systemusers", newRow("a"), "x-api-key: other-key")
	s.Expect(created.Status).To(Equal(200), "usernames and emails are unique within an organization")

	s.sim.Configure(func(b *jumpcloudtest.Behavior) { b.GlobalEmails = true })
	s.Expect(s.send("POST", "/api/systemusers", newRow("b"), "x-api-key: other-key").Status).To(Equal(400))
}

func TestBlockedAddress(t *testing.T) {
	s := serve(t)
	s.sim.Configure(func(b *jumpcloudtest.Behavior) { b.Blocked = true })
	got := s.get("/api/systemusers")
	s.Expect(got.Status).To(Equal(403))
	s.Expect(got.message()).To(ContainSubstring("blocked"))
}

func TestRateLimit(t *testing.T) {
	for name, c := range map[string]struct {
		behavior    jumpcloudtest.TransportBehavior
		retryAfter  string
		contentType string
		body        string
	}{
		"default":     {jumpcloudtest.TransportBehavior{}, "", "application/json", `"message"`},
		"Retry-After": {jumpcloudtest.TransportBehavior{RetryAfter: 1500 * time.Millisecond}, "2", "application/json", `"message"`},
		"text":        {jumpcloudtest.TransportBehavior{RateLimitBody: jumpcloudtest.BodyText}, "", "text/plain", "upstream"},
		"empty":       {jumpcloudtest.TransportBehavior{RateLimitBody: jumpcloudtest.BodyEmpty}, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			// The rate is so low that no token comes back during the test.
			c.behavior.RequestsPerSecond, c.behavior.Burst = 0.001, 2
			s.org.Configure(func(b *jumpcloudtest.Behavior) { b.TransportBehavior = c.behavior })
			s.Expect(s.get("/api/systemusers").Status).To(Equal(200))
			s.Expect(s.get("/api/systemusers").Status).To(Equal(200))
			got := s.send("POST", "/api/systemusers", newRow("b"))
			s.Expect(got.Status).To(Equal(429))
			s.Expect(got.Header.Get("Retry-After")).To(Equal(c.retryAfter))
			s.Expect(got.Header.Get("Content-Type")).To(HavePrefix(c.contentType))
			s.Expect(got.Text).To(ContainSubstring(c.body))
			for header := range got.Header {
				s.Expect(strings.ToLower(header)).NotTo(ContainSubstring("ratelimit"))
			}
			s.Expect(s.org.CountUsers()).To(BeZero(), "a 429 has no side effect")
		})
	}
}

func TestRateLimitIsPerOrganization(t *testing.T) {
	s := serve(t)
	s.sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "other-key"})
	s.sim.Configure(func(b *jumpcloudtest.Behavior) { b.RequestsPerSecond = 0.001 })
	s.Expect(s.get("/api/systemusers").Status).To(Equal(200))
	s.Expect(s.get("/api/systemusers").Status).To(Equal(429))
	s.Expect(s.get("/api/systemusers", "x-api-key: other-key").Status).To(Equal(200))
}

func TestLatency(t *testing.T) {
	s := serve(t)
	s.sim.Configure(func(b *jumpcloudtest.Behavior) { b.Latency = 30 * time.Millisecond })
	before := time.Now()
	s.Expect(s.get("/api/systemusers").Status).To(Equal(200))
	s.Expect(time.Since(before)).To(BeNumerically(">=", 30*time.Millisecond))
}
