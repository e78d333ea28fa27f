package jumpcloud_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"golang.org/x/time/rate"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func limiter(limiter *jumpcloud.Limiter) func(*jumpcloud.Options) {
	return func(o *jumpcloud.Options) { o.Limiter = limiter }
}

func retryAfterOf(err error) time.Duration {
	failure, _ := errors.AsType[*jumpcloud.Error](err)
	return failure.RetryAfter
}

func TestAdmitWaitsAShortTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		client, _ := carry(t, aUser, limiter(jumpcloud.NewLimiter(0.5, 1))) // A token every 2 s.
		began := time.Now()
		for range 2 {
			_, err := client.Admit(t.Context(), jumpcloud.Normal)
			g.Expect(err).NotTo(HaveOccurred())
		}
		g.Expect(time.Since(began)).To(Equal(2 * time.Second))

		client, _ = carry(t, aUser, limiter(jumpcloud.NewLimiter(0.4, 1))) // Every 2.5 s.
		_, err := client.Admit(t.Context(), jumpcloud.Normal)
		g.Expect(err).NotTo(HaveOccurred())
		began = time.Now()
		for range 3 { // A refusal takes no token: the wait does not grow.
			_, err = client.Admit(t.Context(), jumpcloud.Normal)
			g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
			g.Expect(err).To(MatchError(jumpcloud.ErrNoTokens))
			g.Expect(retryAfterOf(err)).To(BeNumerically("~", 2500*time.Millisecond, time.Millisecond))
		}
		g.Expect(time.Since(began)).To(BeZero())
	})
}

func TestAdmitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		client, _ := carry(t, aUser, limiter(jumpcloud.NewLimiter(0.5, 1)))
		_, err := client.Admit(t.Context(), jumpcloud.Normal)
		g.Expect(err).NotTo(HaveOccurred())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = client.Admit(ctx, jumpcloud.Normal)
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.NotSent))
		g.Expect(err).To(MatchError(context.DeadlineExceeded))
		g.Expect(err).To(MatchError(ContainSubstring("Admit: NotSent")))
	})
}

func TestLimitsChangeWhileInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		limits := jumpcloud.NewLimiter(0.001, 1)
		client, _ := carry(t, aUser, limiter(limits))
		_, err := client.GetUser(t.Context(), "u")
		g.Expect(err).NotTo(HaveOccurred())
		_, err = client.GetUser(t.Context(), "u")
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
		limits.SetLimits(1000, 10)
		_, err = client.GetUser(t.Context(), "u")
		g.Expect(err).NotTo(HaveOccurred())
	})
}

func TestA429PausesTheWholeOrganization(t *testing.T) {
	for name, header := range map[string]string{
		"seconds": "30",
		"date":    "Fri, 31 Dec 1999 23:00:30 GMT",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				shared := jumpcloud.NewLimiter(1000, 1000)
				// The server's clock is an hour behind ours.
				limited, _ := carry(t, answers(429, "", "Retry-After", header, "Date", "Fri, 31 Dec 1999 23:00:00 GMT"), limiter(shared))
				other, rec := carry(t, aUser, limiter(shared))

				_, err := limited.GetUser(t.Context(), "u")
				g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
				g.Expect(retryAfterOf(err)).To(Equal(30 * time.Second))
				g.Expect(shared.PausedFor()).To(Equal(30 * time.Second))

				_, err = other.GetUser(t.Context(), "u")
				g.Expect(err).To(MatchError(jumpcloud.ErrPaused))
				g.Expect(retryAfterOf(err)).To(Equal(30 * time.Second))
				g.Expect(jumpcloud.ClassOf(startSomeJob(t.Context(), other, soon()))).To(Equal(jumpcloud.RateLimited))
				_, err = other.Admit(t.Context(), jumpcloud.Normal)
				g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
				g.Expect(rec.all()).To(BeEmpty())

				// The last two seconds are short enough to wait for.
				elapse(28 * time.Second)
				began := time.Now()
				_, err = other.GetUser(t.Context(), "u")
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(time.Since(began)).To(Equal(2 * time.Second))
				g.Expect(shared.PausedFor()).To(BeZero())
			})
		})
	}
}

func TestAMutatingCallThatIsRateLimitedWasNotProcessed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		client, rec := carry(t, answers(429, `{"message":"slow down"}`))
		err := startSomeJob(t.Context(), client, soon())
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
		g.Expect(retryAfterOf(err)).To(BeNumerically(">", 0))
		g.Expect(rec.all()).To(HaveLen(1))
	})
}

// pauses provokes 429s repeatedly and returns the pauses.
func pauses(t *testing.T, client *jumpcloud.Client, shared *jumpcloud.Limiter, n int) []time.Duration {
	t.Helper()
	var all []time.Duration
	for range n {
		_, err := client.GetUser(t.Context(), "u")
		NewWithT(t).Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
		all = append(all, shared.PausedFor())
		elapse(shared.PausedFor())
	}
	return all
}

func TestPausesWithoutRetryAfterGrowUntilASuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		shared := jumpcloud.NewLimiter(1000, 1000)
		limited, _ := carry(t, answers(429, ""), limiter(shared))
		well, _ := carry(t, aUser, limiter(shared))
		seconds := []int{2, 4, 8, 16, 32, 64, 120, 120}
		for range 2 {
			for i, pause := range pauses(t, limited, shared, len(seconds)) {
				limit := time.Duration(seconds[i]) * time.Second
				g.Expect(pause).To(And(BeNumerically(">=", limit/2), BeNumerically("<=", limit)), "pause %d", i)
			}
			_, err := well.GetUser(t.Context(), "u")
			g.Expect(err).NotTo(HaveOccurred())
		}
	})
}

// Answers to calls that were in flight together count once.
func TestOneBurstIsOnePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		shared := jumpcloud.NewLimiter(1000, 1000)
		release := make(chan struct{})
		client, _ := carry(t, func(w http.ResponseWriter, _ *http.Request) {
			<-release
			w.WriteHeader(http.StatusTooManyRequests)
		}, limiter(shared))
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() { _, _ = client.GetUser(t.Context(), "u") })
		}
		synctest.Wait()
		close(release)
		group.Wait()
		g.Expect(shared.PausedFor()).To(BeNumerically("<=", 2*time.Second))
		elapse(shared.PausedFor())
		g.Expect(pauses(t, client, shared, 1)[0]).To(BeNumerically("<=", 4*time.Second))
	})
}

func TestAPauseIsNotShortened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		shared := jumpcloud.NewLimiter(1000, 1000)
		long, short := make(chan struct{}), make(chan struct{})
		slow, _ := carry(t, func(w http.ResponseWriter, r *http.Request) {
			<-short
			answers(429, "", "Retry-After", "1")(w, r)
		}, limiter(shared))
		fast, _ := carry(t, func(w http.ResponseWriter, r *http.Request) {
			<-long
			answers(429, "", "Retry-After", "60")(w, r)
		}, limiter(shared))
		var group sync.WaitGroup
		group.Go(func() { _, _ = slow.GetUser(t.Context(), "u") })
		group.Go(func() { _, _ = fast.GetUser(t.Context(), "u"); close(short) })
		synctest.Wait()
		close(long)
		group.Wait()
		g.Expect(shared.PausedFor()).To(Equal(time.Minute))
	})
}

func TestRetryAfterIsBounded(t *testing.T) {
	for _, value := range []string{"999999999999", "9223372036854775807", "Fri, 31 Dec 2100 23:59:59 GMT"} {
		synctest.Test(t, func(t *testing.T) {
			g := NewWithT(t)
			shared := jumpcloud.NewLimiter(1000, 1000)
			client, _ := carry(t, answers(429, "", "Retry-After", value), limiter(shared))
			_, err := client.GetUser(t.Context(), "u")
			g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
			g.Expect(shared.PausedFor()).To(Equal(jumpcloud.LongestRetryAfter))
		})
	}
}

func TestARetryAfterOfNoUseCountsAsMissing(t *testing.T) {
	for _, value := range []string{"0", "-5", "soon", "5m", "Fri, 31 Dec 1990 23:59:59 GMT"} {
		synctest.Test(t, func(t *testing.T) {
			g := NewWithT(t)
			shared := jumpcloud.NewLimiter(1000, 1000)
			client, _ := carry(t, answers(429, "", "Retry-After", value), limiter(shared))
			pause := pauses(t, client, shared, 1)[0]
			g.Expect(pause).To(And(BeNumerically(">=", time.Second), BeNumerically("<=", 2*time.Second)), value)
		})
	}
}

// JumpCloud's limit is half of ours and published nowhere: after the first refusals the calls
// stay below it, and use most of it.
func TestTheRateSettlesBelowTheOneThatIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		const allowed = 5
		server := rate.NewLimiter(allowed, allowed)
		refused := 0
		client, _ := carry(t, func(w http.ResponseWriter, r *http.Request) {
			if !server.Allow() {
				refused++
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			aUser(w, r)
		}, limiter(jumpcloud.NewLimiter(2*allowed, 20)))
		began, answered := time.Now(), 0
		for time.Since(began) < 5*time.Minute {
			if _, err := client.GetUser(t.Context(), "u"); err == nil {
				answered++
			} else {
				<-time.After(retryAfterOf(err))
			}
		}
		g.Expect(float64(answered)/time.Since(began).Seconds()/allowed).To(BeNumerically(">=", 0.8), "share of the allowed rate")
		g.Expect(float64(refused) / float64(answered)).To(BeNumerically("<", 0.05))
	})
}
