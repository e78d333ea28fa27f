package jumpcloudtest_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// The bounds are some thirty times what these steps take, so that they catch a
// wrong order of growth and nothing else.
func TestHundredThousandUsers(t *testing.T) {
	const users = 100_000
	s := serve(t)
	within := func(limit time.Duration, what string, do func()) {
		t.Helper()
		began := time.Now()
		do()
		s.Expect(time.Since(began)).To(BeNumerically("<", limit), what)
	}
	within(20*time.Second, "seeding", func() { s.org.Generate(users) })

	// A copy of the list would be 800 kB.
	s.Expect(s.allocated(func() { s.get("/api/systemusers?sort=_id&limit=10&skip=50000") })).To(BeNumerically("<", 400_000))
	s.Expect(s.allocated(func() { s.get("/api/systemusers?limit=10&skip=50000") })).To(BeNumerically("<", 400_000))

	seen := map[any]bool{}
	within(20*time.Second, "reading a tenth of the pages", func() {
		for skip := 0; skip < users; skip += 1000 {
			page := s.get(fmt.Sprintf("/api/systemusers?sort=_id&limit=100&skip=%d&fields=username%%20email", skip))
			for _, id := range page.column("_id") {
				seen[id] = true
			}
		}
	})
	s.Expect(seen).To(HaveLen(users / 10))

	var conditions []string
	for i := range 100 {
		conditions = append(conditions,
			fmt.Sprintf(`{"username":{"$regex":"(?i)^USER%06d$"}}`, 1+i*999),
			fmt.Sprintf(`{"email":"user%06d@example.org"}`, 2+i*999),
			fmt.Sprintf(`{"employeeIdentifier":"E%06d"}`, 3+i*999))
	}
	search := `{"filter":{"or":[` + strings.Join(conditions, ",") + `]},"limit":100,"sort":"_id"}`
	within(30*time.Second, "searching", func() {
		for range 3 {
			s.Expect(s.send("POST", "/api/search/systemusers", search).object()).To(HaveKeyWithValue("totalCount", 300.0))
		}
	})
	within(20*time.Second, "creating", func() {
		for job := range 10 {
			rows := make([]row, 800)
			for i := range rows {
				rows[i] = newRow(fmt.Sprintf("new%d-%d", job, i))
			}
			s.startJob("POST", rows...)
			s.clock.Advance(time.Minute)
		}
	})
	s.Expect(s.org.CountUsers()).To(Equal(users + 8000))
	within(20*time.Second, "deleting", func() {
		for id := range seen {
			s.org.DeleteUser(id.(string))
		}
	})
	s.Expect(s.org.CountUsers()).To(Equal(users + 8000 - len(seen)))
}

// allocated returns the bytes that do allocates, here and in the simulator.
func (s *site) allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
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
				s.clock.Advance(time.Second)
				s.org.Configure(func(b *jumpcloudtest.Behavior) { b.RowDuration = time.Duration(i) })
				_, _, _ = s.org.Jobs(), s.org.Users(), s.sim.History()
				_, _ = other.Mails(), s.org.Submissions()
			}
		})
	}
	clients.Wait()
	s.clock.Advance(time.Hour)
	s.Expect(s.org.CountUsers()).To(Equal(8 * 20))
	s.Expect(other.CountUsers()).To(BeZero())
	s.Expect(s.sim.MutatingRequests()).To(HaveLen(8 * 20))
}
