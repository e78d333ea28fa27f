package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// BenchmarkImportThousand imports a thousand new users into an organization of a thousand, at
// 50 ms latency and two seconds a job, and compares that with a bare loop that makes the same
// calls.
func BenchmarkImportThousand(b *testing.B) {
	const jobTime = 2 * time.Second
	slow := func(w *world) {
		w.org.Configure(func(b *jumpcloudtest.Behavior) { b.Latency, b.JobDuration = 50*time.Millisecond, jobTime })
	}
	for b.Loop() {
		bare := newWorld(b, 1000)
		slow(bare)
		floor := bare.bareLoop(1000)

		m := newMetered(b, 1000)
		slow(m.world)
		spent := m.importNew(1000, jobTime)
		done := get(m.world, &v1alpha1.BulkUserImport{}, "hires")
		b.ReportMetric(float64(spent.requests), "requests")
		b.ReportMetric(float64(spent.requests)/float64(floorOf(1000, 1000, jobTime)), "requests/floor")
		b.ReportMetric(float64(spent.writes), "writes")
		b.ReportMetric(float64(6+2*len(done.Status.Jobs)+2*len(done.Status.Results)), "writes-allowed")
		b.ReportMetric(spent.wall.Seconds(), "s-wall")
		b.ReportMetric(floor.Seconds(), "s-bare-loop")
		b.ReportMetric(spent.wall.Seconds()/floor.Seconds(), "wall/bare-loop")
	}
}

func BenchmarkImportTenThousand(b *testing.B) {
	for b.Loop() {
		m := newMetered(b, 10)
		spent := m.importNew(10_000, 200*time.Millisecond)
		done := get(m.world, &v1alpha1.BulkUserImport{}, "hires")
		peak, err := m.operator.PeakMemory()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(peak)/(1<<20), "MiB-peak")
		b.ReportMetric(float64(sizeOf(m, done))/(1<<10), "KiB-object")
		b.ReportMetric(float64(len(m.results(done))), "rows-in-ledger")
		b.ReportMetric(float64(len(done.Status.Results)), "ConfigMaps")
		b.ReportMetric(float64(spent.writes), "writes")
		b.ReportMetric(spent.wall.Seconds(), "s-wall")
	}
}

// BenchmarkImportConcurrentJobs runs twenty jobs of two seconds, one after another and four at
// a time.
func BenchmarkImportConcurrentJobs(b *testing.B) {
	for b.Loop() {
		wall := map[int32]time.Duration{}
		for _, jobs := range []int32{1, 4} {
			m := newMetered(b, 10, func(o *v1alpha1.Organization) { o.Spec.Limits.ConcurrentJobs = jobs })
			spent := m.importNew(10_000, 2*time.Second)
			wall[jobs] = spent.wall
			b.ReportMetric(float64(spent.requests), fmt.Sprintf("requests-%d", jobs))
			b.ReportMetric(float64(spent.writes), fmt.Sprintf("writes-%d", jobs))
			b.ReportMetric(spent.wall.Seconds(), fmt.Sprintf("s-wall-%d", jobs))
			if err := m.operator.Kill(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(wall[4].Seconds()/wall[1].Seconds(), "wall-4/wall-1")
	}
}

func BenchmarkImportTenIntoHundredThousand(b *testing.B) {
	for b.Loop() {
		m := newMetered(b, 100_000)
		spent := m.importNew(10, time.Second)
		b.ReportMetric(float64(spent.requests), "requests")
		b.ReportMetric(spent.wall.Seconds(), "s-wall")
	}
}

// Searches are cheaper than a list of a thousand pages, before the job and after it.
func BenchmarkImportTwoThousandIntoHundredThousand(b *testing.B) {
	for b.Loop() {
		m := newMetered(b, 100_000)
		spent := m.importNew(2000, time.Second)
		b.ReportMetric(float64(spent.requests), "requests")
		b.ReportMetric(spent.wall.Seconds(), "s-wall")
	}
}

// JumpCloud allows five requests a second and answers 429 beyond that; the Organization's own
// limit is the same, or twice as high. A hundred rows for five thousand users take a hundred
// pages of the user list, and little else.
func BenchmarkRateLimited(b *testing.B) {
	for _, c := range []struct {
		own        int32
		retryAfter time.Duration
	}{{5, time.Second}, {10, time.Second}, {10, 0}} {
		b.Run(fmt.Sprintf("own=%d/retry-after=%s", c.own, c.retryAfter), func(b *testing.B) {
			for b.Loop() {
				m := newMetered(b, 5000, func(o *v1alpha1.Organization) {
					o.Spec.Limits = v1alpha1.Limits{RequestsPerSecond: c.own, Burst: 5}
				})
				m.org.Configure(func(b *jumpcloudtest.Behavior) {
					b.RequestsPerSecond, b.Burst, b.RetryAfter = 5, 5, c.retryAfter
				})
				m.sim.ForgetHistory()
				spent := m.importNew(100, time.Second)
				answered := 0
				for _, request := range m.sim.History() {
					if request.Status != http.StatusTooManyRequests {
						answered++
					}
				}
				b.ReportMetric(float64(answered), "requests")
				b.ReportMetric(float64(len(m.sim.History())-answered), "429s")
				b.ReportMetric(float64(answered)/(5*spent.wall.Seconds()+5), "used/allowed")
				b.ReportMetric(float64(len(m.sim.RequestsInsideRetryAfter(0))), "inside-retry-after")
				b.ReportMetric(spent.wall.Seconds(), "s-wall")
			}
		})
	}
}

// bareLoop makes the calls of an import of n new users, one after the other, and does nothing
// else.
func (w *world) bareLoop(n int) time.Duration {
	w.Helper()
	client, err := jumpcloud.New(jumpcloud.Options{
		BaseURL: w.url, Credentials: jumpcloud.APIKey(apiKey), Limiter: jumpcloud.NewLimiter(1000, 1000), OrganizationID: w.org.ID(),
	})
	w.Expect(err).NotTo(HaveOccurred())
	began := time.Now()
	w.listAll(client)
	for first := 0; first < n; first += 500 {
		var users []jumpcloud.BulkUserCreate
		for i := first; i < min(first+500, n); i++ {
			user := jumpcloud.BulkUserCreate{}
			user.Username, user.Email = new(fmt.Sprintf("new%05d", i)), new(fmt.Sprintf("new%05d@example.org", i))
			users = append(users, user)
		}
		id, err := client.StartBulkCreate(w.Context(), jumpcloud.Submission{Deadline: time.Now().Add(time.Minute)}, users, jumpcloud.BulkCreateOptions{SuppressEmail: true})
		w.Expect(err).NotTo(HaveOccurred())
		second := time.NewTicker(time.Second)
		for finished := 0; finished < len(users); {
			<-second.C
			finished = 0
			for page, err := range client.BulkResultPages(w.Context(), id, 0) {
				w.Expect(err).NotTo(HaveOccurred())
				if len(page) > 0 && page[0].Status != "finished" {
					break
				}
				finished += len(page)
			}
		}
		second.Stop()
	}
	w.listAll(client)
	return time.Since(began)
}

func (w *world) listAll(client *jumpcloud.Client) {
	for _, err := range client.UserPages(w.Context(), jumpcloud.UserListOptions{}) {
		w.Expect(err).NotTo(HaveOccurred())
	}
}
