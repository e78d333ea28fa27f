package jumpcloudtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// The cost of a page must depend on the page, not on the size of the directory. The test
// measures bytes, because time depends on what else the machine does.
func TestPagesOfALargeDirectoryAreCheap(t *testing.T) {
	s := serve(t)
	cost := func(path string) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s.Expect(s.get(path).column("_id")).To(HaveLen(10))
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	const byID, inserted = "/api/systemusers?sort=_id&skip=50", "/api/systemusers?skip=50"
	s.org.Generate(100)
	small := max(cost(byID), cost(inserted))
	s.org.Generate(50_000) // a list of them is 400 kB
	s.Expect(cost(byID)).To(BeNumerically("<", small+200_000))
	s.Expect(cost(inserted)).To(BeNumerically("<", small+200_000))
}

// A search with many alternatives must not cost many times as much as one: they are looked up.
func BenchmarkSearchForManyUsers(b *testing.B) {
	for _, names := range []int{1, 100} {
		b.Run(strconv.Itoa(names), func(b *testing.B) {
			s := serve(b)
			s.org.Generate(20_000)
			for b.Loop() {
				s.Expect(s.send("POST", "/api/search/systemusers", searchFor(names)).object()).To(HaveKeyWithValue("totalCount", float64(3*names)))
			}
		})
	}
}

// searchFor returns a search for users by username, email and employeeIdentifier, with as many
// names of each.
func searchFor(names int) string {
	var conditions []string
	for i := range names {
		conditions = append(conditions,
			fmt.Sprintf(`{"username":{"$regex":"(?i)^USER%06d$"}}`, 1+i*150),
			fmt.Sprintf(`{"email":"user%06d@example.org"}`, 2+i*150),
			fmt.Sprintf(`{"employeeIdentifier":"E%06d"}`, 3+i*150))
	}
	return `{"filter":{"or":[` + strings.Join(conditions, ",") + `]},"limit":100,"sort":"_id"}`
}

func BenchmarkGenerate100000(b *testing.B) {
	for b.Loop() {
		jumpcloudtest.New().AddOrganization(jumpcloudtest.OrganizationOptions{Users: 100_000})
	}
}

func BenchmarkDirectoryOf100000(b *testing.B) {
	sim := jumpcloudtest.New(jumpcloudtest.WithHistoryLimit(100))
	sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: apiKey, Users: 100_000})
	for name, c := range map[string]struct{ method, path, body string }{
		"page":   {"GET", "/api/systemusers?sort=_id&limit=100&skip=50000", ""},
		"filter": {"GET", "/api/systemusers?filter=username:$eq:user050000", ""},
		"search": {"POST", "/api/search/systemusers", searchFor(100)},
		"regex":  {"POST", "/api/search/systemusers", `{"filter":[{"email":{"$regex":"5.*@example"}}]}`},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				request := httptest.NewRequestWithContext(b.Context(), c.method, c.path, strings.NewReader(c.body))
				request.Header.Set("X-Api-Key", apiKey)
				recorder := httptest.NewRecorder()
				sim.ServeHTTP(recorder, request)
				if recorder.Code != http.StatusOK {
					b.Fatal(recorder.Code)
				}
			}
		})
	}
}

func TestConcurrentUse(t *testing.T) {
	s := serve(t)
	other := s.sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "other-key"})
	var clients sync.WaitGroup
	for client := range 8 {
		clients.Go(func() {
			for i := range 20 {
				s.send("POST", "/api/v2/bulk/users", []row{newRow(fmt.Sprintf("u%d-%d", client, i))})
				s.get("/api/systemusers?sort=-created")
				s.send("POST", "/api/search/systemusers", `{"filter":[{"username":{"$regex":"^u"}}]}`)
				s.send("POST", "/api/v2/usergroups", dynamic(classic("userState", "eq", "staged")))
				s.get("/api/v2/usergroups?sort=name")
				s.send("POST", "/api/v2/bulk/userstates", row{"user_ids": []string{"x"}, "state": "SUSPENDED", "start_date": start})
				s.clock.Advance(time.Second)
				s.org.Configure(func(b *jumpcloudtest.Behavior) { b.RowDuration = time.Duration(i) })
				_, _, _ = s.org.Jobs(), s.org.Users(), s.sim.History()
				_, _ = other.Mails(), s.org.Submissions()
				_, _ = s.org.UserGroups(), s.org.ScheduledJobs()
			}
		})
	}
	clients.Wait()
	s.clock.Advance(time.Hour)
	s.Expect(s.org.CountUsers()).To(Equal(8 * 20))
	s.Expect(other.CountUsers()).To(BeZero())
	s.Expect(s.org.Members(s.org.UserGroupByName("dynamic")["id"].(string))).To(HaveLen(8 * 20))
	s.Expect(s.sim.MutatingRequests()).To(HaveLen(3 * 8 * 20))
}
