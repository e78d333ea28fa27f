package batch_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// world is a Batcher whose jobs are refused, lost or not sent as start determines.
type world struct {
	*WithT
	batcher *batch.Batcher[string]
	session *session.Session
	start   func(rows []string) error
	mu      sync.Mutex // several jobs are carried on at a time
	sent    [][]string
	late    int       // calls after their deadline
	latest  time.Time // after which the last call may send nothing
	wakes   int
}

func story(t *testing.T, tell func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{WithT: NewWithT(t), start: func([]string) error { return errLost }}
		pool := session.NewPool(session.PoolOptions{Transport: unreachable{}})
		organization := &v1alpha1.Organization{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "acme", UID: "uid"}}
		organization.Spec.Limits = v1alpha1.Limits{RequestsPerSecond: 100, Burst: 100, BulkBatchSize: 4}
		connection := session.Connection{BaseURL: "https://jumpcloud.test"}
		w.Expect(pool.Put(organization, connection, jumpcloud.APIKey("key"), "org")).To(Succeed())
		w.session, _ = pool.Get(types.NamespacedName{Namespace: "identity", Name: "acme"})
		runner := batch.NewRunner()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- runner.Start(ctx) }()
		w.batcher = &batch.Batcher[string]{
			Limits: submission.Limits{SettleWindow: time.Minute, StallTimeout: time.Minute, JobTimeout: time.Hour}, Carry: runner.Carry,
			Start: func(_ context.Context, _ *jumpcloud.Client, s jumpcloud.Submission, rows []string) (string, error) {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.sent = append(w.sent, rows)
				w.latest = s.Deadline
				if time.Now().After(s.Deadline) {
					w.late++
				}
				return "", w.start(rows)
			},
		}
		tell(w)
		stop()
		w.Expect(<-ended).To(Succeed())
	})
}

var errLost = errors.New("lost")

type unreachable struct{}

func (unreachable) RoundTrip(*http.Request) (*http.Response, error) { return nil, errLost }

func (w *world) add(row string) *batch.Ticket {
	return w.batcher.Add(w.session, row, batch.Terms{Deadline: time.Now().Add(40 * time.Second), Wake: w.wake})
}

func (w *world) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wakes++
}

// jobs returns what was sent so far.
func (w *world) jobs() [][]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent)
}

func (w *world) read(count *int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return *count
}

// after lets time pass, and waits until everything that is due is done.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestAJobWaitsForMoreASecondAndFiveAtMost(t *testing.T) {
	story(t, func(w *world) {
		w.add("a")
		after(900 * time.Millisecond)
		w.add("b")
		after(900 * time.Millisecond)
		w.Expect(w.jobs()).To(BeEmpty())
		after(time.Second)
		w.Expect(w.jobs()).To(Equal([][]string{{"a", "b"}}))
	})
	story(t, func(w *world) {
		w.session.Spec.Limits.BulkBatchSize = 100
		for range 7 {
			w.add("x")
			after(800 * time.Millisecond)
		}
		w.Expect(w.jobs()).To(ConsistOf(HaveLen(7)))
	})
}

func TestAFullJobIsSentAtOnce(t *testing.T) {
	story(t, func(w *world) {
		for range 5 {
			w.add("x")
		}
		after(200 * time.Millisecond)
		w.Expect(w.jobs()).To(ConsistOf(HaveLen(4)))
		after(time.Second)
		w.Expect(w.jobs()).To(ConsistOf(HaveLen(4), HaveLen(1)))
	})
}

func TestWhatBecameOfASubmissionIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		kind submission.AnswerKind
		sent int
	}{
		"lost":    {errLost, submission.Unknown, 1},
		"refused": {&jumpcloud.Error{Class: jumpcloud.Refused, StatusCode: 400}, submission.Refused, 3},
		"limited": {&jumpcloud.Error{Class: jumpcloud.RateLimited}, submission.RateLimited, 8},
		"key":     {&jumpcloud.Error{Class: jumpcloud.Auth}, submission.Unauthorized, 1},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.start = func([]string) error { return c.err }
				tickets := []*batch.Ticket{w.add("a"), w.add("b")}
				after(time.Minute)
				for _, ticket := range tickets {
					result, known := ticket.Result()
					w.Expect(known).To(BeTrue())
					w.Expect(result.Kind).To(Equal(c.kind))
				}
				w.Expect(w.jobs()).To(HaveLen(c.sent))
				w.Expect(w.read(&w.late)).To(BeZero(), "nothing is sent after the deadline")
				w.Expect(w.read(&w.wakes)).To(Equal(2), "each object is woken once")
			})
		})
	}
}

// A process may be frozen between an announcement and its job: what another process has done
// since must not be done again.
func TestTheFirstDeadlineIsThatOfTheJob(t *testing.T) {
	story(t, func(w *world) {
		first := time.Now().Add(30 * time.Second)
		w.add("a")
		w.batcher.Add(w.session, "b", batch.Terms{Deadline: first, Wake: func() {}})
		w.add("c")
		after(2 * time.Second)
		w.Expect(w.jobs()).To(Equal([][]string{{"a", "b", "c"}}))
		w.mu.Lock()
		defer w.mu.Unlock()
		w.Expect(w.latest).To(Equal(first))
	})
}

// Announcements may take so long that some are too old when the job is sent: the others must
// not fail with them, or nothing is ever sent when all are slow.
func TestAChangeThatIsTooLateLeavesTheJob(t *testing.T) {
	story(t, func(w *world) {
		early := w.batcher.Add(w.session, "early", batch.Terms{Deadline: time.Now(), Wake: w.wake})
		later := w.add("later")
		after(2 * time.Second)
		w.Expect(w.jobs()).To(Equal([][]string{{"later"}}))
		result, known := early.Result()
		w.Expect(known).To(BeTrue())
		w.Expect(result.Kind).To(Equal(submission.NotSent))
		w.Expect(result.Err).To(MatchError(batch.ErrTooLate))
		w.Expect(later.Withdraw()).To(BeFalse())
		w.mu.Lock()
		defer w.mu.Unlock()
		w.Expect(w.latest).To(BeTemporally(">", time.Now()), "the job has the deadline of those that are in it")
	})
}

func TestHalfOfTheTimeIsForSending(t *testing.T) {
	story(t, func(w *world) {
		deadline := time.Now().Add(3 * time.Second)
		for i := range 3 {
			w.batcher.Add(w.session, string(rune('a'+i)), batch.Terms{Deadline: deadline, Wake: w.wake})
			after(700 * time.Millisecond)
		}
		w.Expect(w.jobs()).To(Equal([][]string{{"a", "b", "c"}}), "sent after 1.5 s, although changes came less than a second ago")
	})
}

func TestOnlyWhatWasNotSentIsTakenOut(t *testing.T) {
	story(t, func(w *world) {
		a, b := w.add("a"), w.add("b")
		w.Expect(a.Withdraw()).To(BeTrue())
		after(2 * time.Second)
		w.Expect(w.jobs()).To(Equal([][]string{{"b"}}))
		w.Expect(b.Withdraw()).To(BeFalse())
	})
}
