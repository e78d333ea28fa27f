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

func TestJobSwitches(t *testing.T) {
	three := []row{newRow("a"), newRow("bad name"), newRow("c")}
	three[1] = row{"username": "b"} // no email
	for name, c := range map[string]struct {
		change func(*jumpcloudtest.Behavior)
		want   []string
		users  int
	}{
		"default":          {func(*jumpcloudtest.Behavior) {}, []string{"finished", "failed: email is required", "finished"}, 2},
		"failure word":     {func(b *jumpcloudtest.Behavior) { b.FailedWord = "Error" }, []string{"finished", "Error: email is required", "finished"}, 2},
		"finished word":    {func(b *jumpcloudtest.Behavior) { b.FinishedWord = "Finished" }, []string{"Finished", "failed: email is required", "Finished"}, 2},
		"reversed":         {func(b *jumpcloudtest.Behavior) { b.RecordOrder = jumpcloudtest.OrderReversed; b.MissingRecords = 1 }, []string{"failed: email is required", "finished"}, 2},
		"records missing":  {func(b *jumpcloudtest.Behavior) { b.MissingRecords = 2 }, []string{"finished"}, 2},
		"all missing":      {func(b *jumpcloudtest.Behavior) { b.MissingRecords = 9 }, nil, 2},
		"lost users":       {func(b *jumpcloudtest.Behavior) { b.LostUsers = true }, []string{"finished", "finished", "finished"}, 0},
		"stuck":            {func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckUnapplied }, []string{"pending", "pending", "pending"}, 0},
		"stuck, applied":   {func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckApplied }, []string{"pending", "pending", "pending"}, 2},
		"pending word":     {func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckApplied; b.PendingWord = "queued" }, []string{"queued", "queued", "queued"}, 2},
		"results lag":      {func(b *jumpcloudtest.Behavior) { b.ResultLag = time.Hour }, []string{"pending", "pending", "pending"}, 2},
		"queued for long":  {func(b *jumpcloudtest.Behavior) { b.JobDelay = time.Hour }, []string{"pending", "pending", "pending"}, 0},
		"only when done":   {func(b *jumpcloudtest.Behavior) { b.RowDuration = 25 * time.Second; b.RecordsWhenDone = true }, []string{"finished", "failed: email is required"}, 1},
		"first poll empty": {func(b *jumpcloudtest.Behavior) { b.EmptyPolls = 1 }, nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.org.Configure(c.change)
			s.Expect(s.runJob("POST", three...)).To(Equal(c.want))
			s.Expect(s.org.CountUsers()).To(Equal(c.users))
		})
	}
}

func TestEmptyFirstPollsEnd(t *testing.T) {
	s := serve(t)
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.EmptyPolls = 2 })
	job := s.startJob("POST", newRow("a"))
	first := s.get("/api/v2/bulk/users/" + job + "/results")
	s.Expect(first.Status).To(Equal(200))
	s.Expect(first.Text).To(Equal("[]\n"))
	s.Expect(s.results(job)).To(BeEmpty())
	s.Expect(s.results(job)).To(HaveLen(1))
}

func TestInstantJobs(t *testing.T) {
	s := serve(t)
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.Instant = true })
	job := s.startJob("POST", newRow("a"))
	s.Expect(s.statuses(job)).To(Equal([]string{"finished"}))
}

func TestStuckJobsGoOnWhenTheSwitchIsTakenBack(t *testing.T) {
	s := serve(t)
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckUnapplied })
	job := s.startJob("POST", newRow("a"))
	s.clock.Advance(time.Hour)
	s.Expect(s.statuses(job)).To(Equal([]string{"pending"}))
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckNot })
	s.Expect(s.statuses(job)).To(Equal([]string{"finished"}))
}

func TestSwitchesDoNotWorkBackwards(t *testing.T) {
	for name, configure := range map[string]func(*site, func(*jumpcloudtest.Behavior)){
		"organization": func(s *site, change func(*jumpcloudtest.Behavior)) { s.org.Configure(change) },
		"server":       func(s *site, change func(*jumpcloudtest.Behavior)) { s.sim.Configure(change) },
	} {
		s := serve(t)
		s.startJob("POST", newRow("a"))
		s.clock.Advance(time.Minute)
		configure(s, func(b *jumpcloudtest.Behavior) { b.LostUsers = true })
		s.Expect(s.org.CountUsers()).To(Equal(1), name+": the row was due before")
	}
}

func TestShuffledRecords(t *testing.T) {
	s := serve(t)
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.RecordOrder = jumpcloudtest.OrderShuffled })
	var rows []row
	for i := range 50 {
		rows = append(rows, newRow(fmt.Sprintf("u%d", i)))
	}
	job := s.startJob("POST", rows...)
	first, second := s.results(job), s.results(job)
	s.Expect(first).NotTo(Equal(second))
	s.Expect(first).To(ConsistOf(second))
}

func TestTellingRecords(t *testing.T) {
	for telling, member := range map[jumpcloudtest.Telling]string{
		jumpcloudtest.TellingMeta: "meta", jumpcloudtest.TellingPersisted: "persistedFields",
	} {
		s := serve(t)
		s.org.Configure(func(b *jumpcloudtest.Behavior) { b.Telling = telling })
		job := s.startJob("POST", newRow("a"), row{"username": "b"})
		s.Expect(s.results(job)[0][member]).To(Equal(map[string]any{"username": "a", "email": "a@x.org"}))
		s.clock.Advance(time.Minute)
		s.Expect(s.results(job)[0][member]).To(HaveKeyWithValue("id", s.id("a")))
		s.Expect(s.results(job)[1][member]).To(Equal(map[string]any{"username": "b"}))
	}
	s := serve(t, "a")
	s.org.Configure(func(b *jumpcloudtest.Behavior) {
		b.Telling, b.RecordIDsAreJobID = jumpcloudtest.TellingFieldNames, true
	})
	job := s.startJob("PATCH", row{"id": s.id("a"), "department": "IT"})
	s.Expect(s.results(job)[0]).To(And(
		HaveKeyWithValue("persistedFields", []any{"department", "id"}), HaveKeyWithValue("meta", map[string]any{}), HaveKeyWithValue("id", job)))
}

func TestResultPaging(t *testing.T) {
	s := serve(t)
	var rows []row
	for i := range 25 {
		rows = append(rows, newRow(fmt.Sprintf("u%d", i)))
	}
	path := "/api/v2/bulk/users/" + s.startJob("POST", rows...) + "/results"
	s.Expect(s.get(path).list()).To(HaveLen(10), "the default")
	s.Expect(s.get(path + "?limit=100").list()).To(HaveLen(25))
	s.Expect(s.get(path + "?limit=20&skip=20").list()).To(HaveLen(5))
	s.Expect(s.get(path + "?skip=25").Text).To(Equal("[]\n"))
	s.Expect(s.get(path + "?skip=-1").Status).To(Equal(400))
	first := s.get(path + "?limit=20")
	s.Expect(first.Header.Get("X-Total-Count")).To(Equal("25"))
	s.Expect(first.Header).NotTo(HaveKey("Link"))

	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.LinkHeader, b.OmitTotalHeader = true, true })
	s.Expect(s.get(path + "?limit=20").Header.Get("Link")).To(Equal("<" + path + `?limit=20&skip=20>; rel="next"`))
	s.Expect(s.get(path + "?limit=20&skip=20").Header).NotTo(Or(HaveKey("Link"), HaveKey("X-Total-Count")))

	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.EndlessResults = true })
	for _, skip := range []int{0, 20, 10_000} {
		s.Expect(s.get(fmt.Sprintf("%s?limit=20&skip=%d", path, skip)).list()).To(HaveLen(20))
	}
}

func TestUnknownJob(t *testing.T) {
	s := serve(t)
	const path = "/api/v2/bulk/users/65f1c0ffee65f1c0ffee9999/results"
	s.Expect(s.get(path).Status).To(Equal(404))
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.UnknownJobStatus = 200; b.ResultRetention = time.Hour })
	got := s.get(path)
	s.Expect(got.Status).To(Equal(200))
	s.Expect(got.Text).To(Equal("[]\n"))

	job := s.startJob("POST", newRow("a"))
	s.clock.Advance(time.Hour)
	s.Expect(s.results(job)).To(HaveLen(1), "an hour after its end, not after its start")
	s.clock.Advance(time.Hour)
	s.Expect(s.results(job)).To(BeEmpty())
}

func TestJobsEndpointsAreWithdrawn(t *testing.T) {
	s := serve(t)
	job := s.startJob("POST", newRow("a"), newRow("b"))
	s.Expect(s.get("/api/v2/jobs/" + job).Status).To(Equal(404))
	s.Expect(s.get("/api/v2/jobs/" + job + "/results").Status).To(Equal(404))

	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.ServeJobs = true })
	s.Expect(s.get("/api/v2/jobs/" + job).object()).To(And(
		HaveKeyWithValue("id", job), HaveKeyWithValue("status", "pending"), HaveKeyWithValue("workUnitsCount", 2.0)))
	s.Expect(s.get("/api/v2/jobs/" + job + "/results").list()).To(Equal(s.results(job)))
	s.clock.Advance(time.Minute)
	s.Expect(s.get("/api/v2/jobs/" + job).object()).To(HaveKeyWithValue("status", "finished"))
	s.Expect(s.get("/api/v2/jobs/65f1c0ffee65f1c0ffee9999").Status).To(Equal(404))
}

func TestRowFaults(t *testing.T) {
	rows := []row{newRow("a"), newRow("b")}
	for name, c := range map[string]struct {
		fault jumpcloudtest.RowFault
		want  []string // of b, in three jobs with only b
		users int
	}{
		"fails, for ever":     {jumpcloudtest.RowFault{}, []string{"failed: InternalServerError", "failed: InternalServerError", "failed: InternalServerError"}, 0},
		"fails twice":         {jumpcloudtest.RowFault{Times: 2, StatusMsg: "UserModel validation failed"}, []string{"failed: UserModel validation failed", "failed: UserModel validation failed", "finished"}, 1},
		"another word":        {jumpcloudtest.RowFault{Times: 1, Status: "ERROR", StatusMsg: "x"}, []string{"ERROR: x", "finished", "failed: User already exists"}, 1},
		"applied, yet failed": {jumpcloudtest.RowFault{Times: 1, Apply: true}, []string{"failed: InternalServerError", "failed: User already exists", "failed: User already exists"}, 1},
		"lost":                {jumpcloudtest.RowFault{Times: 2, Record: jumpcloudtest.RecordFinished}, []string{"finished", "finished", "finished"}, 1},
		"stuck":               {jumpcloudtest.RowFault{Times: 1, Record: jumpcloudtest.RecordPending}, []string{"pending", "finished", "failed: User already exists"}, 1},
		"applied, yet stuck":  {jumpcloudtest.RowFault{Times: 1, Record: jumpcloudtest.RecordPending, Apply: true}, []string{"pending", "failed: User already exists", "failed: User already exists"}, 1},
		"slow":                {jumpcloudtest.RowFault{Times: 1, Record: jumpcloudtest.RecordTruthful, Apply: true, Delay: time.Hour}, []string{"pending", "finished", "failed: User already exists"}, 1},
		"of updates only":     {jumpcloudtest.RowFault{Kind: jumpcloudtest.JobUpdate}, []string{"finished", "failed: User already exists", "failed: User already exists"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			c.fault.Username = "b"
			s.org.ScriptRows(c.fault)
			s.Expect(s.runJob("POST", rows...)).To(Equal([]string{"finished", c.want[0]}))
			s.Expect(s.runJob("POST", rows[1])).To(Equal(c.want[1:2]))
			s.Expect(s.runJob("POST", rows[1])).To(Equal(c.want[2:]))
			s.Expect(s.org.CountUsers()).To(Equal(1 + c.users))
		})
	}
}

func TestRowFaultsCountEachRow(t *testing.T) {
	s := serve(t, "a")
	s.org.ScriptRows(jumpcloudtest.RowFault{Times: 1, Where: func(r map[string]any) bool { return r["department"] == "IT" }})
	it := func(name string) row { r := newRow(name); r["department"] = "IT"; return r }
	rows := []row{it("b"), newRow("c"), it("d")}
	s.Expect(s.runJob("POST", rows...)).To(Equal([]string{"failed: InternalServerError", "finished", "failed: InternalServerError"}))
	s.Expect(s.runJob("POST", rows[0], rows[2])).To(Equal([]string{"finished", "finished"}))

	s.org.ScriptRows(jumpcloudtest.RowFault{Username: "a"})
	s.Expect(s.runJob("PATCH", row{"id": s.id("a")})).To(Equal([]string{"failed: InternalServerError"}), "by the username of the id")
	s.org.RemoveRowFaults()
	s.Expect(s.runJob("PATCH", row{"id": s.id("a")})).To(Equal([]string{"finished"}))
}

func TestSlowRowDoesNotHoldUpOthers(t *testing.T) {
	s := serve(t)
	s.org.ScriptRows(jumpcloudtest.RowFault{
		Username: "slow", Record: jumpcloudtest.RecordTruthful, Apply: true, Delay: time.Hour,
	})
	job := s.startJob("POST", newRow("slow"), newRow("quick"))
	s.clock.Advance(time.Minute)
	s.Expect(s.statuses(job)).To(Equal([]string{"pending", "finished"}))
	s.clock.Advance(time.Hour)
	s.Expect(s.statuses(job)).To(Equal([]string{"finished", "finished"}))
}

func TestRepeatedSubmissions(t *testing.T) {
	s := serve(t)
	s.org.ScriptRows(jumpcloudtest.RowFault{Username: "failed", Times: 1})
	rows := []row{newRow("applied"), newRow("failed"), newRow("failed")} // twice in one job is no repetition
	again := []row{newRow("applied"), newRow("failed"), newRow("new")}
	repeats := func(username string) []bool {
		var out []bool
		for _, submission := range s.org.Submissions()[username] {
			out = append(out, submission.Repeats)
		}
		return out
	}
	s.startJob("POST", rows...)
	s.clock.Advance(time.Minute)
	s.startJob("PATCH", row{"id": s.id("applied")})
	s.startJob("POST", again...)
	s.startJob("POST", newRow("new"))
	s.Expect(repeats("applied")).To(Equal([]bool{false, false, true}), "of another kind is none; had taken effect")
	s.Expect(repeats("failed")).To(Equal([]bool{false, false, true}), "its second row was applied")
	s.Expect(repeats("new")).To(Equal([]bool{false, true}), "could still take effect")

	s.org.ScriptRows(jumpcloudtest.RowFault{Username: "lost", Times: 1, Record: jumpcloudtest.RecordFinished})
	s.runJob("POST", newRow("lost"))
	s.runJob("POST", newRow("lost"))
	s.Expect(repeats("lost")).To(Equal([]bool{false, false}), "had taken no effect")
}

func TestJobsAndSubmissions(t *testing.T) {
	s := serve(t, "old")
	create := s.startJob("POST", newRow("a"), row{"username": "b", "email": "old@x.org"})
	s.clock.Advance(time.Minute)
	update := s.startJob("PATCH", row{"id": s.id("a"), "department": "IT"}, row{"id": "65f1c0ffee65f1c0ffee9999"})

	jobs := s.org.Jobs()
	s.Expect(jobs).To(HaveLen(2))
	s.Expect(jobs[0].ID).To(Equal(create))
	s.Expect(jobs[0].Kind).To(Equal(jumpcloudtest.JobCreate))
	s.Expect(jobs[0].SuppressEmail).To(BeTrue())
	s.Expect(jobs[0].CreationSource).To(Equal("jumpcloud:bulk"))
	s.Expect(jobs[0].AcceptedAt).To(Equal(start))
	s.Expect(jobs[0].Rows).To(Equal([]jumpcloudtest.JobRow{
		{Input: newRow("a"), Username: "a", Settled: true, Applied: true, UserID: s.id("a")},
		{Input: row{"username": "b", "email": "old@x.org"}, Username: "b", Settled: true, Failed: true, Message: "User already exists"},
	}))
	s.Expect(jobs[1].Rows[0].Settled).To(BeFalse())

	s.Expect(s.org.Submissions()).To(Equal(map[string][]jumpcloudtest.Submission{
		"a": {
			{JobID: create, Kind: jumpcloudtest.JobCreate, Request: jobs[0].Request, Row: 0, Applied: true},
			{JobID: update, Kind: jumpcloudtest.JobUpdate, Request: jobs[1].Request, Row: 0},
		},
		"b":                        {{JobID: create, Kind: jumpcloudtest.JobCreate, Request: jobs[0].Request, Row: 1}},
		"65f1c0ffee65f1c0ffee9999": {{JobID: update, Kind: jumpcloudtest.JobUpdate, Request: jobs[1].Request, Row: 1}},
	}))
	for _, r := range s.sim.MutatingRequests() {
		s.Expect(r.JobID).To(Or(Equal(create), Equal(update)))
		s.Expect(r.Number).To(Or(Equal(jobs[0].Request), Equal(jobs[1].Request)))
	}
}
