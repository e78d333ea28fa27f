package directory

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// BenchmarkReadRequests counts the requests of a reading of rows that exist in a
// directory, each by username, email and employee identifier, beside those of the
// list and of searches alone. The number of users takes one more request.
func BenchmarkReadRequests(b *testing.B) {
	for _, users := range []int{100, 1000, 10_000, 100_000} {
		for _, rows := range []int{1, 10, 100, 1000, 5000} {
			b.Run(fmt.Sprintf("rows=%d/users=%d", rows, users), func(b *testing.B) {
				list, search := requestsFor(users, pageSize), (&searchSize{}).requests(4*rows)
				for b.Loop() {
					w := newWorld(b, users)
					var keys Keys
					for i, user := range w.org.Users() {
						if i == rows {
							break
						}
						keys.Usernames = append(keys.Usernames, user["username"].(string))
						keys.Emails = append(keys.Emails, user["email"].(string))
					}
					for i := range rows {
						keys.EmployeeIdentifiers = append(keys.EmployeeIdentifiers, fmt.Sprintf("E%d", i))
					}
					read := w.users.Read(keys, func(*jumpcloud.User) {})
					w.Expect(w.finish(read)).To(Succeed())
					requests := w.count(lists) + w.count(searches)
					b.ReportMetric(float64(requests), "requests")
					b.ReportMetric(float64(requests)/float64(min(list, search)), "of-cheaper")
				}
			})
		}
	}
}
