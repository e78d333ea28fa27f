package jumpcloudtest_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestStartingAJob(t *testing.T) {
	rows := func(n int) []row {
		list := make([]row, n)
		for i := range list {
			list[i] = newRow(fmt.Sprintf("u%d", i))
		}
		return list
	}
	for name, c := range map[string]struct {
		change  func(*jumpcloudtest.Behavior)
		headers []string
		body    any
		status  int
	}{
		"one row":               {nil, nil, rows(1), 200},
		"201":                   {func(b *jumpcloudtest.Behavior) { b.StartStatus = 201 }, nil, rows(1), 201},
		"800 rows":              {nil, nil, rows(800), 200},
		"801 rows":              {nil, nil, rows(801), 400},
		"801 rows, 413":         {func(b *jumpcloudtest.Behavior) { b.OversizeStatus = 413 }, nil, rows(801), 413},
		"801 rows, accepted":    {func(b *jumpcloudtest.Behavior) { b.MaxRows = -1 }, nil, rows(801), 200},
		"two rows of one":       {func(b *jumpcloudtest.Behavior) { b.MaxRows = 1 }, nil, rows(2), 400},
		"no rows":               {nil, nil, "[]", 400},
		"no rows, accepted":     {func(b *jumpcloudtest.Behavior) { b.EmptyJobStatus = 200 }, nil, "[]", 200},
		"no body":               {nil, nil, "", 400},
		"no array":              {nil, nil, newRow("u"), 400},
		"no JSON":               {nil, nil, `[{"username":`, 400},
		"more than JSON":        {nil, nil, `[{"username":"a"}] []`, 400},
		"row is no object":      {nil, nil, `["u"]`, 400},
		"creation-source":       {nil, []string{"creation-source: jumpcloud:custom_integration"}, rows(1), 200},
		"wrong creation-source": {nil, []string{"creation-source: nonsense"}, rows(1), 400},
		"a bad row is accepted": {nil, nil, `[{}]`, 200},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			if c.change != nil {
				s.org.Configure(c.change)
			}
			got := s.send("POST", "/api/v2/bulk/users", c.body, c.headers...)
			s.Expect(got.Status).To(Equal(c.status), got.Text)
			if c.status < 300 {
				s.Expect(got.object()).To(HaveLen(1))
				s.Expect(got.object()["jobId"]).To(MatchRegexp("^[0-9a-f]{24}$"))
				s.Expect(s.org.Jobs()).To(HaveLen(1))
			} else {
				s.Expect(s.org.Jobs()).To(BeEmpty())
			}
			s.Expect(s.org.CountUsers()).To(BeZero(), "nothing is applied synchronously")
		})
	}
}

func TestCreationSourceAndDefaultState(t *testing.T) {
	for source, c := range map[string]struct{ stored, state string }{
		"":                             {"jumpcloud:bulk", "STAGED"},
		"jumpcloud:bulk":               {"jumpcloud:bulk", "STAGED"},
		"jumpcloud:gapps":              {"jumpcloud:gapps", "ACTIVATED"},
		"jumpcloud:o365":               {"jumpcloud:o365", "ACTIVATED"},
		"jumpcloud:workday":            {"jumpcloud:workday", "ACTIVATED"},
		"jumpcloud:scim":               {"jumpcloud:scim", "ACTIVATED"},
		"jumpcloud:custom_integration": {"jumpcloud:custom_integration", "ACTIVATED"},
	} {
		s := serve(t)
		s.send("POST", "/api/v2/bulk/users", []row{newRow("a"), {"username": "b", "email": "b@x.org", "state": "SUSPENDED"}},
			"creation-source: "+source)
		s.clock.Advance(time.Minute)
		s.Expect(s.org.UserByUsername("a")).To(And(HaveKeyWithValue("state", c.state), HaveKeyWithValue("creationSource", c.stored)), source)
		s.Expect(s.org.UserByUsername("b")).To(HaveKeyWithValue("state", "SUSPENDED"), source)
	}
}

func TestRecordsProgressOneByOne(t *testing.T) {
	s := serve(t)
	s.org.Configure(func(b *jumpcloudtest.Behavior) {
		b.JobDelay, b.JobDuration, b.RowDuration = time.Minute, 10*time.Second, time.Second
	})
	job := s.startJob("POST", newRow("a"), newRow("b"))
	at := func(elapsed time.Duration) {
		s.clock.Set(start.Add(elapsed))
	}
	s.Expect(s.statuses(job)).To(Equal([]string{"pending", "pending"}))
	at(70 * time.Second)
	s.Expect(s.statuses(job)).To(Equal([]string{"pending", "pending"}))
	s.Expect(s.org.CountUsers()).To(BeZero())
	at(71 * time.Second)
	s.Expect(s.statuses(job)).To(Equal([]string{"finished", "pending"}))
	s.Expect(s.org.UserByUsername("a")).To(HaveKeyWithValue("created", "2026-05-04T09:01:11.000Z"))
	s.Expect(s.org.Jobs()[0].EndedAt).To(BeZero())
	at(72 * time.Second)
	s.Expect(s.statuses(job)).To(Equal([]string{"finished", "finished"}))
	s.Expect(s.org.Jobs()[0].EndedAt).To(Equal(start.Add(72 * time.Second)))

	record := s.results(job)[0]
	s.Expect(record).To(Equal(map[string]any{
		"id": record["id"], "status": "finished", "statusMsg": "", "meta": map[string]any{}, "persistedFields": map[string]any{},
		"createdAt": "2026-05-04T09:00:00.000Z", "updatedAt": "2026-05-04T09:01:11.000Z",
	}), "opaque")
	s.Expect(record["id"]).To(And(MatchRegexp("^[0-9a-f]{24}$"), Not(Equal(job)), Not(Equal(s.results(job)[1]["id"]))))
}

func TestRowsOfSeveralJobsTakeEffectInTheOrderOfTime(t *testing.T) {
	s := serve(t, "a")
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration = time.Minute })
	s.startJob("PATCH", row{"id": s.id("a"), "department": "slow"})
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration = time.Second })
	s.startJob("PATCH", row{"id": s.id("a"), "department": "fast"})
	s.clock.Advance(time.Second)
	s.Expect(s.org.UserByUsername("a")).To(HaveKeyWithValue("department", "fast"))
	s.clock.Advance(time.Hour)
	s.Expect(s.org.UserByUsername("a")).To(HaveKeyWithValue("department", "slow"))
}

func TestBadRowsFailAlone(t *testing.T) {
	s := serve(t, "taken")
	s.Expect(s.runJob("POST",
		newRow("one"),
		newRow("taken"),
		row{"username": "new", "email": "TAKEN@x.org"},
		newRow("two"),
		row{"username": "two", "email": "other@x.org"}, // twice in the request: the first wins
		row{"username": "three"},
		newRow("four"),
	)).To(Equal([]string{
		"finished", "failed: User already exists", "failed: User already exists", "finished", "failed: User already exists",
		"failed: email is required", "finished",
	}))
	s.Expect(s.org.CountUsers()).To(Equal(4))
	s.Expect(s.org.UserByUsername("two")).To(HaveKeyWithValue("email", "two@x.org"))
}

func TestBulkUpdate(t *testing.T) {
	s := serve(t, "a", "b", "c")
	a, b, c := s.id("a"), s.id("b"), s.id("c")
	s.Expect(s.runJob("PATCH",
		row{"id": a, "department": "IT", "jobTitle": "first"},
		row{"id": "65f1c0ffee65f1c0ffee9999", "department": "IT"},
		row{"department": "IT"},
		row{"id": b, "state": "STAGED", "department": "IT"},
		row{"id": a, "jobTitle": "second", "username": "renamed"}, // the same id again, in order
		row{"id": c, "state": "SUSPENDED"},
		row{"id": b, "username": "c"},
		row{"id": b, "passwordless_sudo": true, "activated": true, "organization": s.org.ID()},
	)).To(Equal([]string{
		"finished", "failed: Not Found", "failed: id is required", "failed: state is not one of the allowed values",
		"finished", "finished", "failed: User already exists", "finished",
	}))
	s.Expect(s.org.User(a)).To(And(
		HaveKeyWithValue("department", "IT"), HaveKeyWithValue("jobTitle", "second"), HaveKeyWithValue("username", "renamed")))
	s.Expect(s.org.User(b)).To(And(
		Not(HaveKey("department")), HaveKeyWithValue("passwordless_sudo", true), HaveKeyWithValue("activated", false)))
	s.Expect(s.org.User(c)).To(And(HaveKeyWithValue("state", "SUSPENDED"), HaveKeyWithValue("suspended", true)))
}

func TestBulkUpdateSwitches(t *testing.T) {
	s := serve(t)
	id := s.org.AddUser(jumpcloudtest.User{
		"username": "a", "email": "a@x.org",
		"attributes":   []row{{"name": "keep", "value": "1"}, {"name": "change", "value": "1"}},
		"addresses":    []row{{"type": "home", "locality": "London"}},
		"phoneNumbers": []row{{"type": "work", "number": "1"}, {"type": "work", "number": "2"}},
	})
	update := row{
		"id": id, "attributes": []row{{"name": "change", "value": "2"}}, "addresses": []row{{"type": "work"}},
		"phoneNumbers": []row{{"type": "work", "number": "3"}}, "state": "SUSPENDED", "department": "IT",
	}
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.MergeArrays, b.IgnoreBulkState = true, true })
	s.Expect(s.runJob("PATCH", update)).To(Equal([]string{"finished"}))
	user := s.org.User(id)
	s.Expect(user).To(And(HaveKeyWithValue("state", "ACTIVATED"), HaveKeyWithValue("department", "IT")))
	s.Expect(user["attributes"]).To(ConsistOf(HaveKeyWithValue("value", "1"), HaveKeyWithValue("value", "2")))
	s.Expect(user["addresses"]).To(HaveLen(2))
	s.Expect(user["phoneNumbers"]).To(ConsistOf(HaveKeyWithValue("number", "3")))

	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.MergeArrays, b.IgnoreBulkState = false, false })
	s.Expect(s.runJob("PATCH", update)).To(Equal([]string{"finished"}))
	user = s.org.User(id)
	s.Expect(user).To(HaveKeyWithValue("state", "SUSPENDED"))
	s.Expect(user["attributes"]).To(HaveLen(1))
	s.Expect(user["addresses"]).To(HaveLen(1))
}

func TestJobMails(t *testing.T) {
	s := serve(t)
	s.sim.AddCredential(jumpcloudtest.Credential{APIKey: apiKey, Organizations: []string{s.org.ID()}, Email: "root@x.org"})
	for query, want := range map[string]int{"": 1, "?suppressEmail=false": 1, "?suppressEmail=true": 0} {
		before := len(s.org.Mails())
		got := s.send("POST", "/api/v2/bulk/users"+query, []row{{"username": "again", "email": "again@x.org", "state": "STAGED"}})
		s.Expect(s.org.Mails()).To(HaveLen(before), "not before the job has ended")
		s.clock.Advance(time.Minute)
		mails := s.org.Mails()[before:]
		s.Expect(mails).To(HaveLen(want), query)
		if want == 1 {
			s.Expect(mails[0].Kind).To(Equal(jumpcloudtest.MailJobSummary))
			s.Expect(mails[0].To).To(Equal("root@x.org"))
			s.Expect(mails[0].JobID).To(Equal(got.object()["jobId"]))
		}
	}
	s.startJob("POST",
		row{"username": "active", "email": "active@x.org", "state": "ACTIVATED"},
		row{"username": "ready", "email": "ready@x.org", "state": "ACTIVATED", "password": "long enough"},
		row{"username": "staged", "email": "staged@x.org", "state": "STAGED", "password": "long enough"})
	before := len(s.org.Mails())
	s.clock.Advance(time.Minute)
	var kinds []string
	for _, mail := range s.org.Mails()[before:] {
		kinds = append(kinds, mail.Username+" "+string(mail.Kind))
	}
	s.Expect(kinds).To(Equal([]string{"active activation", "ready welcome"}))
}

func TestExpiresAndUnlocks(t *testing.T) {
	for path, c := range map[string]struct {
		field string
		want  bool
	}{"/api/v2/bulk/user/expires": {"password_expired", true}, "/api/v2/bulk/user/unlocks": {"account_locked", false}} {
		s := serve(t, "a")
		s.org.UpdateUser(s.id("a"), jumpcloudtest.User{"account_locked": true})
		got := s.send("POST", path, []row{{"id": s.id("a")}, {"id": "65f1c0ffee65f1c0ffee9999"}})
		s.Expect(got.Status).To(Equal(201))
		s.clock.Advance(time.Minute)
		s.Expect(s.statuses(got.object()["jobId"].(string))).To(Equal([]string{"finished", "failed: Not Found"}))
		s.Expect(s.org.UserByUsername("a")).To(HaveKeyWithValue(c.field, c.want))
		s.Expect(s.org.Mails()).To(BeEmpty())

		s.org.Configure(func(b *jumpcloudtest.Behavior) { b.ActionStatus = 200 })
		s.Expect(s.send("POST", path, []row{{"id": s.id("a")}}).Status).To(Equal(200))
	}
}
