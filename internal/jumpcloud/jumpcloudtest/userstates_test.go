package jumpcloudtest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const statesPath = "/api/v2/bulk/userstates"

// schedule schedules a state change after some time and returns the id of the job.
func (s *site) schedule(after time.Duration, state string, users ...string) string {
	got := s.send("POST", statesPath, row{"user_ids": users, "state": state, "start_date": start.Add(after)})
	s.Expect(got.Status).To(Equal(201), got.Text)
	s.Expect(got.list()).To(HaveLen(len(users)))
	return got.list()[0]["scheduledJobId"].(string)
}

// listed returns the pending rows as "id of the user: state".
func (s *site) listed(query string) []string {
	rows := []string{}
	for _, row := range s.get(statesPath + "?limit=100&" + query).list() {
		s.Expect(row).To(HaveLen(4))
		rows = append(rows, fmt.Sprint(row["systemUserId"], ": ", row["state"]))
	}
	return rows
}

func (s *site) state(username string) any { return s.org.UserByUsername(username)["state"] }

func TestScheduledStates(t *testing.T) {
	s := serve(t, "a", "b", "c")
	a, b := s.id("a"), s.id("b")
	got := s.send("POST", statesPath, row{"user_ids": []string{a, b, a}, "state": "SUSPENDED", "start_date": "2026-05-05T12:00:00.789+02:00"})
	s.Expect(got.Status).To(Equal(201))
	job := got.list()[0]["scheduledJobId"].(string)
	s.Expect(got.list()).To(Equal([]map[string]any{
		{"scheduledJobId": job, "systemUserId": a, "scheduledDate": "2026-05-05T10:00:00Z", "state": "SUSPENDED"},
		{"scheduledJobId": job, "systemUserId": b, "scheduledDate": "2026-05-05T10:00:00Z", "state": "SUSPENDED"},
	}))
	page := s.get(statesPath + "?limit=1&skip=1")
	s.Expect(page.Header.Get("X-Total-Count")).To(Equal("2"))
	s.Expect(page.list()).To(Equal(got.list()[1:]))
	s.Expect(s.listed("userid=" + b)).To(Equal([]string{b + ": SUSPENDED"}))
	s.Expect(s.listed("filter=state:eq:ACTIVATED")).To(BeEmpty())
	s.Expect(s.listed("userid=65f1c0ffee65f1c0ffee9999")).To(BeEmpty())

	s.clock.Set(time.Date(2026, 5, 5, 9, 59, 59, 0, time.UTC))
	s.Expect(s.state("a")).To(Equal("ACTIVATED"))
	s.clock.Advance(time.Second)
	s.Expect(s.state("a")).To(Equal("SUSPENDED"))
	s.Expect(s.state("b")).To(Equal("SUSPENDED"))
	s.Expect(s.state("c")).To(Equal("ACTIVATED"))
	s.Expect(s.get(statesPath).Text).To(Equal("[]\n"), "what is done is not listed")
	s.Expect(s.send("DELETE", statesPath+"/"+job, nil).Status).To(Equal(404))

	request := s.sim.MutatingRequests()[0]
	s.Expect(request.Committed).To(BeTrue())
	s.Expect(request.JobID).To(Equal(job))
	s.Expect(s.org.ScheduledJobs()).To(Equal([]jumpcloudtest.ScheduledJob{{
		ID: job, State: "SUSPENDED", Users: []string{a, b}, Date: time.Date(2026, 5, 5, 10, 0, 0, 0, time.UTC), SendActivationEmails: true,
		Request: request.Number, AcceptedAt: start, ExecutedAt: time.Date(2026, 5, 5, 10, 0, 0, 0, time.UTC),
	}}))
}

func TestScheduleRules(t *testing.T) {
	ignore := func(b *jumpcloudtest.Behavior) { b.IgnoreBadOverrides = true }
	unknown := func(status int) func(*jumpcloudtest.Behavior) {
		return func(b *jumpcloudtest.Behavior) { b.UnknownScheduledUserStatus = status }
	}
	few := func(b *jumpcloudtest.Behavior) { b.MaxScheduledUsers = 1 }
	past := func(b *jumpcloudtest.Behavior) { b.RefusePastDates = true }
	const nobody = "65f1c0ffee65f1c0ffee9999"
	for name, c := range map[string]struct {
		change func(*jumpcloudtest.Behavior)
		member row // over a valid body for U1
		status int
		rows   int
	}{
		"valid":                       {nil, row{}, 201, 1},
		"no users":                    {nil, row{"user_ids": []string{}}, 400, 0},
		"users are text":              {nil, row{"user_ids": "U1"}, 400, 0},
		"no state":                    {nil, row{"state": nil}, 400, 0},
		"STAGED":                      {nil, row{"state": "STAGED"}, 400, 0},
		"state in lower case":         {nil, row{"state": "activated"}, 400, 0},
		"no date":                     {nil, row{"start_date": nil}, 400, 0},
		"date without time":           {nil, row{"start_date": "2026-05-05"}, 400, 0},
		"date without zone":           {nil, row{"start_date": "2026-05-05T12:00:00"}, 201, 1},
		"past date":                   {nil, row{"start_date": "2000-01-01T00:00:00Z"}, 201, 1},
		"past date, refused":          {past, row{"start_date": "2000-01-01T00:00:00Z"}, 400, 0},
		"this second, not refused":    {past, row{"start_date": start}, 201, 1},
		"unknown user":                {nil, row{"user_ids": []string{"U1", nobody}}, 404, 0},
		"unknown user, 400":           {unknown(400), row{"user_ids": []string{"U1", nobody}}, 400, 0},
		"unknown user, skipped":       {unknown(201), row{"user_ids": []string{"U1", nobody}}, 201, 1},
		"only unknown users, skipped": {unknown(201), row{"user_ids": []string{nobody}}, 201, 0},
		"override":                    {nil, row{"activation_email_override": "boss@x.org"}, 201, 1},
		"override for two":            {nil, row{"activation_email_override": "boss@x.org", "user_ids": []string{"U1", "U2"}}, 400, 0},
		"override for SUSPENDED":      {nil, row{"activation_email_override": "boss@x.org", "state": "SUSPENDED"}, 400, 0},
		"override for two, ignored":   {ignore, row{"activation_email_override": "boss@x.org", "user_ids": []string{"U1", "U2"}}, 201, 2},
		"two users":                   {nil, row{"user_ids": []string{"U1", "U2"}}, 201, 2},
		"two users, too many":         {few, row{"user_ids": []string{"U1", "U2"}}, 400, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, "a", "b")
			if c.change != nil {
				s.org.Configure(c.change)
			}
			body := row{"user_ids": []string{"U1"}, "state": "ACTIVATED", "start_date": "2026-06-01T00:00:00Z"}
			for name, value := range c.member {
				body[name] = value
				if value == nil {
					delete(body, name)
				}
			}
			if users, ok := body["user_ids"].([]string); ok {
				for i := range users {
					users[i] = strings.NewReplacer("U1", s.id("a"), "U2", s.id("b")).Replace(users[i])
				}
			}
			got := s.send("POST", statesPath, body)
			s.Expect(got.Status).To(Equal(c.status), got.Text)
			s.Expect(got.list()).To(HaveLen(c.rows))
			if c.status != 201 {
				s.Expect(s.org.ScheduledJobs()).To(BeEmpty())
			}
		})
	}
}

func TestSchedulesOverlap(t *testing.T) {
	s := serve(t, "a")
	id := s.id("a")
	first := s.schedule(time.Hour, "SUSPENDED", id)
	second := s.schedule(time.Hour, "ACTIVATED", id)
	third := s.schedule(time.Hour, "SUSPENDED", id)
	s.Expect(s.listed("userid=" + id)).To(Equal([]string{id + ": SUSPENDED", id + ": ACTIVATED", id + ": SUSPENDED"}))
	s.Expect(s.send("DELETE", statesPath+"/"+third, nil).Text).To(BeEmpty())
	s.Expect(s.send("DELETE", statesPath+"/"+third, nil).message()).To(Equal("Not Found"))
	s.clock.Advance(time.Hour)
	s.Expect(s.state("a")).To(Equal("ACTIVATED"), "in the order of acceptance")
	s.Expect(s.org.Mails()).To(HaveLen(1))
	jobs := s.org.ScheduledJobs()
	s.Expect(jobs).To(HaveLen(3))
	s.Expect(jobs[0].ID).To(Equal(first))
	s.Expect(jobs[1].ID).To(Equal(second))
	s.Expect(jobs[2].ExecutedAt).To(BeZero())
	s.Expect(jobs[2].CanceledAt).To(Equal(start))

	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.UnknownScheduleStatus = 204 })
	s.Expect(s.send("DELETE", statesPath+"/"+third, nil).Status).To(Equal(204))
}

func TestDeletionOfAScheduleIsWhole(t *testing.T) {
	s := serve(t, "a", "b")
	job := s.schedule(time.Hour, "SUSPENDED", s.id("a"), s.id("b"))
	s.Expect(s.send("DELETE", statesPath+"/"+job, nil).Status).To(Equal(204))
	s.Expect(s.listed("")).To(BeEmpty())
	s.clock.Advance(2 * time.Hour)
	s.Expect(s.state("a")).To(Equal("ACTIVATED"))
}

func TestPastDatesRunAtOnce(t *testing.T) {
	s := serve(t, "a")
	s.schedule(-time.Hour, "SUSPENDED", s.id("a"))
	s.Expect(s.state("a")).To(Equal("SUSPENDED"))
	s.Expect(s.listed("")).To(BeEmpty())
	s.Expect(s.org.ScheduledJobs()[0].ExecutedAt).To(Equal(start))
}

func TestActivationMails(t *testing.T) {
	yes, no := true, false
	quiet := func(b *jumpcloudtest.Behavior) { b.NoMailsUnlessAsked = true }
	for name, c := range map[string]struct {
		change   func(*jumpcloudtest.Behavior)
		mails    *bool
		override string
		want     []string
	}{
		"unstated":                    {nil, nil, "", []string{"staged@x.org"}},
		"unstated, then none":         {quiet, nil, "", nil},
		"asked for":                   {quiet, &yes, "", []string{"staged@x.org"}},
		"suppressed":                  {nil, &no, "", nil},
		"override":                    {nil, nil, "boss@x.org", []string{"boss@x.org"}},
		"override, suppressed":        {nil, &no, "boss@x.org", nil},
		"override, mails asked for":   {nil, &yes, "boss@x.org", []string{"boss@x.org"}},
		"override, quiet and unasked": {quiet, nil, "boss@x.org", nil},
	} {
		s := serve(t, "active")
		s.org.AddUser(jumpcloudtest.User{"username": "staged", "email": "staged@x.org", "state": "STAGED"})
		if c.change != nil {
			s.org.Configure(c.change)
		}
		body := row{"user_ids": []string{s.id("staged")}, "state": "ACTIVATED", "start_date": start.Add(time.Hour)}
		if c.mails != nil {
			body["send_activation_emails"] = *c.mails
		}
		if c.override != "" {
			body["activation_email_override"] = c.override
		}
		s.Expect(s.send("POST", statesPath, body).Status).To(Equal(201), name)
		s.schedule(time.Hour, "ACTIVATED", s.id("active"))
		s.clock.Advance(time.Hour)
		s.Expect(s.state("staged")).To(Equal("ACTIVATED"), name)
		var got []string
		for _, mail := range s.org.Mails() {
			s.Expect(mail.At).To(Equal(start.Add(time.Hour)))
			got = append(got, mail.To)
		}
		s.Expect(got).To(Equal(c.want), "%s; nobody is welcomed twice", name)
	}
}

func TestScheduledStatesOfDeletedUsers(t *testing.T) {
	for _, keep := range []bool{false, true} {
		s := serve(t, "a", "b")
		s.org.Configure(func(b *jumpcloudtest.Behavior) { b.KeepStatesOfDeletedUsers = keep })
		gone := s.schedule(time.Hour, "SUSPENDED", s.id("a"))
		s.schedule(time.Hour, "SUSPENDED", s.id("a"), s.id("b"))
		a, b := s.id("a"), s.id("b")
		s.org.DeleteUser(a)
		if keep {
			s.Expect(s.listed("")).To(Equal([]string{a + ": SUSPENDED", a + ": SUSPENDED", b + ": SUSPENDED"}))
		} else {
			s.Expect(s.listed("")).To(Equal([]string{b + ": SUSPENDED"}))
			s.Expect(s.send("DELETE", statesPath+"/"+gone, nil).Status).To(Equal(404))
		}
		s.clock.Advance(time.Hour)
		s.Expect(s.listed("")).To(BeEmpty())
		s.Expect(s.state("b")).To(Equal("SUSPENDED"))
	}
}

func TestScheduledStatesOfSomebodyElse(t *testing.T) {
	s := serve(t, "a", "b")
	job := s.org.AddScheduledState(jumpcloudtest.NewScheduledState{Users: []string{"a", s.id("b")}, State: "SUSPENDED", Date: start.Add(time.Hour)})
	s.Expect(s.listed("")).To(Equal([]string{s.id("a") + ": SUSPENDED", s.id("b") + ": SUSPENDED"}))
	s.Expect(s.org.ScheduledStates()).To(Equal([]jumpcloudtest.ScheduledState{
		{JobID: job, UserID: s.id("a"), Date: start.Add(time.Hour), State: "SUSPENDED"},
		{JobID: job, UserID: s.id("b"), Date: start.Add(time.Hour), State: "SUSPENDED"},
	}))
	s.Expect(s.org.RemoveScheduledJob(job)).To(BeTrue())
	s.Expect(s.org.RemoveScheduledJob(job)).To(BeFalse())
	s.Expect(s.org.ScheduledStates()).To(BeEmpty())
	s.Expect(s.sim.MutatingRequests()).To(BeEmpty())
	for name, add := range map[string]jumpcloudtest.NewScheduledState{
		"no users": {State: "SUSPENDED"}, "no such user": {State: "SUSPENDED", Users: []string{"x"}}, "no such state": {Users: []string{"a"}, State: "STAGED"},
	} {
		s.Expect(func() { s.org.AddScheduledState(add) }).To(Panic(), name)
	}
}

func TestScheduleSwitches(t *testing.T) {
	s := serve(t, "a")
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.ScheduleLatency, b.UnknownUserStatesStatus = time.Minute, 404 })
	s.schedule(time.Hour, "SUSPENDED", s.id("a"))
	s.clock.Advance(time.Hour)
	s.Expect(s.listed("userid=" + s.id("a"))).To(HaveLen(1))
	s.Expect(s.get(statesPath + "?userid=x").Status).To(Equal(404))
	for format, want := range map[jumpcloudtest.DateFormat]string{
		jumpcloudtest.DateSeconds:      "2026-05-04T10:00:00Z",
		jumpcloudtest.DateMilliseconds: "2026-05-04T10:00:00.000Z",
		jumpcloudtest.DateZoneless:     "2026-05-04T10:00:00",
	} {
		s.org.Configure(func(b *jumpcloudtest.Behavior) { b.ScheduledDateFormat = format })
		s.Expect(s.get(statesPath).list()).To(ConsistOf(HaveKeyWithValue("scheduledDate", want)))
	}
	s.clock.Advance(time.Minute)
	s.Expect(s.state("a")).To(Equal("SUSPENDED"))
}

// Rows of jobs, scheduled states and rules take effect in the order of their due times,
// however late something looks.
func TestWhatIsDueHappensInOrder(t *testing.T) {
	s := serve(t, "a")
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration, b.EvaluationDelay = 2*time.Hour, time.Second })
	group := s.newGroup(dynamic(classic("userState", "eq", "suspended")))
	s.startJob("PATCH", row{"id": s.id("a"), "state": "ACTIVATED"})
	s.schedule(time.Hour, "SUSPENDED", s.id("a"))
	s.schedule(3*time.Hour, "SUSPENDED", s.id("a"))
	s.clock.Advance(2*time.Hour + time.Second)
	s.Expect(s.state("a")).To(Equal("ACTIVATED"))
	s.Expect(s.members(group)).To(BeEmpty())
	s.clock.Advance(10 * time.Hour)
	s.Expect(s.state("a")).To(Equal("SUSPENDED"))
	s.Expect(s.members(group)).To(HaveLen(1))
}

func TestNextEvents(t *testing.T) {
	s := serve(t, "a", "b", "c")
	a, b := s.id("a"), s.id("b")
	late := s.schedule(3*time.Hour, "SUSPENDED", a)
	first := s.schedule(2*time.Hour, "SUSPENDED", a, b)
	activation := s.schedule(time.Hour, "ACTIVATED", a)
	next := func(query string) answer { return s.get(statesPath + "/eventlist/next?" + query) }
	jobs := func(query string) []any {
		var ids []any
		for _, row := range next(query).object()["results"].([]any) {
			ids = append(ids, row.(map[string]any)["scheduledJobId"])
		}
		return ids
	}
	all := next("users=" + a + "," + b + ",65f1c0ffee65f1c0ffee9999")
	s.Expect(all.object()).To(HaveLen(2))
	s.Expect(all.object()).To(HaveKeyWithValue("events_count", 3.0))
	s.Expect(jobs("users=" + a + "," + b)).To(Equal([]any{activation, first, first}))
	s.Expect(jobs("users=" + b + "&users=" + a)).To(Equal([]any{first, activation, first}))
	s.Expect(jobs("users=" + a + "," + b + "&limit=1&skip=2")).To(Equal([]any{first}))
	s.Expect(next("users=" + a + "&limit=1").object()).To(HaveKeyWithValue("events_count", 2.0))
	s.Expect(next("users=" + s.id("c")).Text).To(MatchJSON(`{"events_count":0,"results":[]}`))
	s.Expect(s.send("DELETE", statesPath+"/"+first, nil).Status).To(Equal(204))
	s.Expect(jobs("users=" + a)).To(Equal([]any{activation, late}))

	var hundred []string
	for i := range 100 {
		hundred = append(hundred, fmt.Sprintf("65f1c0ffee65f1c0ffee%04d", i))
	}
	s.Expect(next("users=" + strings.Join(hundred, ",")).Status).To(Equal(200))
	for _, query := range []string{"", "users=", "users=" + strings.Join(append(hundred, a), ","), "users=" + a + "&limit=0"} {
		s.Expect(next(query).Status).To(Equal(400), query)
	}
}

func TestNextEventsMayIgnoreTheOrganizationHeader(t *testing.T) {
	s := serve(t, "a")
	other := s.sim.AddOrganization(jumpcloudtest.OrganizationOptions{})
	s.sim.AddCredential(jumpcloudtest.Credential{APIKey: "both", Organizations: []string{other.ID(), s.org.ID()}})
	s.schedule(time.Hour, "SUSPENDED", s.id("a"))
	count := func() any {
		return s.get(statesPath+"/eventlist/next?users="+s.id("a"), "x-api-key: both", "x-org-id: "+s.org.ID()).object()["events_count"]
	}
	s.Expect(count()).To(Equal(1.0))
	s.sim.Configure(func(b *jumpcloudtest.Behavior) { b.NextEventsIgnoreOrgHeader = true })
	s.Expect(count()).To(Equal(0.0))
}
