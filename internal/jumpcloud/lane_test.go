package jumpcloud_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// lanes is a limiter with waiting calls. It records which of them got a token, and when.
type lanes struct {
	*WithT
	client *jumpcloud.Client
	began  time.Time
	group  sync.WaitGroup

	mu       sync.Mutex
	admitted []string
	refused  int
}

func newLanes(t *testing.T, limits *jumpcloud.Limiter) *lanes {
	t.Helper()
	client, _ := carry(t, aUser, limiter(limits))
	return &lanes{WithT: NewWithT(t), client: client, began: time.Now()}
}

// call starts a call and returns once it waits for a token, so that later calls queue behind
// it.
func (l *lanes) call(ctx context.Context, name string, lane jumpcloud.Lane) {
	l.group.Go(func() { _ = l.admit(ctx, name, lane) })
	synctest.Wait()
}

func (l *lanes) admit(ctx context.Context, name string, lane jumpcloud.Lane) error {
	_, err := l.client.Admit(ctx, lane)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.refused++
		return err
	}
	l.admitted = append(l.admitted, fmt.Sprintf("%s after %s", name, time.Since(l.began).Round(time.Millisecond)))
	return nil
}

func TestUrgentCallsGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLanes(t, jumpcloud.NewLimiter(2, 1))
		for _, name := range []string{"in flight", "one", "two"} {
			l.call(t.Context(), name, jumpcloud.Normal)
		}
		for _, name := range []string{"suspension", "removal"} {
			l.call(t.Context(), name, jumpcloud.Urgent)
		}
		l.group.Wait()
		l.Expect(l.admitted).To(Equal([]string{
			"in flight after 0s", "suspension after 500ms", "removal after 1s", "one after 1.5s", "two after 2s",
		}))
	})
}

// A call that gives up leaves its token to the next one, and a call that would have to wait
// too long still gets an error.
func TestCallsThatGiveUpHoldNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLanes(t, jumpcloud.NewLimiter(1, 1))
		ctx, cancel := context.WithCancel(t.Context())
		l.call(t.Context(), "in flight", jumpcloud.Normal)
		l.call(ctx, "cancelled", jumpcloud.Urgent)
		l.call(t.Context(), "one", jumpcloud.Normal)
		cancel()
		synctest.Wait()
		l.call(t.Context(), "two", jumpcloud.Normal)
		l.Expect(l.admit(t.Context(), "three", jumpcloud.Normal)).To(MatchError(jumpcloud.ErrNoTokens))
		l.call(t.Context(), "suspension", jumpcloud.Urgent)
		l.group.Wait()
		l.Expect(l.admitted).To(Equal([]string{"in flight after 0s", "suspension after 1s", "one after 2s"}))
		l.Expect(l.refused).To(Equal(3), "the cancelled one, three, and two, which no longer gets its token in time")
		l.Expect(time.Since(l.began)).To(Equal(2 * time.Second))
	})
}

// If tokens are far apart, only the first of the urgent calls waits for the next one: a worker
// that sleeps does no work.
func TestTheFirstUrgentCallWaitsForItsToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLanes(t, jumpcloud.NewLimiter(0.1, 1))
		l.call(t.Context(), "in flight", jumpcloud.Normal)
		l.Expect(l.admit(t.Context(), "normal", jumpcloud.Normal)).To(MatchError(jumpcloud.ErrNoTokens))
		l.call(t.Context(), "suspension", jumpcloud.Urgent)
		err := l.admit(t.Context(), "removal", jumpcloud.Urgent)
		l.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
		l.Expect(retryAfterOf(err)).To(BeNumerically("~", 20*time.Second, time.Millisecond))
		elapse(9 * time.Second)
		l.call(t.Context(), "another", jumpcloud.Normal) // waiting when the token arrives
		l.group.Wait()
		l.Expect(l.admitted).To(Equal([]string{"in flight after 0s", "suspension after 10s"}))
	})
}

// Neither lane starves the other, at any rate and with any number of calls: normal calls are
// admitted now and then, and urgent ones never wait for two of them.
func TestNoLaneIsStarved(t *testing.T) {
	for _, rate := range []float64{0.2, 1, 10} {
		synctest.Test(t, func(t *testing.T) {
			l := newLanes(t, jumpcloud.NewLimiter(rate, 1))
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			for _, lane := range []jumpcloud.Lane{jumpcloud.Normal, jumpcloud.Urgent} {
				for range 5 {
					l.group.Go(func() {
						for ctx.Err() == nil {
							if l.admit(ctx, fmt.Sprint(lane), lane) != nil {
								elapse(time.Second)
							}
						}
					})
				}
			}
			l.group.Wait()
			urgent, inARow, most := 0, 0, 0
			for _, admitted := range l.admitted {
				if admitted[0] == '1' {
					urgent, inARow = urgent+1, 0
				} else {
					inARow++
				}
				most = max(most, inARow)
			}
			all := len(l.admitted)
			l.Expect(all).To(BeNumerically(">=", 0.9*rate*600), "tokens are not lost")
			l.Expect(most).To(BeNumerically("<=", 1), "normal calls in a row")
			l.Expect(all-urgent).To(BeNumerically(">=", 25), "normal calls in 10 minutes")
			l.Expect(urgent).To(BeNumerically(">=", all/2))
		})
	}
}

// A suspension during an import of 3,000 rows waits only for the call in flight.
func TestASuspensionDuringAnImportIsTheNextCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		sim := jumpcloudtest.New()
		org := sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: testKey, Users: 1000})
		client := newClient(t, "http://jumpcloud.test", limiter(jumpcloud.NewLimiter(5, 1)), inProcess(sim), func(o *jumpcloud.Options) {
			o.OrganizationID = org.ID()
		})
		leaver := userIDs(org)[0]
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var group sync.WaitGroup
		for worker := range 6 {
			group.Go(func() { importRows(ctx, client, worker) })
		}
		for suspension := range 10 {
			elapse(time.Duration(3000+suspension*170) * time.Millisecond)
			before := len(sim.History())
			admission, err := client.Admit(t.Context(), jumpcloud.Urgent)
			g.Expect(err).NotTo(HaveOccurred())
			_, err = client.UpdateUser(t.Context(), jumpcloud.Submission{Admission: admission, Deadline: time.Now().Add(time.Minute)},
				leaver, jumpcloud.UserUpdate{UserAttributes: jumpcloud.UserAttributes{State: new(jumpcloud.StateSuspended)}})
			g.Expect(err).NotTo(HaveOccurred())
			since := sim.History()[before:]
			at := slices.IndexFunc(since, func(r jumpcloudtest.Request) bool { return r.Method == http.MethodPut })
			g.Expect(at).To(BeNumerically("<=", 1), "calls before it: %d", at)
		}
		cancel()
		group.Wait()
		g.Expect(org.Jobs()).To(HaveLen(6))
	})
}

// importRows creates 500 users in a job and then polls its results and lists users without a
// break.
func importRows(ctx context.Context, client *jumpcloud.Client, worker int) {
	var rows []jumpcloud.BulkUserCreate
	for i := range 500 {
		name := fmt.Sprintf("hire-%d-%d", worker, i)
		row := jumpcloud.BulkUserCreate{}
		row.Username, row.Email = new(name), new(name+"@example.org")
		rows = append(rows, row)
	}
	job := ""
	for ctx.Err() == nil {
		var err error
		if job == "" {
			job, err = client.StartBulkCreate(ctx, soon(), rows, jumpcloud.BulkCreateOptions{})
		} else {
			for _, err = range client.UserPages(ctx, jumpcloud.UserListOptions{}) {
				if err != nil {
					break
				}
			}
		}
		if err != nil {
			elapse(max(retryAfterOf(err), time.Millisecond))
		}
	}
}
