package jumpcloud_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const (
	workdayPassword = `isu"pa<ss>`
	workdayReport   = "https://wd.example.com/report?format=json"
	workdayInstance = `{"id":"w1","name":"Workday Import","reportUrl":"` + workdayReport + `","lastImport":"",
		"auth":{"basic":{"isValid":true,"expiry":"2027-01-01","message":""},"oauth":{"isValid":false,"expiry":"","message":""}}}`
)

var isu = jumpcloud.WorkdayCredentials{Username: "isu_jumpcloud", Password: workdayPassword}

func TestWorkdayInstances(t *testing.T) {
	want := jumpcloud.WorkdayInstance{
		ID: "w1", Name: jumpcloud.WorkdayInstanceName, ReportURL: workdayReport,
		Auth: jumpcloud.WorkdayAuth{Basic: jumpcloud.WorkdayAuthInfo{IsValid: true, Expiry: "2027-01-01"}},
	}
	for _, created := range []int{200, 201} { // Documented 201, in an older specification 200 too.
		g := NewWithT(t)
		client, rec := serve(t, sequence(
			answers(200, `[`+workdayInstance+`]`, "X-Total-Count", "1"), answers(created, workdayInstance),
			answers(200, workdayInstance),
		))
		all, err := drain(client.WorkdayInstancePages(t.Context(), 0))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(all).To(Equal([]jumpcloud.WorkdayInstance{want}))

		instance, err := client.CreateWorkdayInstance(t.Context(), soon(), jumpcloud.WorkdayInstanceInput{ReportURL: workdayReport, Credentials: isu})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(*instance).To(Equal(want))
		instance, err = client.GetWorkdayInstance(t.Context(), "w1")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(*instance).To(Equal(want))
		instance, err = client.UpdateWorkdayInstance(t.Context(), soon(), "w1", jumpcloud.WorkdayInstanceUpdate{Name: "Workday Import", ReportURL: workdayReport})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(*instance).To(Equal(want))
		var lines []string
		for _, r := range rec.all() {
			lines = append(lines, r.line())
		}

		client, rec = serve(t, answers(204, ``))
		g.Expect(client.AuthorizeWorkdayInstance(t.Context(), soon(), "w1", isu)).To(Succeed())
		g.Expect(client.DeauthorizeWorkdayInstance(t.Context(), soon(), "w1")).To(Succeed())

		const auth = `"auth":{"basic":{"username":"isu_jumpcloud","password":"isu\"pa\u003css\u003e"}}`
		for _, r := range rec.all() {
			lines = append(lines, r.line())
		}
		g.Expect(lines).To(Equal([]string{
			`GET /api/v2/workdays limit=100&skip=0`,
			`POST /api/v2/workdays {"name":"Workday Import","reportUrl":"` + workdayReport + `",` + auth + `}`,
			`GET /api/v2/workdays/w1`,
			`PUT /api/v2/workdays/w1 {"name":"Workday Import","reportUrl":"` + workdayReport + `"}`,
			`POST /api/v2/workdays/w1/auth {` + auth + `}`,
			`DELETE /api/v2/workdays/w1/auth`,
		}))
	}
}

// No answer of these endpoints was ever observed.
func TestWorkdayInstancesAreReadLeniently(t *testing.T) {
	for body, want := range map[string]jumpcloud.WorkdayInstance{
		`{"id":"w1"}`: {ID: "w1"},
		`{"id":"w1","name":null,"reportUrl":null,"lastImport":{"at":1},"auth":null}`: {ID: "w1", Unread: jumpcloud.Unread{"lastImport"}},
		`{"id":"w1","name":5,"reportUrl":{}}`:                                        {ID: "w1", Unread: jumpcloud.Unread{"name", "reportUrl"}},
		`{"id":7,"lastImport":1788246000,"auth":{"basic":null,"later":{}}}`:          {ID: "7", LastImport: "1788246000"},
		`{"id":"w1","auth":{"basic":{"isValid":"true","expiry":1788246000,"message":null}}}`: {
			ID: "w1", Auth: jumpcloud.WorkdayAuth{Basic: jumpcloud.WorkdayAuthInfo{IsValid: true, Expiry: "1788246000"}},
		},
		`{"id":"w1","auth":{"basic":{"isValid":1}}}`: {
			ID: "w1", Auth: jumpcloud.WorkdayAuth{Basic: jumpcloud.WorkdayAuthInfo{Unread: jumpcloud.Unread{"isValid"}}},
		},
	} {
		g := NewWithT(t)
		client, _ := serve(t, answers(200, body))
		instance, err := client.GetWorkdayInstance(t.Context(), "w1")
		g.Expect(err).NotTo(HaveOccurred(), body)
		g.Expect(*instance).To(Equal(want), body)
	}
}

// What JumpCloud says about credentials may quote them.
func TestWorkdayMessagesAreMasked(t *testing.T) {
	g := NewWithT(t)
	quoted, err := json.Marshal("bad\n" + workdayPassword + " for " + testKey)
	g.Expect(err).NotTo(HaveOccurred())
	client, _ := serve(t, answers(200, `{"id":"w1","auth":{"basic":{"message":`+string(quoted)+`},"oauth":{"message":`+string(quoted)+`}}}`))
	created, err := client.CreateWorkdayInstance(t.Context(), soon(), jumpcloud.WorkdayInstanceInput{Credentials: isu})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(created.Auth.Basic.Message).To(Equal("bad *** for ***"))
	g.Expect(created.Auth.OAuth.Message).To(Equal("bad *** for ***"))
	read, err := client.GetWorkdayInstance(t.Context(), "w1")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(read.Auth.Basic.Message).To(HaveSuffix("for ***"))

	client, _ = serve(t, answers(400, `{"message":`+string(quoted)+`}`))
	_, err = client.CreateWorkdayInstance(t.Context(), soon(), jumpcloud.WorkdayInstanceInput{Credentials: isu})
	for _, err := range []error{err, client.AuthorizeWorkdayInstance(t.Context(), soon(), "w1", isu)} {
		failure, ok := errors.AsType[*jumpcloud.Error](err)
		g.Expect(ok).To(BeTrue())
		g.Expect(failure.Message()).To(Equal("bad *** for ***"))
		g.Expect(err.Error()).NotTo(ContainSubstring(workdayPassword))
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		g.Expect(fmt.Sprintf(format, jumpcloud.WorkdayInstanceInput{Credentials: isu})).NotTo(ContainSubstring("pa<ss>"))
	}
}

func TestWorkdayWorkers(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, answers(200, `[
		{"email":"ada@example.org","username":"ada.byron","firstName":"Ada","lastName":"Byron","attributes":{"EmployeeID":"0042","n":9007199254740993}},
		{"email":null,"username":42,"firstName":{"x":1},"attributes":null,"later":1},
		{"attributes":[{"name":"n","value":"v"}]},
		{}]`))
	workers, err := drain(client.WorkdayWorkerPages(t.Context(), "w1", 200))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(workers).To(Equal([]jumpcloud.WorkdayWorker{
		{
			Email: "ada@example.org", Username: "ada.byron", FirstName: "Ada", LastName: "Byron",
			Attributes: json.RawMessage(`{"EmployeeID":"0042","n":9007199254740993}`),
		},
		{Username: "42", Unread: jumpcloud.Unread{"firstName"}},
		{Attributes: json.RawMessage(`[{"name":"n","value":"v"}]`)},
		{},
	}))
	g.Expect(rec.last(t).line()).To(Equal("GET /api/v2/workdays/w1/workers limit=100&skip=200&sort=email"))

	for _, body := range []string{`{}`, `["ada"]`, `{"message":"welcome"}`, ``} {
		client, _ = serve(t, answers(200, body))
		_, err = drain(client.WorkdayWorkerPages(t.Context(), "w1", 0))
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unavailable), body)
	}
}

func TestStartWorkdayImport(t *testing.T) {
	for _, status := range []int{200, 201, 202} { // Documented 201, in the current specification 200.
		g := NewWithT(t)
		client, rec := serve(t, answers(status, `{"jobId":"`+testJob+`"}`))
		id, err := client.StartWorkdayImport(t.Context(), soon(), "w1", []jumpcloud.BulkUserCreate{{
			UserAttributes: jumpcloud.UserAttributes{Username: new("ada.byron"), Firstname: new("Ada"), State: new(jumpcloud.StateStaged)},
		}})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(id).To(Equal(testJob))
		g.Expect(rec.last(t).line()).To(Equal(`POST /api/v2/workdays/w1/import [{"username":"ada.byron","firstname":"Ada","state":"STAGED"}]`))
		g.Expect(rec.last(t).Header).NotTo(HaveKey("Creation-Source"))

		for _, rows := range []int{0, jumpcloud.MaxBulkRows + 1} {
			_, err := client.StartWorkdayImport(t.Context(), soon(), "w1", make([]jumpcloud.BulkUserCreate, rows))
			g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Refused))
		}
		g.Expect(rec.all()).To(HaveLen(1))
	}
}

// Only the answer has the job's id: an answer without one is no success.
func TestAWorkdayImportHasAJob(t *testing.T) {
	for _, body := range []string{``, `{}`, `[]`, `{"jobId":""}`, `{"id":"j1"}`, loginPage} {
		g := NewWithT(t)
		client, _ := serve(t, answers(201, body))
		_, err := client.StartWorkdayImport(t.Context(), soon(), "w1", make([]jumpcloud.BulkUserCreate, 1))
		g.Expect(err).To(HaveOccurred(), body)
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unknown), body)
	}
}

func TestWorkdayResults(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, answers(200, `[{"id":"r1","status":"finished","statusMsg":"not with `+testKey+`","meta":{"row":1}}]`))
	for page, err := range client.WorkdayResultPages(t.Context(), "w1", testJob, 100) {
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(page).To(Equal([]jumpcloud.JobResult{
			{ID: "r1", Status: "finished", StatusMsg: "not with ***", Meta: json.RawMessage(`{"row":1}`)},
		}))
	}
	g.Expect(rec.last(t).line()).To(Equal("GET /api/v2/workdays/w1/import/" + testJob + "/results limit=100&skip=100"))
}
