package directory

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// visits collects the ids that a reading visits.
type visits []string

func (v *visits) visit(user *jumpcloud.User) { *v = append(*v, user.ID) }

func TestAListingVisitsEveryUserOnce(t *testing.T) {
	w := newWorld(t, 250)
	before := time.Now()
	var seen visits
	read := w.users.Read(Keys{}, seen.visit)
	w.Expect(w.finish(read)).To(Succeed())
	w.Expect(seen).To(BeEquivalentTo(w.ids()))
	result := read.Result()
	w.Expect(result.Users).To(Equal(250))
	w.Expect(result.Complete).To(BeTrue())
	w.Expect(result.Began).To(BeTemporally(">=", before))
	w.Expect(result.Ended).To(BeTemporally(">=", result.Began))
	w.Expect(w.paths()).To(Equal([]string{lists + " skip=0", lists + " skip=99", lists + " skip=198"}))

	w.Expect(read.Advance(t.Context())).To(Succeed(), "a read that has ended stays ended")
	w.Expect(w.requests()).To(BeEmpty())
}

func TestAnEmptyOrganizationIsReadCompletely(t *testing.T) {
	w := newWorld(t, 0)
	read := w.users.Read(Keys{Usernames: []string{"ada"}}, func(*jumpcloud.User) {})
	w.Expect(w.finish(read)).To(Succeed())
	w.Expect(read.Result().Complete).To(BeTrue())
}

func TestAListingGoesOnAfterAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 250)
		w.sim.Script(jumpcloudtest.Fault{
			Match:  jumpcloudtest.Match{Path: lists, Query: "skip=99"},
			Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}},
		})
		var seen visits
		read := w.users.Read(Keys{}, seen.visit)
		err := read.Advance(t.Context())
		w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
		w.Expect(seen).To(HaveLen(100))

		<-time.After(time.Minute)
		w.Expect(w.finish(read)).To(Succeed())
		w.Expect(seen).To(BeEquivalentTo(w.ids()))
		w.Expect(w.paths()).To(Equal([]string{lists + " skip=0", lists + " skip=99", lists + " skip=99", lists + " skip=198"}))
	})
}

// If a list moved below the offset, the reader steps back and continues; visited users are not
// visited again.
func TestAMovedListIsReadOn(t *testing.T) {
	for name, move := range map[string]func(w *world){
		"one deleted, which skips another": func(w *world) { w.org.DeleteUser(w.ids()[3]) },
		"two deleted and one created": func(w *world) {
			w.org.DeleteUser(w.ids()[3])
			w.org.DeleteUser(w.ids()[4])
			w.org.Generate(1)
		},
		"one deleted and one created, which leaves the total": func(w *world) {
			w.org.DeleteUser(w.ids()[3])
			w.org.Generate(1)
		},
		"one deleted and many created": func(w *world) {
			w.org.DeleteUser(w.ids()[3])
			w.org.Generate(20)
		},
		"the last of a page deleted": func(w *world) { w.org.DeleteUser(w.ids()[99]) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 250)
			moved := false
			w.transport.set(func(r *http.Request) {
				if strings.Contains(r.URL.RawQuery, "skip=99") && !moved {
					moved = true
					move(w)
				}
			})
			var seen visits
			read := w.users.Read(Keys{}, seen.visit)
			w.Expect(w.finish(read)).To(Succeed())
			w.Expect(read.Result().Complete).To(BeTrue())
			w.Expect(read.Result().Users).To(Equal(len(w.ids())))
			w.Expect(w.paths()).To(HaveLen(5), "one page that does not fit, and one before it")
			for _, id := range w.ids() {
				w.Expect(seen).To(ContainElement(id))
			}
			slices.Sort(seen)
			w.Expect(slices.Compact(slices.Clone(seen))).To(Equal(seen), "nobody twice")
		})
	}
}

func TestUsersWhoAreCreatedMeanwhileDoNotSpoilAListing(t *testing.T) {
	w := newWorld(t, 250)
	w.transport.set(func(r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "skip=198") {
			w.transport.set(nil)
			w.org.Generate(2)
		}
	})
	read := w.users.Read(Keys{}, func(*jumpcloud.User) {})
	w.Expect(w.finish(read)).To(Succeed())
	w.Expect(read.Result()).To(And(HaveField("Complete", true), HaveField("Users", 252)))
	w.Expect(w.paths()).To(HaveLen(3))
}

func TestUsersWhoAreDeletedFurtherOnDoNotSpoilAListing(t *testing.T) {
	w := newWorld(t, 250)
	w.transport.set(func(r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "skip=99") {
			w.transport.set(nil)
			w.org.DeleteUser(w.ids()[200])
		}
	})
	read := w.users.Read(Keys{}, func(*jumpcloud.User) {})
	w.Expect(w.finish(read)).To(Succeed())
	w.Expect(read.Result()).To(And(HaveField("Complete", true), HaveField("Users", 249)))
	w.Expect(w.paths()).To(HaveLen(3))
}

// The reader must not wait for a total that the list does not reach.
func TestAListThatEndsEarlyIsIncomplete(t *testing.T) {
	w := newWorld(t, 150)
	w.sim.Script(jumpcloudtest.Fault{
		Match: jumpcloudtest.Match{Path: lists, Times: -1}, Status: http.StatusOK,
		Body: `{"totalCount":150,"results":[{"_id":"65f1c0ffee65f1c0ffee0001"}]}`,
	})
	read := w.users.Read(Keys{}, func(*jumpcloud.User) {})
	w.Expect(w.finish(read)).To(Succeed())
	w.Expect(read.Result().Complete).To(BeFalse())
	w.Expect(w.paths()).To(HaveLen(4))
}

// With every request, a user at the beginning is deleted: all users who stay are seen.
func TestAListThatAlwaysMovesIsReadToItsEnd(t *testing.T) {
	w := newWorld(t, 2000)
	ids := w.ids()
	w.transport.set(func(r *http.Request) {
		if !strings.Contains(r.URL.RawQuery, "skip=0") {
			w.org.DeleteUser(ids[0])
			ids = ids[1:]
		}
	})
	var seen visits
	read := w.users.Read(Keys{}, seen.visit)
	w.Expect(w.finish(read)).To(Succeed())
	w.Expect(read.Result().Complete).To(BeTrue())
	w.Expect(len(w.paths())).To(BeNumerically("<", 2*20))
	slices.Sort(seen)
	for _, id := range w.ids() {
		if _, ok := slices.BinarySearch(seen, id); !ok {
			t.Fatalf("%s was missed", id)
		}
	}
}

func TestReadsShareAListing(t *testing.T) {
	w := newWorld(t, 150)
	seen := make([]visits, 5)
	var reads []*Read
	for i := range seen {
		reads = append(reads, w.users.Read(Keys{}, seen[i].visit))
	}
	for i, read := range reads {
		w.Expect(w.finish(read)).To(Succeed())
		w.Expect(seen[i]).To(HaveLen(150))
	}
	w.Expect(w.paths()).To(HaveLen(2))
}

// A Read sees nothing older than its registration: it does not join a listing that began
// before.
func TestAReadSeesNothingOlderThanItself(t *testing.T) {
	w := newWorld(t, 150)
	var late visits
	var read *Read
	w.transport.set(func(r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "skip=99") {
			w.transport.set(nil)
			read = w.users.Read(Keys{}, late.visit)
		}
	})
	w.Expect(w.finish(w.users.Read(Keys{}, func(*jumpcloud.User) {}))).To(Succeed())
	w.Expect(late).To(BeEmpty())
	w.Expect(w.finish(read)).To(Succeed())
	w.Expect(late).To(HaveLen(150))
	w.Expect(w.paths()).To(HaveLen(4))
}

// A Read for which a listing has begun to visit users stays with that listing, even if a
// search would have been cheaper.
func TestAReadInAListingDoesNotSearch(t *testing.T) {
	w := newWorld(t, 1000)
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Query: "skip=99"}, Status: http.StatusBadRequest})
	var seen visits
	first := w.users.Read(Keys{}, func(*jumpcloud.User) {})
	second := w.users.Read(Keys{IDs: w.ids()[:1]}, seen.visit)
	w.Expect(jumpcloud.ClassOf(w.finish(first))).To(Equal(jumpcloud.Refused))
	w.Expect(w.finish(second)).To(Succeed())
	w.Expect(seen).To(BeEquivalentTo(w.ids()))
	w.Expect(first.result.Load()).NotTo(BeNil())
}

func TestALongListingLetsOthersWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1000)
		w.transport.set(func(*http.Request) { <-time.After(3 * time.Second) })
		var seen visits
		read := w.users.Read(Keys{}, seen.visit)
		w.Expect(read.Advance(t.Context())).To(MatchError(ErrReading))
		w.Expect(seen).To(HaveLen(397))
		began := time.Now()
		for read.result.Load() == nil {
			if err := read.Advance(t.Context()); err != nil {
				w.Expect(err).To(MatchError(ErrReading))
			}
		}
		w.Expect(time.Since(began)).To(BeNumerically("<", 25*time.Second))
		w.Expect(seen).To(HaveLen(1000))
		w.Expect(read.Result().Complete).To(BeTrue())
	})
}

func TestNobodyWaitsLongForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 300)
		w.transport.set(func(*http.Request) { <-time.After(time.Minute / 4) })
		first := w.users.Read(Keys{}, func(*jumpcloud.User) {})
		second := w.users.Read(Keys{}, func(*jumpcloud.User) {})
		go func() { _ = first.Advance(t.Context()) }()
		synctest.Wait()
		began := time.Now()
		w.Expect(second.Advance(t.Context())).To(MatchError(ErrReading))
		w.Expect(time.Since(began)).To(Equal(lockWait))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		w.Expect(second.Advance(ctx)).To(MatchError(context.Canceled))
		<-time.After(time.Minute)
	})
}

func TestACancelledReadCostsNothing(t *testing.T) {
	w := newWorld(t, 290)
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Query: "skip=99"}, Status: http.StatusBadRequest})
	var cancelled visits
	first := w.users.Read(Keys{}, cancelled.visit)
	w.Expect(jumpcloud.ClassOf(w.finish(first))).To(Equal(jumpcloud.Refused))
	first.Cancel()
	w.Expect(w.finish(first)).To(Succeed())
	never := w.users.Read(Keys{}, cancelled.visit)
	never.Cancel()
	w.requests()

	var seen visits
	w.Expect(w.finish(w.users.Read(Keys{}, seen.visit))).To(Succeed())
	w.Expect(seen).To(HaveLen(290))
	w.Expect(cancelled).To(HaveLen(100))
	w.Expect(w.paths()).To(HaveLen(3), "the listing of the cancelled read is not read to its end")
}
