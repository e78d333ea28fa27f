package jumpcloudtest_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// control calls the control API and expects a status.
func (s *site) control(status int, method, path string, body any) answer {
	got := s.send(method, "/_simulator/"+path, body, "x-api-key:")
	s.Expect(got.Status).To(Equal(status), "%s %s: %s", method, path, got.Text)
	return got
}

func TestControlSeed(t *testing.T) {
	s := serve(t)
	s.control(204, "GET", "healthz", nil)
	s.control(204, "POST", "seed", `{
		"organizations": [{
			"id": "65f1c0ffee65f1c0ffee9000", "name": "Seeded", "apiKey": "seeded-key", "users": 3,
			"settings": {"newSystemUserStateDefaults": {"csvImport": "ACTIVATED"}},
			"behavior": {"jobDuration": "2s", "failedWord": "error"},
			"directory": [{"username": "ada", "email": "ada@x.org", "unix_uid": 5001}]
		}],
		"credentials": [{"clientID": "id", "clientSecret": "secret", "organizations": ["65f1c0ffee65f1c0ffee9000"], "tokenLifetime": "1m"}]
	}`)
	org := s.sim.Organization("65f1c0ffee65f1c0ffee9000")
	s.Expect(org.CountUsers()).To(Equal(4))
	s.Expect(org.Behavior().JobDuration).To(Equal(2 * time.Second))
	s.Expect(org.Behavior().FailedWord).To(Equal("error"))
	s.Expect(s.get("/api/systemusers?sort=-_id&limit=1", "x-api-key: seeded-key").column("unix_uid")).To(Equal([]any{5001.0}))

	var organizations []map[string]any
	s.Expect(json.Unmarshal([]byte(s.control(200, "GET", "organizations", nil).Text), &organizations)).To(Succeed())
	s.Expect(organizations).To(Equal([]map[string]any{
		{"id": s.org.ID(), "name": "Example Org", "users": 0.0, "jobs": 0.0},
		{"id": org.ID(), "name": "Seeded", "users": 4.0, "jobs": 0.0},
	}))

	for name, seed := range map[string]string{
		"unknown member":       `{"organisations":[]}`,
		"unknown switch":       `{"organizations":[{"behavior":{"jobDurations":"2s"}}]}`,
		"organization twice":   `{"organizations":[{"id":"65f1c0ffee65f1c0ffee9000"}]}`,
		"user without email":   `{"organizations":[{"directory":[{"username":"a"}]}]}`,
		"credential of no use": `{"credentials":[{"apiKey":"k"}]}`,
		"no JSON":              `{`,
	} {
		s.Expect(s.control(400, "POST", "seed", seed).object()).To(HaveKey("error"), name)
	}
}

func TestControlBehavior(t *testing.T) {
	s := serve(t)
	other := s.sim.AddOrganization(jumpcloudtest.OrganizationOptions{})
	s.control(204, "PATCH", "behavior", `{"startStatus":201,"latency":"1ms"}`)
	s.control(204, "PATCH", "organizations/"+s.org.ID()+"/behavior", `{"rowDuration":"20ms"}`)
	s.Expect(other.Behavior().StartStatus).To(Equal(201))
	s.Expect(other.Behavior().RowDuration).To(BeZero())
	s.Expect(s.org.Behavior().StartStatus).To(Equal(201), "a patch changes what it names")
	s.Expect(s.org.Behavior().RowDuration).To(Equal(20 * time.Millisecond))
	s.Expect(s.control(200, "GET", "behavior", nil).object()).To(HaveKeyWithValue("latency", "1ms"))
	s.Expect(s.control(200, "GET", "organizations/"+s.org.ID()+"/behavior", nil).object()).To(HaveKeyWithValue("rowDuration", "20ms"))

	s.control(400, "PATCH", "behavior", `{"rowDuration":20}`)
	s.control(400, "PATCH", "behavior", `{"nonsense":true}`)
	s.control(404, "GET", "organizations/65f1c0ffee65f1c0ffee9999/behavior", nil)
	s.control(404, "GET", "organizations/"+s.org.ID()+"/nonsense", nil)
}

// Every switch must survive the round trip through JSON, so that the command can set it.
func TestBehaviorJSONHasEverySwitch(t *testing.T) {
	g := NewWithT(t)
	var want jumpcloudtest.Behavior
	var fill func(reflect.Value)
	fill = func(v reflect.Value) {
		for i := range v.NumField() {
			switch field := v.Field(i); field.Kind() {
			case reflect.Struct:
				fill(field)
			case reflect.Bool:
				field.SetBool(true)
			case reflect.String:
				field.SetString("x")
			case reflect.Int, reflect.Int64:
				field.SetInt(int64(i + 1))
			case reflect.Float64:
				field.SetFloat(1.5)
			default:
				t.Fatalf("%s is of a kind that this test does not fill", v.Type().Field(i).Name)
			}
		}
	}
	fill(reflect.ValueOf(&want).Elem())
	encoded, err := json.Marshal(want)
	g.Expect(err).NotTo(HaveOccurred())
	var got jumpcloudtest.Behavior
	g.Expect(json.Unmarshal(encoded, &got)).To(Succeed())
	g.Expect(got).To(Equal(want))
}

func TestControlUsersAndSettings(t *testing.T) {
	s := serve(t)
	base := "organizations/" + s.org.ID() + "/"
	got := s.control(200, "POST", base+"users", []row{newRow("a"), newRow("b")})
	id := got.object()["ids"].([]any)[0].(string)
	s.control(204, "POST", base+"users", `{"generate": 2}`)
	s.control(400, "POST", base+"users", `{"generated": 2}`)
	s.control(400, "POST", base+"users", []row{newRow("a")})
	s.Expect(s.control(200, "GET", base+"users", nil).list()).To(HaveLen(4))
	s.Expect(s.control(200, "GET", base+"users?username=a", nil).list()).To(ConsistOf(HaveKeyWithValue("_id", id)))
	s.Expect(s.control(200, "GET", base+"users?username=z", nil).Text).To(Equal("[]\n"))
	s.control(204, "PATCH", base+"users/"+id, row{"admin": row{"id": "x"}, "password": "not shown"})
	s.Expect(s.org.User(id)).To(And(HaveKey("admin"), Not(HaveKey("password"))))
	s.Expect(s.org.Password(id)).To(Equal("not shown"))
	s.control(204, "DELETE", base+"users/"+id, nil)
	s.control(404, "DELETE", base+"users/"+id, nil)
	s.control(404, "PATCH", base+"users/"+id, row{})

	s.control(204, "PATCH", base+"settings", `{"newSystemUserStateDefaults":{"manualEntry":"ACTIVATED"}}`)
	s.Expect(s.send("POST", "/api/systemusers", newRow("c")).object()).To(HaveKeyWithValue("state", "ACTIVATED"))
	s.Expect(s.control(200, "GET", base+"mails", nil).list()).To(ConsistOf(HaveKeyWithValue("kind", "activation")))
}

func TestControlClockAndJobs(t *testing.T) {
	s := serve(t)
	base := "organizations/" + s.org.ID() + "/"
	s.control(204, "POST", base+"row-faults", `{"username":"b","times":1,"statusMsg":"boom","delay":"1m"}`)
	s.control(400, "POST", base+"row-faults", `{"user":"b"}`)
	job := s.startJob("POST", newRow("a"), newRow("b"))
	s.Expect(s.control(200, "PATCH", "clock", `{"advance":"30s"}`).object()).To(HaveKeyWithValue("now", "2026-05-04T09:00:30Z"))
	s.Expect(s.statuses(job)).To(Equal([]string{"finished", "pending"}))
	s.control(200, "PATCH", "clock", `{"set":"2026-05-05T00:00:00Z","freeze":false}`)
	s.Expect(s.statuses(job)).To(Equal([]string{"finished", "failed: boom"}))
	s.Expect(s.clock.Now()).NotTo(Equal(s.clock.Now()), "it runs")
	s.control(200, "PATCH", "clock", `{"freeze":true}`)
	s.Expect(s.control(200, "GET", "clock", nil).object()["now"]).To(HavePrefix("2026-05-05T00:00:0"))
	s.control(400, "PATCH", "clock", `{"advance":30}`)

	jobs := s.control(200, "GET", base+"jobs", nil).list()
	s.Expect(jobs).To(ConsistOf(And(HaveKeyWithValue("id", job), HaveKeyWithValue("rows", HaveLen(2)))))
	s.Expect(s.control(200, "GET", base+"submissions", nil).object()).To(HaveKeyWithValue("a", HaveLen(1)))
	s.control(204, "DELETE", base+"row-faults", nil)
}

func TestControlFaultsAndHolds(t *testing.T) {
	s := serve(t)
	id := s.control(200, "POST", "faults", `{"method":"GET","path":"/api/systemusers","times":-1,"status":503,"bodyKind":"text"}`).object()["id"]
	s.control(200, "POST", "faults", `{"kind":"reset","method":"PUT"}`)
	s.control(400, "POST", "faults", `{"paths":"/"}`)
	s.Expect(s.get("/api/systemusers").Status).To(Equal(503))
	s.Expect(s.control(200, "GET", "faults", nil).list()).To(ContainElement(
		And(HaveKeyWithValue("id", id), HaveKeyWithValue("caught", 1.0), HaveKeyWithValue("fault", HaveKeyWithValue("status", 503.0)))))
	s.control(204, "DELETE", fmt.Sprintf("faults/%v", id), nil)
	s.control(404, "DELETE", fmt.Sprintf("faults/%v", id), nil)
	s.control(400, "DELETE", "faults/first", nil)
	s.Expect(s.get("/api/systemusers").Status).To(Equal(200))
	s.control(204, "DELETE", "faults", nil)
	s.Expect(s.control(200, "GET", "faults", nil).Text).To(Equal("[]\n"))

	hold := fmt.Sprintf("holds/%v", s.control(200, "POST", "holds", `{"method":"POST","point":"afterEffect"}`).object()["id"])
	s.control(204, "GET", hold+"/arrived?timeout=1ms", nil)
	s.control(400, "GET", hold+"/arrived?timeout=soon", nil)
	ended := make(chan answer)
	go func() { ended <- s.send("POST", "/api/systemusers", newRow("a")) }()
	s.Expect(s.control(200, "GET", hold+"/arrived", nil).object()).To(And(
		HaveKeyWithValue("path", "/api/systemusers"), HaveKeyWithValue("committed", true)))
	s.control(204, "DELETE", hold, nil)
	s.Expect(<-ended).To(HaveField("Status", 200))
	s.control(404, "DELETE", hold, nil)
	s.control(404, "GET", hold+"/arrived", nil)
}

func TestControlHistoryAndCredentials(t *testing.T) {
	s := serve(t)
	other := s.sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "other-key"})
	s.get("/api/systemusers")
	s.get("/api/systemusers", "x-api-key: other-key")
	s.send("POST", "/api/systemusers", newRow("a"))
	s.Expect(s.control(200, "GET", "history", nil).list()).To(HaveLen(3))
	s.Expect(s.control(200, "GET", "history?mutating=true", nil).list()).To(ConsistOf(
		And(HaveKeyWithValue("method", "POST"), HaveKeyWithValue("retryAfter", "0s"), HaveKey("duration"))))
	s.Expect(s.control(200, "GET", "history?organization="+other.ID(), nil).list()).To(HaveLen(1))
	s.Expect(s.control(200, "GET", "organizations/"+other.ID()+"/rates?window=10s&grace=1s", nil).object()).To(Equal(
		map[string]any{"peakRate": 0.1, "insideRetryAfter": 0.0}))
	s.control(400, "GET", "organizations/"+other.ID()+"/rates?window=long", nil)
	s.control(204, "DELETE", "history", nil)
	s.Expect(s.control(200, "GET", "history", nil).Text).To(Equal("[]\n"))

	s.control(204, "POST", "credentials", row{"apiKey": "reader", "organizations": []string{s.org.ID()}, "readOnly": true})
	s.control(400, "POST", "credentials", row{"apiKey": "reader"})
	s.Expect(s.send("POST", "/api/systemusers", newRow("b"), "x-api-key: reader").Status).To(Equal(403))
	s.control(204, "DELETE", "credentials/reader", nil)
	s.Expect(s.get("/api/systemusers", "x-api-key: reader").Status).To(Equal(401))
	s.control(204, "DELETE", "tokens", nil)
}

func TestRequestJSONRoundTrip(t *testing.T) {
	s := serve(t)
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.RequestsPerSecond, b.RetryAfter = 0.001, 7*time.Second })
	s.get("/api/systemusers")
	s.get("/api/systemusers")
	want := s.sim.History()[1]
	encoded, err := json.Marshal(want)
	s.Expect(err).NotTo(HaveOccurred())
	var got jumpcloudtest.Request
	s.Expect(json.Unmarshal(encoded, &got)).To(Succeed())
	s.Expect(got.RetryAfter).To(Equal(7 * time.Second))
	s.Expect(got.Duration).To(Equal(want.Duration))
	s.Expect(got.Status).To(Equal(429))
}
