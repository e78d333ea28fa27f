package directory

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// crowd answers for an organization with this many users, user000001 and so on, and counts the
// requests, except those with limit 1, which only read the number of users. It replaces the
// simulator, which checks each of 100,000 users for each condition.
type crowd struct{ users, requests int }

// numbered matches the part of a condition that names a user.
var numbered = regexp.MustCompile(`user(\d{6})|(\d{24})`)

func (c *crowd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Filter struct {
			Or []json.RawMessage `json:"or"`
		} `json:"filter"`
		Limit int `json:"limit"`
		Skip  int `json:"skip"`
	}{}
	var found []int
	if r.Method == http.MethodPost {
		_ = json.NewDecoder(r.Body).Decode(&body)
		for _, condition := range body.Filter.Or {
			if named := numbered.FindStringSubmatch(string(condition)); named != nil {
				if i, _ := strconv.Atoi(named[1] + named[2]); i <= c.users {
					found = append(found, i)
				}
			}
		}
		slices.Sort(found)
		found = slices.Compact(found)
	} else {
		body.Limit, _ = strconv.Atoi(r.FormValue("limit"))
		body.Skip, _ = strconv.Atoi(r.FormValue("skip"))
		for i := range c.users {
			found = append(found, i+1)
		}
	}
	if body.Limit > 1 {
		c.requests++
	}
	page := map[string]any{"totalCount": len(found)}
	users := []map[string]string{}
	for _, i := range found[min(body.Skip, len(found)):min(body.Skip+body.Limit, len(found))] {
		users = append(users, map[string]string{"_id": fmt.Sprintf("%024d", i), "username": generatedName(i), "email": generatedName(i) + "@example.org"})
	}
	page["results"] = users
	_ = json.NewEncoder(w).Encode(page)
}

func generatedName(i int) string { return fmt.Sprintf("user%06d", i) }

// read returns how many requests a new reading of some keys takes, and how many users it
// finds.
func (c *crowd) read(t *testing.T, keys Keys) (requests, found int) {
	t.Helper()
	g := NewWithT(t)
	client, err := jumpcloud.New(jumpcloud.Options{
		BaseURL: "https://jumpcloud.test", Credentials: jumpcloud.APIKey("key"), OrganizationID: "65f1c0ffee65f1c0ffee9000",
		Limiter: jumpcloud.NewLimiter(1000, 1000), Transport: &inProcess{handler: c},
	})
	g.Expect(err).NotTo(HaveOccurred())
	c.requests = 0
	users := NewCache().Users(func() *jumpcloud.Client { return client })
	sought := newKeySet(keys)
	read := users.Read(keys, func(u *jumpcloud.User) {
		if sought.has(u) {
			found++
		}
	})
	g.Expect(whole(func() error { return read.Advance(t.Context()) })).To(Succeed())
	g.Expect(read.Result().Complete).To(BeTrue())
	return c.requests, found
}

// rowsOf returns the keys of this many rows, each with a username, an email and an employee
// identifier. The users of the first rows exist.
func rowsOf(rows int) (keys Keys) {
	for i := range rows {
		keys.Usernames = append(keys.Usernames, generatedName(i+1))
		keys.Emails = append(keys.Emails, generatedName(i+1)+"@example.org")
		keys.EmployeeIdentifiers = append(keys.EmployeeIdentifiers, fmt.Sprintf("E%d", i))
	}
	return keys
}

// A reading takes at most 1.1 times the requests of the cheaper of a list and of searches
// alone. docs/benchmarks.md has the table.
func TestRequestsOfAReading(t *testing.T) {
	g := NewWithT(t)
	var table strings.Builder
	for _, rows := range []int{1, 10, 100, 1000, 5000} {
		fmt.Fprintf(&table, "| %s |", thousands(rows))
		for _, users := range []int{100, 1000, 10_000, 100_000} {
			requests, found := (&crowd{users: users}).read(t, rowsOf(rows))
			cheaper := min(requestsFor(users, pageSize), (&searchSize{}).requests(4*rows))
			g.Expect(10*requests).To(BeNumerically("<=", 11*cheaper), "%d rows, %d users", rows, users)
			g.Expect(found).To(Equal(min(rows, users)))
			fmt.Fprintf(&table, " %d |", requests)
		}
		table.WriteString("\n")
	}
	docs, err := os.ReadFile("../../docs/benchmarks.md")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(docs)).To(ContainSubstring(table.String()))
}

// The readings of a run of 2,000 rows in an organization with 100,000 users, before and after
// its jobs, leave half of the 250 requests that the run may take for the jobs.
func TestRequestsOfFewRowsOfALargeDirectory(t *testing.T) {
	g := NewWithT(t)
	large, rows := &crowd{users: 100_000}, rowsOf(2000)
	planned, _ := large.read(t, rows)
	created, _ := large.read(t, Keys{ExactUsernames: rows.Usernames})
	var ids []string
	for i := range 2000 {
		ids = append(ids, fmt.Sprintf("%024d", i+1))
	}
	updated, _ := large.read(t, Keys{IDs: ids})
	t.Logf("requests: %d before the jobs, %d after them for rows that were created, %d for rows that were updated", planned, created, updated)
	g.Expect(planned + max(created, updated)).To(BeNumerically("<=", 125))
}

// thousands formats a number like the docs do.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
