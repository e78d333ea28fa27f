package guard_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

const organizationID = "65f1c0ffee65f1c0ffee9000"

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// directory returns this number of users for an organization.
type directory struct {
	users, asked int
}

func (d *directory) RoundTrip(request *http.Request) (*http.Response, error) {
	d.asked++
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: request,
		Body: io.NopCloser(strings.NewReader(fmt.Sprintf(`{"totalCount":%d,"results":[]}`, d.users))),
	}, nil
}

// world is an API server with Organizations, and processes that share it.
type world struct {
	*WithT
	t      *testing.T
	api    client.WithWatch
	writes atomic.Int32
	users  *directory
	clock  *clocktesting.FakePassiveClock
}

func organization(name string, age time.Duration, change func(*v1alpha1.Organization)) *v1alpha1.Organization {
	o := &v1alpha1.Organization{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "identity", Name: name, UID: types.UID(name + "-uid"), Generation: 1,
			CreationTimestamp: metav1.NewTime(noon.Add(-age)),
		},
	}
	o.Status.OrganizationID = organizationID
	o.Spec.Limits = v1alpha1.Limits{RequestsPerSecond: 1000, Burst: 1000}
	o.Spec.Guard.Window = v1alpha1.GuardWindow{
		Duration: metav1.Duration{Duration: 24 * time.Hour}, MaxHarmful: new(int32(50)), MaxPercent: new(int32(10)),
	}
	if change != nil {
		change(o)
	}
	return o
}

func newWorld(t *testing.T, organizations ...client.Object) *world {
	t.Helper()
	w := &world{WithT: NewWithT(t), t: t, users: &directory{users: 1000}, clock: clocktesting.NewFakePassiveClock(noon)}
	scheme := runtime.NewScheme()
	w.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	w.api = interceptor.NewClient(fake.NewClientBuilder().WithScheme(scheme).WithObjects(organizations...).
		WithStatusSubresource(&v1alpha1.Organization{}).Build(), interceptor.Funcs{
		SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, object client.Object, o ...client.SubResourceUpdateOption) error {
			w.writes.Add(1)
			return c.SubResource(sub).Update(ctx, object, o...)
		},
	})
	return w
}

// answer decides what becomes of a write of the counters: it may be made or not, and the
// answer may be lost.
type answer func(write func() error) error

func lost(write func() error) error {
	if err := write(); err != nil {
		return err
	}
	return context.DeadlineExceeded
}

func notMade(func() error) error { return context.DeadlineExceeded }

// process is a process of the operator.
type process struct {
	*world
	window  *guard.Window
	session *session.Session
	answer  answer // of the next write; nil: unchanged
}

// start starts a process that sees the API server through see.
func (w *world) start(see func(client.WithWatch) client.Client) *process {
	w.t.Helper()
	pool := session.NewPool(session.PoolOptions{Transport: w.users})
	w.Expect(pool.Put(w.get("acme"), session.Connection{BaseURL: "https://jumpcloud.test"}, jumpcloud.APIKey("key"), organizationID)).To(Succeed())
	s, ok := pool.Get(types.NamespacedName{Namespace: "identity", Name: "acme"})
	w.Expect(ok).To(BeTrue())
	var cached client.Client = w.api
	if see != nil {
		cached = see(w.api)
	}
	p := &process{world: w, session: s}
	p.window = guard.NewWindow(guard.Config{
		Cache: cached, Live: w.api, Pool: pool, Clock: w.clock,
		Update: func(ctx context.Context, o *v1alpha1.Organization) error {
			write := func() error { return cached.Status().Update(ctx, o) }
			if answer := p.answer; answer != nil {
				p.answer = nil
				return answer(write)
			}
			return write()
		},
	})
	return p
}

func (w *world) get(name string) *v1alpha1.Organization {
	w.t.Helper()
	o := &v1alpha1.Organization{}
	w.Expect(w.api.Get(w.t.Context(), types.NamespacedName{Namespace: "identity", Name: name}, o)).To(Succeed())
	return o
}

// counted returns what the status of an Organization counts.
func (w *world) counted(name string) (harmful, created int) {
	w.t.Helper()
	if o := w.get(name); o.Status.Guard != nil {
		for _, b := range o.Status.Guard.Harmed {
			harmful += int(b.Harmful)
			created += int(b.Created)
		}
	}
	return harmful, created
}

// reserve reports whether there was room.
func (p *process) reserve(harmful, created int) bool {
	p.t.Helper()
	return !p.short(harmful, created).Any()
}

// short returns what there is no room for.
func (p *process) short(harmful, created int) guard.Shortage {
	p.t.Helper()
	short, err := p.window.Reserve(p.t.Context(), p.session, harmful, created)
	p.Expect(err).NotTo(HaveOccurred())
	return short.Shortage
}

func TestReserve(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, nil))
	p := w.start(nil)
	w.Expect(p.reserve(0, 0)).To(BeTrue())
	w.Expect(w.writes.Load()).To(BeZero(), "nothing is asked for nothing")
	w.Expect(p.reserve(10, 0)).To(BeTrue())
	w.Expect(w.users.asked).To(BeZero(), "ten are always allowed, however many users there are")
	for range 30 {
		p.reserve(3, 0)
	}
	harmful, created := w.counted("acme")
	w.Expect(harmful).To(Equal(49), "30 objects of 3 users each")
	w.Expect(created).To(BeZero())
	w.Expect(w.users.asked).To(Equal(1))

	writes := w.writes.Load()
	w.Expect(p.reserve(3, 0)).To(BeFalse())
	w.Expect(w.writes.Load()).To(Equal(writes), "a refusal writes nothing")
	w.Expect(p.reserve(1, 0)).To(BeTrue(), "the last one")

	w.clock.SetTime(noon.Add(25 * time.Hour))
	w.Expect(p.reserve(50, 0)).To(BeTrue(), "a day later it is empty")
	w.Expect(w.get("acme").Status.Guard.Harmed).To(HaveLen(1), "and what is past is gone")
}

// A caller that finds no room learns when there may be some: once enough of what is counted
// has left the window.
func TestWhenThereIsRoom(t *testing.T) {
	bucket := func(hoursAgo, harmful, created int32) v1alpha1.HarmBucket {
		return v1alpha1.HarmBucket{Hour: metav1.NewTime(noon.Add(-time.Duration(hoursAgo) * time.Hour)), Harmful: harmful, Created: created}
	}
	w := newWorld(t, organization("acme", time.Hour, func(o *v1alpha1.Organization) {
		o.Spec.Guard.Window.MaxCreated = new(int32(10))
		o.Status.Guard = &v1alpha1.GuardStatus{Harmed: []v1alpha1.HarmBucket{bucket(20, 20, 0), bucket(10, 20, 10), bucket(5, 10, 0)}}
	}))
	p := w.start(nil)
	for _, c := range []struct {
		harmful, created int
		want             time.Duration
	}{
		{1, 0, 5 * time.Hour}, {20, 0, 5 * time.Hour}, {21, 0, 15 * time.Hour}, {50, 0, 20 * time.Hour},
		{0, 1, 15 * time.Hour}, {1, 1, 15 * time.Hour}, {51, 0, 0}, {0, 11, 0},
	} {
		w.Expect(p.short(c.harmful, c.created).RoomIn).To(Equal(c.want), "%d and %d", c.harmful, c.created)
	}
	w.clock.SetTime(noon.Add(5 * time.Hour))
	w.Expect(p.reserve(20, 0)).To(BeTrue(), "then there is")
}

func TestReserveCreated(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, func(o *v1alpha1.Organization) { o.Spec.Guard.Window.MaxCreated = new(int32(100)) }))
	p := w.start(nil)
	w.Expect(p.reserve(5, 100)).To(BeTrue())
	short := p.short(5, 1)
	w.Expect([]bool{short.Harmful, short.Created}).To(Equal([]bool{false, true}))
	harmful, created := w.counted("acme")
	w.Expect([]int{harmful, created}).To(Equal([]int{5, 100}), "nothing is taken where one of the two is full")

	free := newWorld(t, organization("acme", time.Hour, nil))
	w.Expect(free.start(nil).reserve(0, 1e6)).To(BeTrue())
	w.Expect(free.writes.Load()).To(BeZero(), "without a limit nothing is counted")
}

func TestRelease(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, nil))
	p := w.start(nil)
	w.Expect(p.reserve(50, 0)).To(BeTrue())
	w.Expect(p.reserve(1, 0)).To(BeFalse())
	w.Expect(p.window.Release(t.Context(), p.session, 3, 0)).To(Succeed())
	w.Expect(p.reserve(3, 0)).To(BeTrue())
	w.Expect(p.reserve(1, 0)).To(BeFalse())
	w.Expect(p.window.Release(t.Context(), p.session, 1000, 1000)).To(Succeed())
	w.Expect(w.get("acme").Status.Guard).To(BeNil(), "never below 0")
	writes := w.writes.Load()
	w.Expect(p.window.Release(t.Context(), p.session, 5, 0)).To(Succeed())
	w.Expect(w.writes.Load()).To(Equal(writes))
}

// A release whose answer is lost is not repeated: a second release would free another object's
// room.
func TestAReleaseWithoutAnAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer answer
		left   int
	}{
		"stored":     {lost, 47},
		"not stored": {notMade, 50},
		"stored, and then a conflict": {func(write func() error) error {
			if err := write(); err != nil {
				return err
			}
			return apierrors.NewConflict(schema.GroupResource{Resource: "organizations"}, "acme", errors.New("it was repeated"))
		}, 47},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, organization("acme", time.Hour, nil))
			p := w.start(nil)
			w.Expect(p.reserve(3, 0)).To(BeTrue())
			w.Expect(p.reserve(47, 0)).To(BeTrue())
			p.answer = c.answer
			w.Expect(p.window.Release(t.Context(), p.session, 3, 0)).To(Succeed())
			harmful, _ := w.counted("acme")
			w.Expect(harmful).To(Equal(c.left))
		})
	}
}

// Of two processes that want the last room at the same time, one gets it.
func TestTwoProcesses(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, nil))
	w.Expect(w.start(nil).reserve(30, 0)).To(BeTrue())
	stale := w.get("acme")
	behind := func(api client.WithWatch) client.Client {
		return interceptor.NewClient(api, interceptor.Funcs{
			List: func(_ context.Context, _ client.WithWatch, list client.ObjectList, _ ...client.ListOption) error {
				list.(*v1alpha1.OrganizationList).Items = []v1alpha1.Organization{*stale.DeepCopy()}
				return nil
			},
		})
	}
	var taken atomic.Int32
	var all sync.WaitGroup
	for range 2 {
		p := w.start(behind)
		for range 10 {
			all.Go(func() {
				for range 20 {
					short, err := p.window.Reserve(t.Context(), p.session, 1, 0)
					if err == nil && !short.Harmful {
						taken.Add(1)
					}
				}
			})
		}
	}
	all.Wait()
	harmful, _ := w.counted("acme")
	w.Expect(harmful).To(Equal(50))
	w.Expect(int(taken.Load())).To(Equal(20))
}

// A process that dies between the reservation and the call leaves a count that is too high,
// for one window.
func TestDeathAfterReservation(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, nil))
	w.Expect(w.start(nil).reserve(50, 0)).To(BeTrue())
	next := w.start(nil)
	w.Expect(next.reserve(1, 0)).To(BeFalse())
	w.clock.SetTime(noon.Add(25 * time.Hour))
	w.Expect(next.reserve(1, 0)).To(BeTrue())
}

// If a write fails, nothing may be sent, and nothing is counted.
func TestWriteThatFails(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, nil))
	p := w.start(func(api client.WithWatch) client.Client {
		return interceptor.NewClient(api, interceptor.Funcs{
			SubResourceUpdate: func(context.Context, client.Client, string, client.Object, ...client.SubResourceUpdateOption) error {
				return context.DeadlineExceeded
			},
		})
	})
	_, err := p.window.Reserve(t.Context(), p.session, 1, 0)
	w.Expect(err).To(MatchError(context.DeadlineExceeded))
	harmful, _ := w.counted("acme")
	w.Expect(harmful).To(BeZero())
}

// Several Organizations refer to the same organization: the sum counts, the oldest one is
// written.
func TestSeveralOrganizations(t *testing.T) {
	w := newWorld(t,
		organization("acme", time.Hour, func(o *v1alpha1.Organization) {
			o.Status.Guard = &v1alpha1.GuardStatus{Harmed: []v1alpha1.HarmBucket{{Hour: metav1.NewTime(noon), Harmful: 7}}}
		}),
		organization("older", 2*time.Hour, func(o *v1alpha1.Organization) { o.Spec.Guard.Window.MaxHarmful = new(int32(20)) }),
		organization("stranger", 3*time.Hour, func(o *v1alpha1.Organization) {
			o.Status.OrganizationID = "65f1c0ffee65f1c0ffee9001"
			o.Spec.Guard.Window.MaxHarmful = new(int32(0))
		}))
	p := w.start(nil)
	w.Expect(p.reserve(13, 0)).To(BeTrue())
	w.Expect(p.reserve(1, 0)).To(BeFalse(), "the smallest figure holds")
	harmful, _ := w.counted("older")
	w.Expect(harmful).To(Equal(13))

	w.Expect(w.api.Delete(t.Context(), w.get("older"))).To(Succeed())
	w.Expect(p.reserve(31, 0)).To(BeFalse(), "what the deleted one counted still counts")
	w.Expect(p.reserve(30, 0)).To(BeTrue())
	harmful, _ = w.counted("acme")
	w.Expect(harmful).To(Equal(50), "and is taken over")
	w.Expect(p.window.Release(t.Context(), p.session, 50, 0)).To(Succeed())
	w.Expect(p.reserve(50, 0)).To(BeTrue(), "once")
}

// A clock that was wrong wrote hours in the future. They count, but not forever: the next look
// replaces them by the present hour, even if it finds no room.
func TestHoursToCome(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, func(o *v1alpha1.Organization) {
		o.Status.Guard = &v1alpha1.GuardStatus{Harmed: []v1alpha1.HarmBucket{{Hour: metav1.NewTime(noon.AddDate(1, 0, 0)), Harmful: 50}}}
	}))
	p := w.start(nil)
	w.Expect(p.reserve(1, 0)).To(BeFalse())
	w.Expect(p.reserve(1, 0)).To(BeFalse())
	w.Expect(w.writes.Load()).To(Equal(int32(1)))
	w.Expect(w.get("acme").Status.Guard.Harmed[0].Hour.Time).To(BeTemporally("==", noon))
	w.clock.SetTime(noon.Add(25 * time.Hour))
	w.Expect(p.reserve(1, 0)).To(BeTrue())
}

// A reservation does not change what others keep in the status.
func TestOthersWriteTheStatusToo(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, nil))
	p := w.start(nil)
	stale := w.get("acme")
	o := w.get("acme")
	o.Status.Withheld = &v1alpha1.WithheldStatus{Hash: "sha256:x", Changes: 1}
	w.Expect(w.api.Status().Update(t.Context(), o)).To(Succeed())
	w.Expect(p.reserve(5, 0)).To(BeTrue())
	w.Expect(w.get("acme").Status.Withheld.Hash).To(Equal("sha256:x"))
	stale.Status.DisplayName = "Acme"
	w.Expect(w.api.Status().Update(t.Context(), stale)).NotTo(Succeed(), "nor does the Organization's own controller lose a reservation")
}

// After a reservation whose answer is lost, nothing is sent. Whether it was stored turns out
// at the next look; if it was, it is taken back.
func TestAReservationWithoutAnAnswer(t *testing.T) {
	var late func() error
	delayed := func(write func() error) error {
		late = write
		return context.DeadlineExceeded
	}
	others := func(w *world) {
		o := w.get("acme")
		o.Status.DisplayName = "Acme"
		w.Expect(w.api.Status().Update(w.t.Context(), o)).To(Succeed())
	}
	arrives := func(w *world) { w.Expect(late()).To(Succeed()) }
	for name, c := range map[string]struct {
		answer answer
		then   func(*world)
	}{
		"stored":                        {lost, nil},
		"stored, and others write":      {lost, others},
		"not stored":                    {notMade, nil},
		"not stored, and others write":  {notMade, others},
		"stored late":                   {delayed, arrives},
		"stored late, and others write": {delayed, func(w *world) { arrives(w); others(w) }},
		"too late, for others wrote":    {delayed, func(w *world) { others(w); w.Expect(late()).NotTo(Succeed()) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, organization("acme", time.Hour, nil))
			p := w.start(nil)
			w.Expect(p.reserve(10, 0)).To(BeTrue())
			p.answer = c.answer
			_, err := p.window.Reserve(t.Context(), p.session, 20, 0)
			w.Expect(err).To(MatchError(context.DeadlineExceeded))
			if c.then != nil {
				c.then(w)
			}
			w.Expect(p.reserve(40, 0)).To(BeTrue())
			w.Expect(p.reserve(1, 0)).To(BeFalse())
			harmful, _ := w.counted("acme")
			w.Expect(harmful).To(Equal(50))
		})
	}
}

// A reservation that arrives between the next look and its write does not count either.
func TestAReservationThatArrivesInBetween(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, nil))
	p := w.start(nil)
	var late func() error
	p.answer = func(write func() error) error {
		late = write
		return context.DeadlineExceeded
	}
	_, err := p.window.Reserve(t.Context(), p.session, 20, 0)
	w.Expect(err).To(HaveOccurred())
	p.answer = func(write func() error) error {
		w.Expect(late()).To(Succeed())
		return write()
	}
	w.Expect(p.reserve(50, 0)).To(BeTrue())
	harmful, _ := w.counted("acme")
	w.Expect(harmful).To(Equal(50))
}

// If another process has written the counters in the meantime, the reservation may have been
// stored: too much is counted rather than too little.
func TestAReservationWithoutAnAnswerAndAnotherProcess(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, nil))
	p, other := w.start(nil), w.start(nil)
	p.answer = lost
	_, err := p.window.Reserve(t.Context(), p.session, 20, 0)
	w.Expect(err).To(HaveOccurred())
	w.Expect(other.reserve(5, 0)).To(BeTrue())
	w.Expect(p.reserve(26, 0)).To(BeFalse())
	w.Expect(p.reserve(25, 0)).To(BeTrue())
}

// The counts of an Organization that is being deleted move to one that stays, once.
func TestHandOver(t *testing.T) {
	at := metav1.NewTime(noon)
	counting := func(harmful int32, change func(*v1alpha1.Organization)) func(*v1alpha1.Organization) {
		return func(o *v1alpha1.Organization) {
			o.Status.Guard = &v1alpha1.GuardStatus{Harmed: []v1alpha1.HarmBucket{{Hour: at, Harmful: harmful}}}
			if change != nil {
				change(o)
			}
		}
	}
	going := func(o *v1alpha1.Organization) { o.DeletionTimestamp, o.Finalizers = &at, []string{v1alpha1.Finalizer} }
	both := func(t *testing.T) (*world, *process) {
		t.Helper()
		w := newWorld(t, organization("acme", time.Hour, counting(7, nil)), organization("older", 2*time.Hour, counting(20, going)))
		p := w.start(nil)
		return w, p
	}
	check := func(w *world, want int) {
		w.t.Helper()
		harmful, _ := w.counted("acme")
		w.Expect(harmful).To(Equal(want))
		harmful, _ = w.counted("older")
		w.Expect(harmful).To(BeZero())
	}

	t.Run("once", func(t *testing.T) {
		w, p := both(t)
		for _, want := range []bool{true, false} {
			given, err := p.window.HandOver(t.Context(), w.get("older"))
			w.Expect(err).NotTo(HaveOccurred())
			w.Expect(given).To(Equal(want))
		}
		check(w, 27)
		next := w.start(nil)
		w.Expect(next.reserve(23, 0)).To(BeTrue())
		check(w, 50)
		w.Expect(next.reserve(1, 0)).To(BeFalse())
	})
	t.Run("an answer is lost", func(t *testing.T) {
		for _, a := range []answer{lost, notMade} {
			w, p := both(t)
			p.answer = a
			_, err := p.window.HandOver(t.Context(), w.get("older"))
			w.Expect(err).To(HaveOccurred())
			given, err := w.start(nil).window.HandOver(t.Context(), w.get("older")) // by the next process
			w.Expect(err).NotTo(HaveOccurred())
			w.Expect(given).To(BeTrue())
			check(w, 27)
		}
	})
	t.Run("what is reserved meanwhile", func(t *testing.T) {
		w, p := both(t)
		w.Expect(p.reserve(3, 0)).To(BeTrue())
		harmful, _ := w.counted("acme")
		w.Expect(harmful).To(Equal(10), "is counted in one that stays")
	})
	t.Run("no other one stays", func(t *testing.T) {
		for _, others := range [][]client.Object{{}, {organization("older", 2*time.Hour, counting(3, going))}} {
			w := newWorld(t, append(others, organization("acme", time.Hour, counting(7, going)))...)
			given, err := w.start(nil).window.HandOver(t.Context(), w.get("acme"))
			w.Expect(err).NotTo(HaveOccurred())
			w.Expect(given).To(BeFalse())
			w.Expect(w.writes.Load()).To(BeZero())
		}
	})
}

// Room that one object gives back does not make the window forget sooner what others did after
// the reservation.
func TestWhatIsGivenBackIsNotWhatOthersDidLater(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, nil))
	p := w.start(nil)
	w.Expect(p.reserve(20, 0)).To(BeTrue())
	w.clock.SetTime(noon.Add(10 * time.Hour))
	w.Expect(p.reserve(20, 0)).To(BeTrue(), "another object")
	w.Expect(p.window.Release(t.Context(), p.session, 20, 0)).To(Succeed())
	w.clock.SetTime(noon.Add(26 * time.Hour))
	w.Expect(p.reserve(31, 0)).To(BeFalse())
	w.Expect(p.reserve(30, 0)).To(BeTrue())
}
