package jumpcloud_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// sleeper is an organization that answers late, or not at all.
type sleeper struct {
	*WithT
	client   *jumpcloud.Client
	latency  atomic.Int64
	requests atomic.Int32
	mutating atomic.Int32
}

func newSleeper(t *testing.T) *sleeper {
	t.Helper()
	s := &sleeper{WithT: NewWithT(t)}
	s.client = newClient(t, "http://jumpcloud.test", func(o *jumpcloud.Options) {
		o.Transport = carrier(func(r *http.Request) (*http.Response, error) {
			s.requests.Add(1)
			if r.Method != http.MethodGet {
				s.mutating.Add(1)
			}
			body := `{"_id":"u"}`
			if strings.HasSuffix(r.URL.Path, "/organizations") {
				body = `{"totalCount":1,"results":[{"_id":"` + testOrg + `"}]}`
			}
			select {
			case <-time.After(time.Duration(s.latency.Load())):
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		})
	})
	return s
}

// read makes a call and returns how long it blocked the caller.
func (s *sleeper) read(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	_, err := s.client.GetUser(ctx, "u")
	return time.Since(began), err
}

// hang makes reads time out until they fail at once.
func (s *sleeper) hang(ctx context.Context) {
	s.latency.Store(int64(time.Hour))
	for range 3 {
		held, err := s.read(ctx)
		s.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unavailable))
		s.Expect(held).To(Equal(10*time.Second), "not the whole timeout")
	}
	s.requests.Store(0)
	held, err := s.read(ctx)
	s.Expect(err).To(MatchError(jumpcloud.ErrHanging))
	s.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unavailable))
	s.Expect(held).To(BeZero())
	s.Expect(s.requests.Load()).To(BeZero())
}

// Calls to an organization that does not answer fail at once, except for one probe at a time.
// All calls go through again as soon as a probe is answered.
func TestAnOrganizationThatHangsHoldsOneCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSleeper(t)
		s.hang(t.Context())
		var held [8]time.Duration
		for range 5 {
			elapse(time.Minute)
			s.requests.Store(0)
			var group sync.WaitGroup
			for i := range held {
				group.Go(func() { held[i], _ = s.read(t.Context()) })
			}
			group.Wait()
			s.Expect(s.requests.Load()).To(Equal(int32(1)))
			s.Expect(held).To(ConsistOf(40*time.Second, BeZero(), BeZero(), BeZero(), BeZero(), BeZero(), BeZero(), BeZero()))
		}
		s.latency.Store(0)
		elapse(time.Minute)
		for range 5 {
			_, err := s.read(t.Context())
			s.Expect(err).NotTo(HaveOccurred())
		}
	})
}

// Mutating calls are not sent as probes.
func TestNothingIsChangedWhereNothingIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSleeper(t)
		s.hang(t.Context())
		for range 2 {
			_, err := s.client.Admit(t.Context(), jumpcloud.Urgent)
			s.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.NotSent))
			s.Expect(err).To(MatchError(jumpcloud.ErrHanging))
			s.Expect(jumpcloud.ClassOf(startSomeJob(t.Context(), s.client, soon()))).To(Equal(jumpcloud.NotSent))
		}
		s.Expect(s.requests.Load()).To(BeZero())
		elapse(time.Minute)
		_, err := s.client.Admit(t.Context(), jumpcloud.Normal)
		s.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.NotSent))
		s.Expect(s.requests.Load()).To(Equal(int32(1)), "it was asked for a read")

		s.latency.Store(0)
		elapse(time.Minute)
		admission, err := s.client.Admit(t.Context(), jumpcloud.Normal)
		s.Expect(err).NotTo(HaveOccurred())
		s.Expect(s.mutating.Load()).To(BeZero())
		_, err = s.client.UpdateUser(t.Context(), jumpcloud.Submission{Admission: admission, Deadline: time.Now().Add(time.Minute)}, "u", jumpcloud.UserUpdate{})
		s.Expect(err).NotTo(HaveOccurred())
	})
}

// Not even a call that was admitted while the organization answered is sent as a probe.
func TestAnAdmittedCallIsNoProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSleeper(t)
		admission, err := s.client.Admit(t.Context(), jumpcloud.Normal)
		s.Expect(err).NotTo(HaveOccurred())
		s.hang(t.Context())
		elapse(time.Minute)
		_, err = s.client.UpdateUser(t.Context(), jumpcloud.Submission{Admission: admission, Deadline: time.Now().Add(time.Minute)}, "u", jumpcloud.UserUpdate{})
		s.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.NotSent))
		s.Expect(err).To(MatchError(jumpcloud.ErrHanging))
		s.Expect(s.requests.Load()).To(BeZero())

		_, _ = s.read(t.Context())
		s.Expect(s.requests.Load()).To(Equal(int32(1)), "a probe was due, and a read is one")
	})
}

// A slow organization gets more time once it is known to be slow.
func TestASlowOrganizationIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSleeper(t)
		s.hang(t.Context())
		s.latency.Store(int64(15 * time.Second))
		elapse(time.Minute)
		for range 5 {
			held, err := s.read(t.Context())
			s.Expect(err).NotTo(HaveOccurred())
			s.Expect(held).To(Equal(15 * time.Second))
		}
	})
}

// Callers who give up early, and answers of any kind in between, do not count as misses.
func TestASingleTimeoutStopsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSleeper(t)
		for range 10 {
			s.latency.Store(int64(time.Hour))
			for range 2 {
				_, _ = s.read(t.Context())
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, _ = s.read(ctx)
			cancel()
			s.latency.Store(0)
			_, err := s.read(t.Context())
			s.Expect(err).NotTo(HaveOccurred())
		}
	})
}

// When a process that was frozen wakes up, all of its calls time out at once.
func TestCallsThatWaitSideBySideCountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSleeper(t)
		s.latency.Store(int64(time.Hour))
		var calls sync.WaitGroup
		for range 10 {
			calls.Go(func() { _, _ = s.read(t.Context()) })
		}
		calls.Wait()
		s.latency.Store(0)
		_, err := s.read(t.Context())
		s.Expect(err).NotTo(HaveOccurred())
		s.Expect(s.requests.Load()).To(BeEquivalentTo(11))
	})
}
