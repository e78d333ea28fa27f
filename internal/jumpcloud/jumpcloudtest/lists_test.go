package jumpcloudtest_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestIDsAreOrderedByTime(t *testing.T) {
	s := serve(t)
	var ids []any
	for i := range 3 {
		created := s.send("POST", "/api/systemusers", newRow(fmt.Sprintf("u%d", i)))
		ids = append(ids, created.object()["_id"])
		s.Expect(created.object()).NotTo(HaveKey("id"))
		s.clock.Advance(-time.Hour) // ids increase anyway
	}
	s.Expect(ids[0]).To(MatchRegexp(`^[0-9a-f]{24}$`))
	s.Expect(ids[0]).To(HavePrefix(fmt.Sprintf("%08x", start.Unix())))
	s.Expect(s.get("/api/systemusers?sort=_id").column("_id")).To(Equal(ids))
	s.Expect(s.get("/api/systemusers?sort=-_id&limit=1").column("_id")).To(Equal(ids[2:]))

	s.sim.Configure(func(b *jumpcloudtest.Behavior) { b.AlsoID = true })
	s.Expect(s.get("/api/systemusers").column("id")).To(Equal(ids))
}

func TestPaging(t *testing.T) {
	reject := func(b *jumpcloudtest.Behavior) { b.OversizeLimit = jumpcloudtest.LimitReject }
	accept := func(b *jumpcloudtest.Behavior) { b.OversizeLimit = jumpcloudtest.LimitAccept }
	lenient := func(b *jumpcloudtest.Behavior) { b.LenientPaging = true }
	for query, c := range map[string]struct {
		change        func(*jumpcloudtest.Behavior)
		status, count int
	}{
		"":                      {nil, 200, 10},
		"limit=100":             {nil, 200, 100},
		"limit=101":             {nil, 200, 100},
		"limit=1000":            {accept, 200, 120},
		"limit=102":             {reject, 400, 0},
		"limit=100&skip=115":    {nil, 200, 5},
		"limit=100&skip=120":    {nil, 200, 0},
		"limit=100&skip=999":    {nil, 200, 0},
		"skip=-1":               {nil, 400, 0},
		"limit=0":               {nil, 400, 0},
		"limit=-5":              {nil, 400, 0},
		"limit=many":            {nil, 400, 0},
		"limit=0&skip=-1":       {lenient, 200, 10},
		"limit=many&skip=a_few": {lenient, 200, 10},
	} {
		t.Run(query, func(t *testing.T) {
			s := serve(t)
			s.org.Generate(120)
			if c.change != nil {
				s.org.Configure(c.change)
			}
			got := s.get("/api/systemusers?" + query)
			s.Expect(got.Status).To(Equal(c.status), got.Text)
			s.Expect(got.column("username")).To(HaveLen(c.count))
			if c.status == 200 {
				s.Expect(got.object()).To(HaveKeyWithValue("totalCount", 120.0))
				s.Expect(got.Text).NotTo(ContainSubstring(`"results":null`), "an empty page is []")
			}
			s.Expect(got.Header).NotTo(HaveKey("Link"))
		})
	}
}

func TestSortAndFields(t *testing.T) {
	s := serve(t)
	for i, name := range []string{"b", "c", "a"} {
		s.org.AddUser(jumpcloudtest.User{
			"username": name, "email": name + "@x.org", "department": []string{"IT", "IT", "HR"}[i], "unix_uid": 9 + i,
		})
	}
	for query, want := range map[string][]any{
		"":                          {"b", "c", "a"}, // insertion order
		"sort=username":             {"a", "b", "c"},
		"sort=-username":            {"c", "b", "a"},
		"sort=department -username": {"a", "c", "b"},
		"sort=department,username":  {"b", "c", "a"}, // one name, which no user has
		"sort=-unix_uid":            {"a", "c", "b"}, // 11, 10, 9: numbers, not text
	} {
		s.Expect(s.get("/api/systemusers?"+escape(query)).column("username")).To(Equal(want), query)
	}
	for fields, want := range map[string][]string{
		"username email":   {"_id", "username", "email"},
		"username nothing": {"_id", "username"},
		"username,email":   {"_id"}, // ignored without an error
	} {
		row := s.get("/api/systemusers?limit=1&fields=" + url.QueryEscape(fields)).object()["results"].([]any)[0]
		s.Expect(row).To(HaveLen(len(want)), fields)
		for _, name := range want {
			s.Expect(row).To(HaveKey(name), fields)
		}
	}
	s.Expect(s.get("/api/systemusers/" + s.id("a") + "?fields=email").object()).To(HaveLen(2))
}

// escape encodes the values of a query but keeps its structure readable.
func escape(query string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		panic(err)
	}
	return values.Encode()
}

func TestUnsortedPagesMayBeShuffled(t *testing.T) {
	s := serve(t)
	s.org.Generate(50)
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.ShuffleUnsorted = true })
	unsorted := s.get("/api/systemusers?limit=100")
	s.Expect(s.get("/api/systemusers?limit=100").column("_id")).NotTo(Equal(unsorted.column("_id")))
	s.Expect(s.get("/api/systemusers?limit=100").column("_id")).To(ConsistOf(unsorted.column("_id")...))
	s.Expect(s.get("/api/systemusers?limit=100&sort=firstname").column("_id")).
		NotTo(Equal(s.get("/api/systemusers?limit=100&sort=firstname").column("_id")), "all firstnames are equal")
	s.Expect(s.get("/api/systemusers?limit=100&sort=_id").column("_id")).
		To(Equal(s.get("/api/systemusers?limit=100&sort=_id").column("_id")))
}

func TestQueryFilters(t *testing.T) {
	s := serve(t)
	s.org.AddUser(jumpcloudtest.User{
		"username": "ada", "email": "ada@x.org", "lastname": "Byron", "department": "IT", "state": "STAGED",
		"created": "2026-01-01T00:00:00.000Z", "sudo": true,
		"attributes": []any{map[string]any{"name": "EmployeeID", "value": "0042"}},
	})
	s.org.AddUser(jumpcloudtest.User{
		"username": "Chas", "email": "chas@x.org", "lastname": "Babbage", "department": "IT: engines", "unix_uid": 900,
		"created": "2026-02-01T00:00:00.000Z",
	})
	s.org.AddUser(jumpcloudtest.User{
		"username": "mary", "email": "mary@x.org", "lastname": "Somerville", "department": "HR", "unix_uid": 1000,
		"created": "2026-03-01T00:00:00.000Z",
	})
	all := []any{"ada", "Chas", "mary"}
	for query, want := range map[string][]any{
		"filter=username:$eq:ada":                                          {"ada"},
		"filter=username:$eq:chas":                                         {}, // values are case-sensitive
		"filter=username:$ne:ada":                                          {"Chas", "mary"},
		"filter=department:$eq:IT: engines":                                {"Chas"},
		"filter=username:$gt:ada":                                          {"mary"}, // "Chas" < "ada"
		"filter=username:$lte:ada":                                         {"ada", "Chas"},
		"filter=unix_uid:$gte:950":                                         {"mary"}, // as numbers
		"filter=unix_uid:$gte:1000":                                        {"mary"},
		"filter=unix_uid:$lt:900":                                          {},
		"filter=unix_uid:$lt:950":                                          {"Chas"},
		"filter=created:$gt:2026-01-31T00:00:00Z":                          {"Chas", "mary"},
		"filter=created:$eq:2026-01-01T00:00:00.000Z":                      {"ada"},
		"filter=state:$eq:ACTIVATED":                                       {"Chas", "mary"},
		"filter=sudo:$eq:true":                                             {"ada"},
		"filter=attributes.value:$eq:0042":                                 {"ada"},
		"filter=nothing:$eq:x":                                             {},
		"filter=nothing:$ne:x":                                             all,
		"filter[0]=department:$eq:IT&filter[1]=state:$eq:STAGED":           {"ada"},
		"filter[0]=department:$eq:HR&filter[1]=state:$eq:STAGED":           {},
		"filter=department:$eq:IT&filter=state:$eq:ACTIVATED":              {},
		"filter[or][0]=lastname:$eq:Byron&filter[or][1]=username:$eq:mary": {"ada", "mary"},
		"filter[or][0]=unix_uid:$gt:950&filter[or][1]=lastname:$eq:Byron":  {"ada", "mary"},
		"filter[or][0]=username:$eq:ada&filter[0]=state:$eq:ACTIVATED":     {},
		"search[searchTerm]=BYR":                                           {"ada"},
		"search[searchTerm]=x.org&search[fields][]=username":               {},
		"search[searchTerm]=x.org&search[fields][]=email":                  all,
		"filter=department:$eq:IT&search[searchTerm]=mary":                 {},
	} {
		got := s.get("/api/systemusers?" + escape(query))
		s.Expect(got.Status).To(Equal(200), query)
		s.Expect(got.column("username")).To(Equal(want), query)
		s.Expect(got.object()).To(HaveKeyWithValue("totalCount", float64(len(want))), query)
	}
	for _, malformed := range []string{"username:eq:ada", "username", "username:$in:ada", ":$eq:x"} {
		query := "/api/systemusers?filter=" + url.QueryEscape(malformed)
		s.org.Configure(func(b *jumpcloudtest.Behavior) { b.RejectMalformedFilters = false })
		s.Expect(s.get(query).column("username")).To(Equal(all), malformed)
		s.org.Configure(func(b *jumpcloudtest.Behavior) { b.RejectMalformedFilters = true })
		s.Expect(s.get(query).Status).To(Equal(400), malformed)
	}
}

func TestUsersMayBecomeVisibleLate(t *testing.T) {
	s := serve(t, "old")
	s.org.Configure(func(b *jumpcloudtest.Behavior) { b.VisibilityLag = 10 * time.Second })
	id := s.send("POST", "/api/systemusers", newRow("new")).object()["_id"].(string)

	s.Expect(s.get("/api/systemusers/" + id).Status).To(Equal(200))
	for _, list := range []func() answer{
		func() answer { return s.get("/api/systemusers?sort=_id") },
		func() answer { return s.send("POST", "/api/search/systemusers", "{}") },
	} {
		s.Expect(list().column("username")).To(Equal([]any{"old"}))
		s.Expect(list().object()).To(HaveKeyWithValue("totalCount", 1.0))
	}
	s.clock.Advance(10 * time.Second)
	s.Expect(s.get("/api/systemusers?sort=_id").column("username")).To(Equal([]any{"old", "new"}))
}

func TestUsersMayChangeBetweenPages(t *testing.T) {
	s := serve(t)
	s.org.Generate(20)
	first := s.get("/api/systemusers?sort=_id").column("_id")
	s.Expect(s.org.DeleteUser(first[0].(string))).To(BeTrue())
	second := s.get("/api/systemusers?sort=_id&skip=10")
	s.Expect(second.column("_id")).To(HaveLen(9), "the offset counts records: one user was skipped over")
	s.Expect(second.object()).To(HaveKeyWithValue("totalCount", 19.0))
}
