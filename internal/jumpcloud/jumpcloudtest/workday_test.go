package jumpcloudtest_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const workdaysPath = "/api/v2/workdays"

func basic(username, password string) row {
	return row{"basic": row{"username": username, "password": password}}
}

// valid returns whether the credentials of an instance work.
func (s *site) valid(id string) any {
	auth := s.get(workdaysPath + "/" + id).object()["auth"].(map[string]any)
	return auth["basic"].(map[string]any)["isValid"]
}

func TestWorkdayRules(t *testing.T) {
	anyName := func(b *jumpcloudtest.Behavior) { b.AnyWorkdayName, b.CreateWorkdayStatus = true, 200 }
	other := func(b *jumpcloudtest.Behavior) { b.WorkdayAuthStatus = 422 }
	wrong := func(b *jumpcloudtest.Behavior) { b.RefuseWrongWorkdayPassword = true }
	for name, c := range map[string]struct {
		change func(*jumpcloudtest.Behavior)
		body   row
		status int
	}{
		"complete":                {nil, row{"name": "Workday Import", "reportUrl": "https://x", "auth": basic("u", "p")}, 201},
		"without a name":          {nil, row{"auth": basic("u", "p")}, 201},
		"another name":            {nil, row{"name": "Payroll", "auth": basic("u", "p")}, 400},
		"another name, allowed":   {anyName, row{"name": "Payroll", "auth": basic("u", "p")}, 200},
		"no credentials":          {nil, row{"name": "Workday Import"}, 400},
		"no password":             {nil, row{"auth": basic("u", "")}, 400},
		"OAuth":                   {nil, row{"auth": row{"oauth": row{"code": "x"}}}, 400},
		"no credentials, 422":     {other, row{}, 422},
		"wrong password":          {nil, row{"auth": basic("u", "wrong")}, 201},
		"wrong password, refused": {wrong, row{"auth": basic("u", "wrong")}, 400},
	} {
		s := serve(t)
		s.org.SetWorkdayReport(jumpcloudtest.WorkdayReport{Username: "u", Password: "p"})
		if c.change != nil {
			s.org.Configure(c.change)
		}
		got := s.send("POST", workdaysPath, c.body)
		s.Expect(got.Status).To(Equal(c.status), "%s: %s", name, got.Text)
		s.Expect(got.Text).NotTo(ContainSubstring(`"p"`), "a password is never returned")
		if got.Status >= 300 {
			s.Expect(s.org.Workday()).To(BeNil(), name)
		} else {
			s.Expect(s.org.Workday()).To(HaveKeyWithValue("id", got.object()["id"]), name)
		}
	}
}

func TestWorkday(t *testing.T) {
	s := serve(t)
	s.org.SetWorkdayReport(jumpcloudtest.WorkdayReport{Username: "u", Password: "p", Workers: []jumpcloudtest.Worker{
		{"email": "b@x.org", "username": "b"}, {"email": "a@x.org", "username": "a"},
	}})
	s.Expect(s.get(workdaysPath).Text).To(Equal("[]\n"))
	id := s.send("POST", workdaysPath+"/", row{"auth": basic("u", "p")}).object()["id"].(string)
	s.Expect(s.send("POST", workdaysPath, row{"auth": basic("u", "p")}).Status).To(Equal(409))
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.SecondWorkdayStatus = 400 })
	s.Expect(s.send("POST", workdaysPath, row{"auth": basic("u", "p")}).Status).To(Equal(400))
	s.Expect(s.get(workdaysPath + "?fields=name&filter=name:eq:Workday*").list()).To(Equal([]map[string]any{{"id": id, "name": "Workday Import"}}))

	put := func(body row) answer { return s.send("PUT", workdaysPath+"/"+id, body) }
	s.Expect(put(row{"name": "Payroll", "reportUrl": "https://new"}).Status).To(Equal(400))
	s.Expect(put(row{"name": "Workday Import", "reportUrl": "https://new"}).object()).To(HaveKeyWithValue("reportUrl", "https://new"))
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.IgnoreWorkdayRename = true })
	s.Expect(put(row{"name": "Payroll"}).object()).To(And(HaveKeyWithValue("name", "Workday Import"), HaveKeyWithValue("reportUrl", "https://new")))

	auth := workdaysPath + "/" + id + "/auth"
	workers := workdaysPath + "/" + id + "/workers"
	s.Expect(s.get(workers + "?sort=email&limit=1").list()).To(ConsistOf(HaveKeyWithValue("email", "a@x.org")))
	s.Expect(s.get(workers+"?filter=email:eq:nobody").list()).To(HaveLen(2), "there is no filter")
	s.Expect(s.valid(id)).To(BeTrue())
	s.Expect(s.send("DELETE", auth, nil).Status).To(Equal(204))
	s.Expect(s.valid(id)).To(BeFalse())
	s.Expect(s.get(workers).Status).To(Equal(400))
	s.Expect(s.send("POST", auth, row{}).Status).To(Equal(400))
	s.Expect(s.send("POST", auth, row{"auth": basic("u", "wrong")}).Status).To(Equal(204))
	s.Expect(s.valid(id)).To(BeFalse())
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.WorkersStatus = 200 })
	s.Expect(s.get(workers).Text).To(Equal("[]\n"))
	s.Expect(s.send("POST", auth, row{"auth": basic("u", "p")}).Status).To(Equal(204))
	s.Expect(s.valid(id)).To(BeTrue())
	username, password := s.org.WorkdayCredentials()
	s.Expect(username + password).To(Equal("up"))

	s.Expect(s.send("DELETE", workdaysPath+"/"+id, nil).Status).To(Equal(404), "withdrawn")
	s.org.RemoveWorkday()
	for _, c := range []struct{ method, path string }{
		{"GET", ""}, {"PUT", ""}, {"POST", "/auth"}, {"DELETE", "/auth"}, {"GET", "/workers"}, {"POST", "/import"}, {"GET", "/import/x/results"},
	} {
		s.Expect(s.send(c.method, workdaysPath+"/"+id+c.path, row{}).Status).To(Equal(404), c.method+c.path)
	}
	username, _ = s.org.WorkdayCredentials()
	s.Expect(username).To(BeEmpty())
}

func TestWorkdayImport(t *testing.T) {
	s := serve(t)
	id := s.org.AddWorkday("Workday Import", "https://x", "u", "p")
	path := workdaysPath + "/" + id
	accepted := s.send("POST", path+"/import", []row{newRow("a"), newRow("b"), newRow("a")})
	s.Expect(accepted.Status).To(Equal(201))
	job := accepted.object()["jobId"].(string)
	s.Expect(s.org.Workday()).To(HaveKeyWithValue("lastImport", "2026-05-04T09:00:00.000Z"))
	s.clock.Advance(time.Minute)
	s.Expect(s.org.UserByUsername("a")).To(And(
		HaveKeyWithValue("creationSource", "jumpcloud:workday"), HaveKeyWithValue("state", "ACTIVATED")), "as applications import")
	results := s.get(path + "/import/" + job + "/results?limit=2&skip=1")
	s.Expect(results.list()).To(ConsistOf(HaveKeyWithValue("status", "finished"), HaveKeyWithValue("status", "failed")))
	s.Expect(results.Header.Get("X-Total-Count")).To(Equal("3"))
	s.Expect(results.list()).To(ContainElement(HaveKeyWithValue("persistedFields", newRow("b"))), "they carry the row")
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.HideImportedRows = true })
	s.Expect(s.get(path + "/import/" + job + "/results").list()).To(HaveEach(HaveKeyWithValue("persistedFields", BeEmpty())))
	s.Expect(s.statuses(job)).To(HaveLen(3), "the other path answers too")
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.ImportResultsApart, b.ImportStatus = true, 200 })
	s.Expect(s.get("/api/v2/bulk/users/" + job + "/results").Status).To(Equal(404))
	s.Expect(s.get(path + "/import/" + job + "/results").Status).To(Equal(200))

	bulk := s.startJob("POST", newRow("c"))
	s.Expect(s.get(path+"/import/"+bulk+"/results").Status).To(Equal(404), "not an import")
	s.Expect(s.send("POST", path+"/import", []row{newRow("d")}).Status).To(Equal(200))
	s.clock.Advance(time.Minute)
	s.Expect(s.send("POST", path+"/import", []row{}).Status).To(Equal(400))
	s.Expect(s.org.Workday()).To(HaveKeyWithValue("lastImport", "2026-05-04T09:01:00.000Z"), "what was refused is no import")
}

func TestControlWorkday(t *testing.T) {
	s := serve(t)
	base := "organizations/" + s.org.ID() + "/"
	s.control(404, "GET", base+"workday", nil)
	id := s.control(200, "PUT", base+"workday", row{"reportUrl": "https://x", "username": "u", "password": "p"}).object()["id"].(string)
	s.control(400, "PUT", base+"workday", row{"url": "https://x"})
	s.control(204, "PUT", base+"workday-report", row{"workers": []row{{"email": "a@x.org"}}})
	s.control(400, "PUT", base+"workday-report", row{"rows": 1})
	s.Expect(s.get(workdaysPath + "/" + id + "/workers").list()).To(HaveLen(1))
	s.Expect(s.control(200, "GET", base+"workday", nil).object()).To(And(HaveKeyWithValue("id", id), HaveKeyWithValue("name", "Workday Import")))
	s.control(204, "DELETE", base+"workday", nil)
	s.control(404, "GET", base+"workday", nil)

	s.control(204, "POST", "seed", `{"organizations": [{"id": "65f1c0ffee65f1c0ffee9000", "apiKey": "k2", "workdayReport": {"workers": [{"email": "a@x.org"}]}}]}`)
	id = s.sim.Organization("65f1c0ffee65f1c0ffee9000").AddWorkday("Workday Import", "", "u", "p")
	s.Expect(s.get(workdaysPath+"/"+id+"/workers", "x-api-key: k2").list()).To(HaveLen(1))
}
