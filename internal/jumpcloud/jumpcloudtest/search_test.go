package jumpcloudtest_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func serveSearch(t *testing.T) *site {
	t.Helper()
	s := serve(t)
	s.org.AddUser(jumpcloudtest.User{
		"_id": "65f1c0ffee65f1c0ffee0aaa", "username": "ada.byron", "email": "ada@example.org", "department": "IT",
		"created": "2026-01-01T00:00:00.000Z",
	})
	s.org.AddUser(jumpcloudtest.User{"username": "Chas", "email": "chas@x.org", "department": "Sales", "state": "SUSPENDED"})
	s.org.AddUser(jumpcloudtest.User{"username": "adaXbyron", "email": "mary@x.org", "department": "HR"})
	return s
}

func TestSearch(t *testing.T) {
	s := serveSearch(t)
	all := []any{"ada.byron", "Chas", "adaXbyron"}
	for body, want := range map[string][]any{
		``:                                 all,
		`{}`:                               all,
		`{"filter":[]}`:                    all,
		`{"filter":[{"department":"IT"}]}`: {"ada.byron"},
		`{"filter":[{"department":"it"}]}`: {},
		`{"filter":[{"department":"Sales"},{"state":"SUSPENDED"}]}`:                                               {"Chas"},
		`{"filter":[{"department":"Sales"},{"state":"ACTIVATED"}]}`:                                               {},
		`{"filter":{"and":[{"department":"Sales"},{"state":"SUSPENDED"}]}}`:                                       {"Chas"},
		`{"filter":{"or":[{"department":"IT"},{"department":"Sales"}]}}`:                                          {"ada.byron", "Chas"},
		`{"filter":{"or":[{"username":"Chas"},{"email":"mary@x.org"}]}}`:                                          {"Chas", "adaXbyron"},
		`{"filter":{"or":[{"department":"IT","state":"SUSPENDED"}]}}`:                                             {},
		`{"filter":{"department":"IT"}}`:                                                                          {"ada.byron"},
		`{"filter":[{"suspended":true}]}`:                                                                         {"Chas"},
		`{"filter":["_id:$eq:65f1c0ffee65f1c0ffee0aaa"]}`:                                                         {"ada.byron"},
		`{"filter":{"or":["username:$eq:Chas","department:$eq:HR"]}}`:                                             {"Chas", "adaXbyron"},
		`{"filter":[{"created":{"$gt":"2026-02-01T00:00:00Z"}}]}`:                                                 {"Chas", "adaXbyron"},
		`{"filter":[{"department":{"$ne":"IT"}}]}`:                                                                {"Chas", "adaXbyron"},
		`{"filter":[{"username":{"$regex":"^ada"}}]}`:                                                             {"ada.byron", "adaXbyron"},
		`{"filter":[{"username":{"$regex":"(?i)^CHAS$"}}]}`:                                                       {"Chas"},
		`{"filter":[{"username":{"$regex":"^chas$"}}]}`:                                                           {},
		`{"filter":[{"username":{"$regex":"^ada.byron$"}}]}`:                                                      {"ada.byron", "adaXbyron"},
		`{"filter":[{"username":{"$regex":"(?i)^ADA\\.byron$"}}]}`:                                                {"ada.byron"},
		`{"filter":{"or":[{"username":{"$regex":"(?i)^CHAS$"}},{"email":{"$regex":"(?i)^ada@EXAMPLE\\.org$"}}]}}`: {"ada.byron", "Chas"},
		`{"filter":{"or":[{"username":{"$regex":"^Ch"}},{"department":{"$gt":"I"}},{"department":"nothing"}]}}`:   {"ada.byron", "Chas"},
		`{"searchFilter":{"searchTerm":"ADA","fields":["username"]}}`:                                             {"ada.byron", "adaXbyron"},
		`{"searchFilter":{"searchTerm":["chas","mary"],"fields":["username","email"]}}`:                           {"Chas", "adaXbyron"},
		`{"filter":[{"department":"IT"}],"searchFilter":{"searchTerm":"chas","fields":["username"]}}`:             {},
		`{"sort":"-username"}`:        {"adaXbyron", "ada.byron", "Chas"},
		`{"limit":1,"skip":1}`:        {"Chas"},
		`{"limit":"2","sort":"-_id"}`: {"adaXbyron", "Chas"},
	} {
		got := s.send("POST", "/api/search/systemusers", body)
		s.Expect(got.Status).To(Equal(200), body)
		s.Expect(got.column("username")).To(Equal(want), body)
	}
}

func TestSearchOfAList(t *testing.T) {
	s := serveSearch(t)
	for query, want := range map[string][]any{
		"search=ada":                          {"ada.byron", "adaXbyron"},
		"search=ADA.b":                        {"ada.byron"},
		"search=mary@":                        {"adaXbyron"},
		"search=nobody":                       {},
		"search=IT":                           {},
		"search=":                             {"ada.byron", "Chas", "adaXbyron"},
		"search[searchTerm]=ada":              {"ada.byron", "adaXbyron"},
		"search[searchTerm]=":                 {"ada.byron", "Chas", "adaXbyron"},
		"search=ada&search=chas":              {"ada.byron", "Chas", "adaXbyron"},
		"search=ada&limit=1&skip=1":           {"adaXbyron"},
		"search=ada&filter=department:$eq:HR": {"adaXbyron"},
		"search[searchTerm]=x.org&search[fields][]=username": {},
		"search=x.org&search[fields][]=email":                {"Chas", "adaXbyron"},
	} {
		got := s.get("/api/systemusers?" + escape(query))
		s.Expect(got.Status).To(Equal(200), query)
		s.Expect(got.column("username")).To(Equal(want), query)
	}
	s.Expect(s.get("/api/systemusers?search=ada&limit=1").object()).To(HaveKeyWithValue("totalCount", 2.0))
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.SearchTermCaseSensitive = true })
	s.Expect(s.get("/api/systemusers?search=ADA").column("username")).To(BeEmpty())
}

func TestSearchFields(t *testing.T) {
	s := serveSearch(t)
	row := func(body string) map[string]any {
		return s.send("POST", "/api/search/systemusers", body).object()["results"].([]any)[0].(map[string]any)
	}
	s.Expect(row(`{"fields":"email username"}`)).To(And(HaveLen(3), HaveKey("_id"), HaveKey("email"), HaveKey("username")))
	s.Expect(row(`{}`)).To(HaveKey("memberof"), "rows of a search have it, those of the list have not")
}

func TestSearchSwitches(t *testing.T) {
	const byRegex = `{"filter":[{"username":{"$regex":"^ada"}}]}`
	for name, c := range map[string]struct {
		change func(*jumpcloudtest.Behavior)
		body   string
		status int
		count  float64
	}{
		"filters are ignored":     {func(b *jumpcloudtest.Behavior) { b.IgnoreSearchFilters = true }, byRegex, 200, 3},
		"as many conditions":      {func(b *jumpcloudtest.Behavior) { b.MaxSearchConditions = 2 }, `{"filter":{"or":[{"username":"Chas"},{"email":"x"}]}}`, 200, 1},
		"too many conditions":     {func(b *jumpcloudtest.Behavior) { b.MaxSearchConditions = 1 }, `{"filter":{"or":[{"username":"Chas"},{"email":"x"}]}}`, 400, 0},
		"terms are insensitive":   {func(*jumpcloudtest.Behavior) {}, `{"searchFilter":{"searchTerm":"chas"}}`, 200, 1},
		"terms are sensitive":     {func(b *jumpcloudtest.Behavior) { b.SearchTermCaseSensitive = true }, `{"searchFilter":{"searchTerm":"chas","fields":["username"]}}`, 200, 0},
		"malformed is ignored":    {func(*jumpcloudtest.Behavior) {}, `{"filter":[{"username":{"$in":"x"}}]}`, 200, 3},
		"only that one":           {func(*jumpcloudtest.Behavior) {}, `{"filter":{"or":[{"username":{"$in":"x"}},{"username":"Chas"}]}}`, 200, 1},
		"malformed is refused":    {func(b *jumpcloudtest.Behavior) { b.RejectMalformedFilters = true }, `{"filter":[{"username":{"$in":"x"}}]}`, 400, 0},
		"no filter is no mistake": {func(b *jumpcloudtest.Behavior) { b.RejectMalformedFilters = true }, `{}`, 200, 3},
		"bad regex is refused":    {func(b *jumpcloudtest.Behavior) { b.RejectMalformedFilters = true }, `{"filter":[{"username":{"$regex":"("}}]}`, 400, 0},
		"no JSON":                 {func(*jumpcloudtest.Behavior) {}, `{`, 400, 0},
		"limit above the maximum": {func(b *jumpcloudtest.Behavior) { b.OversizeLimit = jumpcloudtest.LimitReject }, `{"limit":1000}`, 400, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := serveSearch(t)
			s.org.Configure(c.change)
			got := s.send("POST", "/api/search/systemusers", c.body)
			s.Expect(got.Status).To(Equal(c.status), got.Text)
			if c.status == 200 {
				s.Expect(got.object()).To(HaveKeyWithValue("totalCount", c.count))
			}
		})
	}
}
