package jumpcloudtest_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

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

func TestJobsRunSideBySideOrInTurn(t *testing.T) {
	for _, inTurn := range []bool{false, true} {
		s := serve(t)
		s.org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration, b.JobsInTurn = time.Minute, inTurn })
		s.startJob("POST", newRow("a"))
		s.startJob("POST", newRow("b"))
		s.clock.Advance(time.Minute + time.Second)
		users := 2
		if inTurn {
			users = 1
		}
		s.Expect(s.org.CountUsers()).To(Equal(users), "in turn %v", inTurn)
		s.clock.Advance(time.Minute)
		s.Expect(s.org.CountUsers()).To(Equal(2))
	}
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

// The vendor's client of 2019 reads meta.SystemUser.username, also for updates.
func TestRecordsThatNestTheirUser(t *testing.T) {
	s := serve(t, "a")
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.Telling = jumpcloudtest.TellingNested })
	update := s.startJob("PATCH", row{"id": s.id("a"), "department": "IT"})
	s.clock.Advance(time.Minute)
	s.Expect(s.results(update)[0]["meta"]).To(Equal(map[string]any{"SystemUser": map[string]any{"id": s.id("a"), "username": "a", "department": "IT"}}))
	create := s.startJob("POST", row{"username": "b", "email": "b@x.org", "password": "Secret-9"})
	s.Expect(s.results(create)[0]["meta"]).To(Equal(map[string]any{"SystemUser": map[string]any{"username": "b", "email": "b@x.org"}}))
}

// A bulk create may refuse relationships, mfa, and the ids of items, for a row or for the
// whole request.
func TestMembersThatACreateRefuses(t *testing.T) {
	refused := map[string]row{
		`"relationships" is not allowed`:   {"relationships": []row{{"type": "mentor", "value": "7"}}},
		`"mfa" is not allowed`:             {"mfa": row{"exclusion": true}},
		`"addresses.id" is not allowed`:    {"addresses": []row{{"id": "1", "type": "home"}}},
		`"phoneNumbers.id" is not allowed`: {"phoneNumbers": []row{{"id": "1", "type": "home", "number": "7"}}},
	}
	for message, members := range refused {
		s := serve(t)
		bad := newRow("a")
		maps.Copy(bad, members)
		s.Expect(s.runJob("POST", bad)).To(Equal([]string{"finished"}), "by default they are taken")
		bad["username"], bad["email"] = "b", "b@x.org"
		s.org.Configure(func(b *jumpcloudtest.Behavior) { b.CreateRefuses = jumpcloudtest.RefusesRow })
		s.Expect(s.runJob("POST", bad, newRow("c"))).To(Equal([]string{"failed: " + message, "finished"}))
		s.org.Configure(func(b *jumpcloudtest.Behavior) { b.CreateRefuses = jumpcloudtest.RefusesRequest })
		answer := s.send("POST", "/api/v2/bulk/users", []row{newRow("d"), bad})
		s.Expect(answer.Status).To(Equal(400))
		s.Expect(answer.message()).To(Equal(message))
		members["id"] = s.id("c")
		s.Expect(s.runJob("PATCH", members)).To(Equal([]string{"finished"}), "an update takes them")
		s.Expect(s.org.CountUsers()).To(Equal(2))
	}
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
