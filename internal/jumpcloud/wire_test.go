package jumpcloud_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestStartBulkCreate(t *testing.T) {
	for _, status := range []int{200, 201, 202} { // Documented 201, observed 200.
		g := NewWithT(t)
		client, rec := serve(t, answers(status, `{"jobId":"`+testJob+`"}`))
		id, err := client.StartBulkCreate(t.Context(), soon(), []jumpcloud.BulkUserCreate{
			{
				UserAttributes: jumpcloud.UserAttributes{
					Username: new("ada.byron"), Email: new("ada@example.org"), State: new(jumpcloud.StateStaged),
					Attributes: []jumpcloud.CustomAttribute{{Name: "EmployeeID", Value: "0042"}},
					UnixUID:    new(int64(5001)), Sudo: new(false),
				},
				Password:      "s3cret",
				RecoveryEmail: &jumpcloud.RecoveryEmail{Address: "a@example.org"},
			},
			{UserAttributes: jumpcloud.UserAttributes{Username: new("chas.babbage")}},
		}, jumpcloud.BulkCreateOptions{CreationSource: "jumpcloud:workday", SuppressEmail: true})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(id).To(Equal(testJob))

		r := rec.last(t)
		g.Expect(r.Method + " " + r.Path + "?" + r.Query).To(Equal("POST /api/v2/bulk/users?suppressEmail=true"))
		g.Expect(r.Body).To(MatchJSON(`[
			{"username":"ada.byron","email":"ada@example.org","state":"STAGED",
			 "attributes":[{"name":"EmployeeID","value":"0042"}],"unix_uid":5001,"sudo":false,
			 "password":"s3cret","recoveryEmail":{"address":"a@example.org"}},
			{"username":"chas.babbage"}]`))
		for name, value := range map[string]string{
			"X-Api-Key": testKey, "X-Org-Id": testOrg, "Creation-Source": "jumpcloud:workday",
			"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "test/1",
			"Content-Length": strconv.Itoa(len(r.Body)),
		} {
			g.Expect(r.Header.Get(name)).To(Equal(value), name)
		}
	}
}

func TestStartBulkUpdate(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, answers(200, `{"jobId":"`+testJob+`"}`))
	id, err := client.StartBulkUpdate(t.Context(), soon(), []jumpcloud.BulkUserUpdate{
		{ID: "u1", UserAttributes: jumpcloud.UserAttributes{
			Department: new(""), Addresses: []jumpcloud.Address{{Type: "home", POBox: new(""), Locality: new("Turin")}},
		}},
		{ID: "u2", UserAttributes: jumpcloud.UserAttributes{PhoneNumbers: []jumpcloud.PhoneNumber{}}},
	}, jumpcloud.BulkUpdateOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(id).To(Equal(testJob))
	r := rec.last(t)
	g.Expect(r.Method + " " + r.Path + "?" + r.Query).To(Equal("PATCH /api/v2/bulk/users?"))
	g.Expect(r.Header).NotTo(HaveKey("Creation-Source"))
	g.Expect(r.Body).To(MatchJSON(`[
		{"id":"u1","department":"","addresses":[{"type":"home","poBox":"","locality":"Turin"}]},
		{"id":"u2","phoneNumbers":[]}]`))
}

func TestBulkJobsHaveASize(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, answers(200, `{"jobId":"j"}`))
	for _, rows := range []int{0, jumpcloud.MaxBulkRows + 1} {
		_, err := client.StartBulkUpdate(t.Context(), soon(), make([]jumpcloud.BulkUserUpdate, rows), jumpcloud.BulkUpdateOptions{})
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Refused))
	}
	g.Expect(rec.all()).To(BeEmpty())
	_, err := client.StartBulkUpdate(t.Context(), soon(), make([]jumpcloud.BulkUserUpdate, jumpcloud.MaxBulkRows), jumpcloud.BulkUpdateOptions{})
	g.Expect(err).NotTo(HaveOccurred())
}

func TestJobResults(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, answers(200, `[
		{"id":"r1","status":"finished","statusMsg":"","meta":{"a":1},"persistedFields":["x"],"createdAt":"2026-05-04T09:00:00.000Z","updatedAt":null},
		{"id":7,"status":true,"statusMsg":{"password":"x"},"unknown":1},
		{"id":"r3","status":"failed","statusMsg":"not with `+testKey+`"}]`))
	for page, err := range client.BulkResultPages(t.Context(), testJob, 200) {
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(page).To(Equal([]jumpcloud.JobResult{
			{ID: "r1", Status: "finished", Meta: json.RawMessage(`{"a":1}`), PersistedFields: json.RawMessage(`["x"]`), CreatedAt: "2026-05-04T09:00:00.000Z"},
			{ID: "7", Status: "true"},
			{ID: "r3", Status: "failed", StatusMsg: "not with ***"},
		}))
	}
	r := rec.last(t)
	g.Expect(r.Method + " " + r.Path + "?" + r.Query).To(Equal("GET /api/v2/bulk/users/" + testJob + "/results?limit=100&skip=200"))
}

// Many servers write an empty list as null.
func TestNoJobResults(t *testing.T) {
	for _, body := range []string{`[]`, `null`} {
		g := NewWithT(t)
		client, _ := serve(t, answers(200, body))
		for page, err := range client.BulkResultPages(t.Context(), testJob, 0) {
			g.Expect(err).NotTo(HaveOccurred(), body)
			g.Expect(page).To(BeEmpty())
		}
	}
}

func TestJobResultsArePaged(t *testing.T) {
	const record = `{"id":"r","status":"finished"}`
	pages := func(sizes ...int) http.HandlerFunc {
		var all []http.HandlerFunc
		for _, n := range sizes {
			all = append(all, answers(200, "["+strings.Join(slices.Repeat([]string{record}, n), ",")+"]"))
		}
		return sequence(all...)
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		pages   []string
	}{
		"empty":       {pages(0), []string{"0"}},
		"short":       {pages(99), []string{"99"}},
		"full":        {pages(100, 0), []string{"100", "0"}},
		"several":     {pages(100, 100, 1), []string{"100", "100", "1"}},
		"with errors": {sequence(pages(100), answers(500, "")), []string{"100", "error"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client, rec := serve(t, test.handler)
			var pages []string
			for page, err := range client.BulkResultPages(t.Context(), testJob, 7) {
				if err != nil {
					pages = append(pages, "error")
					continue
				}
				pages = append(pages, strconv.Itoa(len(page)))
			}
			g.Expect(pages).To(Equal(test.pages))
			for i, r := range rec.all() {
				g.Expect(r.Query).To(Equal(fmt.Sprintf("limit=100&skip=%d", 7+100*i)))
			}
		})
	}
}

func TestSingleUserCalls(t *testing.T) {
	const user = `{"_id":"u1","username":"ada","suspended":true,"admin":{"id":"a1","roleName":"x"},
		"attributes":[{"_id":"1","name":"n","value":"v"}],"delegatedAuthority":null,
		"external_password_expiration_date":"2026-01-01","recoveryEmail":{"address":"r@x.org","verified":true}}`
	g := NewWithT(t)
	client, rec := serve(t, answers(200, user))

	got, err := client.GetUser(t.Context(), "u1")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got).To(Equal(&jumpcloud.User{
		ID: "u1", Suspended: new(true), Admin: &jumpcloud.Admin{ID: "a1"},
		RecoveryEmail: &jumpcloud.RecoveryEmail{Address: "r@x.org"},
		UserAttributes: jumpcloud.UserAttributes{
			Username: new("ada"), Attributes: []jumpcloud.CustomAttribute{{Name: "n", Value: "v"}},
			ExternalPasswordExpirationDate: new("2026-01-01"),
		},
	}))

	_, err = client.UpdateUser(t.Context(), soon(), "u1", jumpcloud.UserUpdate{
		UserAttributes: jumpcloud.UserAttributes{State: new(jumpcloud.StateSuspended)},
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(client.DeleteUser(t.Context(), soon(), "u1", jumpcloud.DeleteUserOptions{CascadeManager: "null"})).To(Succeed())

	var lines []string
	for _, r := range rec.all() {
		lines = append(lines, strings.TrimSpace(r.Method+" "+r.Path+" "+r.Query+" "+r.Body))
	}
	g.Expect(lines).To(Equal([]string{
		`GET /api/systemusers/u1`,
		`PUT /api/systemusers/u1  {"state":"SUSPENDED"}`,
		`DELETE /api/systemusers/u1 cascade_manager=null`,
	}))
}

// An empty id would address the collection, and dots another resource.
func TestIdsCannotAddressSomethingElse(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, aUser)
	for _, id := range []string{"", ".", ".."} {
		g.Expect(jumpcloud.ClassOf(client.DeleteUser(t.Context(), soon(), id, jumpcloud.DeleteUserOptions{}))).To(Equal(jumpcloud.Refused))
	}
	g.Expect(rec.all()).To(BeEmpty())
	for id, path := range map[string]string{
		"a/../b": "/api/systemusers/a%2F..%2Fb", "a?b#c": "/api/systemusers/a%3Fb%23c", "%2e%2e": "/api/systemusers/%252e%252e",
	} {
		g.Expect(client.DeleteUser(t.Context(), soon(), id, jumpcloud.DeleteUserOptions{})).To(Succeed())
		g.Expect(rec.last(t).Path).To(Equal(path))
	}
}

// users is a handler for lists of that many users.
func users(total int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var limit, skip int
		_, _ = fmt.Sscan(r.URL.Query().Get("limit"), &limit)
		_, _ = fmt.Sscan(r.URL.Query().Get("skip"), &skip)
		results := []map[string]any{}
		for i := skip; i < min(total, skip+limit); i++ {
			results = append(results, map[string]any{"_id": fmt.Sprint("u", i)})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"totalCount": total, "results": results})
	}
}

func TestUserPages(t *testing.T) {
	for name, test := range map[string]struct {
		total, skip, limit int
		pages              []int
	}{
		"none":        {0, 0, 0, []int{0}},
		"some":        {30, 0, 0, []int{30}},
		"full page":   {100, 0, 0, []int{100}},
		"three":       {250, 0, 0, []int{100, 100, 50}},
		"from a skip": {250, 100, 0, []int{100, 50}},
		"past skip":   {10, 20, 0, []int{0}},
		"small pages": {5, 0, 2, []int{2, 2, 1}},
		"too large":   {150, 0, 1000, []int{100, 50}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			client, rec := serve(t, users(test.total))
			var pages []int
			next := test.skip
			for page, err := range client.UserPages(t.Context(), jumpcloud.UserListOptions{Skip: test.skip, Limit: test.limit}) {
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(page.Skip).To(Equal(next))
				g.Expect(page.TotalCount).To(Equal(test.total))
				for i, user := range page.Users {
					g.Expect(user.ID).To(Equal(fmt.Sprint("u", next+i)))
				}
				next += len(page.Users)
				pages = append(pages, len(page.Users))
			}
			g.Expect(pages).To(Equal(test.pages))
			g.Expect(rec.all()).To(HaveLen(len(test.pages)))
		})
	}
}

func TestPagesAreReadWhenAskedFor(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, users(1000))
	for _, err := range client.UserPages(t.Context(), jumpcloud.UserListOptions{}) {
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(rec.all()).To(HaveLen(1))
		break
	}
	g.Expect(rec.all()).To(HaveLen(1))
}

func TestPagesEndWithAnError(t *testing.T) {
	g := NewWithT(t)
	client, _ := serve(t, sequence(users(1000), answers(500, "")))
	var got []string
	for page, err := range client.UserPages(t.Context(), jumpcloud.UserListOptions{}) {
		got = append(got, fmt.Sprintf("page %t, error %t", page != nil, err != nil))
	}
	g.Expect(got).To(Equal([]string{"page true, error false", "page false, error true"}))
}

// JSON that is not a list must not pass for an empty directory.
func TestListsMustBeLists(t *testing.T) {
	for body, ok := range map[string]bool{
		`{}`: false, `{"message":"welcome"}`: false, `{"totalCount":3}`: false, `{"results":[]}`: false,
		`{"totalCount":3,"results":[]}`: true, `{"totalCount":0,"results":[]}`: true, `{"totalCount":0,"results":null}`: true,
		`{"totalCount":1,"results":[{"_id":"a"}]}`: true, `{"totalCount":1,"results":[{"id":"a"}]}`: false, `null`: false,
	} {
		g := NewWithT(t)
		client, _ := serve(t, answers(200, body))
		for _, err := range client.UserPages(t.Context(), jumpcloud.UserListOptions{}) {
			g.Expect(err == nil).To(Equal(ok), body)
		}
		_, err := client.ListOrganizations(t.Context())
		g.Expect(err == nil).To(Equal(ok), body)
	}
}

func TestUserListQuery(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, users(0))
	options := jumpcloud.UserListOptions{
		Fields: []string{"username", "email"},
		Filter: []jumpcloud.Condition{
			{Field: "state", Operator: jumpcloud.NotEqual, Value: "STAGED"},
			{Field: "created", Operator: jumpcloud.Greater, Value: "2026-01-01T00:00:00Z"},
		},
	}
	for _, err := range client.UserPages(t.Context(), options) {
		g.Expect(err).NotTo(HaveOccurred())
	}
	r := rec.last(t)
	g.Expect(r.Method + " " + r.Path).To(Equal("GET /api/systemusers"))
	query, err := url.ParseQuery(r.Query)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(query).To(Equal(url.Values{
		"limit": {"100"}, "skip": {"0"}, "sort": {"_id"}, "fields": {"_id username email"},
		"filter[0]": {"state:$ne:STAGED"}, "filter[1]": {"created:$gt:2026-01-01T00:00:00Z"},
	}))
}

func TestUserSearchBody(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, answers(200, `{"totalCount":0,"results":[]}`))
	search := jumpcloud.UserSearch{
		Skip: 5, Limit: 50, Fields: []string{"email"},
		AnyOf: []jumpcloud.Condition{
			{Field: "email", Operator: jumpcloud.Equal, Value: "ada@example.org"},
			{Field: "_id", Operator: jumpcloud.Equal, Value: "u1"},
			jumpcloud.EqualFold("username", "ada.b+c"),
		},
	}
	for _, err := range client.SearchUserPages(t.Context(), search) {
		g.Expect(err).NotTo(HaveOccurred())
	}
	r := rec.last(t)
	g.Expect(r.Method + " " + r.Path + r.Query).To(Equal("POST /api/search/systemusers"))
	g.Expect(r.Body).To(MatchJSON(`{
		"filter":{"or":[{"email":"ada@example.org"},"_id:$eq:u1",{"username":{"$regex":"(?i)^ada\\.b\\+c$"}}]},
		"fields":"_id email","limit":50,"skip":5,"sort":"_id"}`))
}

func TestOrganizations(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, sequence(
		answers(200, `{"totalCount":2,"results":[{"_id":"o1","displayName":"One"}]}`),
		answers(200, `{"totalCount":2,"results":[{"_id":"o2","displayName":"Two"}]}`),
	))
	list, err := client.ListOrganizations(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(list).To(Equal([]jumpcloud.Organization{{ID: "o1", DisplayName: "One"}, {ID: "o2", DisplayName: "Two"}}))
	for _, r := range rec.all() {
		g.Expect(r.Path).To(Equal("/api/organizations"))
		g.Expect(r.Header).NotTo(HaveKey("X-Org-Id"))
	}
}

// An organization whose id cannot be read hides no other, but the list is not all of them.
func TestAnOrganizationThatCannotBeRead(t *testing.T) {
	for _, odd := range []string{`{"_id":7}`, `{}`, `"odd"`, `null`} {
		g := NewWithT(t)
		client, rec := serve(t, sequence(
			answers(200, `{"totalCount":3,"results":[{"_id":"o1"},`+odd+`]}`), answers(200, `{"totalCount":3,"results":[{"_id":"o2"}]}`),
		))
		list, err := client.ListOrganizations(t.Context())
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unavailable), odd)
		g.Expect(list).To(Equal([]jumpcloud.Organization{{ID: "o1"}, {ID: "o2"}}), odd)
		g.Expect(rec.last(t).Query).To(ContainSubstring("skip=2"))
	}
}

func TestRegions(t *testing.T) {
	g := NewWithT(t)
	for _, region := range []string{"US", "EU", "IN"} {
		api, _, ok := jumpcloud.BaseURL(region)
		g.Expect(ok).To(BeTrue())
		_, err := jumpcloud.New(jumpcloud.Options{BaseURL: api, Credentials: jumpcloud.APIKey("k")})
		g.Expect(err).NotTo(HaveOccurred())
	}
	_, _, ok := jumpcloud.BaseURL("us")
	g.Expect(ok).To(BeFalse())
}

// A user who is linked to an administrator is protected, so the link must neither be lost nor
// spoil the page, whatever its shape.
func TestAnyAdministratorIsOne(t *testing.T) {
	for content, linked := range map[string]bool{
		`{"id":"a","roleName":"Administrator"}`: true, `{}`: true, `"a"`: true, `["a"]`: true, `null`: false,
	} {
		g := NewWithT(t)
		var user jumpcloud.User
		g.Expect(json.Unmarshal([]byte(`{"_id":"u","admin":`+content+`}`), &user)).To(Succeed(), content)
		g.Expect(user.Admin != nil).To(Equal(linked), content)
	}
}
