package directory

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// follow makes a Follower of the user with this number.
func (w *world) follow(number int) *Follower[*visits] { return w.followID(w.ids()[number]) }

func (w *world) followID(id string) *Follower[*visits] {
	return Follow(w.users, Keys{IDs: []string{id}}, func() (func(*jumpcloud.User), func() *visits) {
		seen := &visits{}
		return seen.visit, func() *visits { return seen }
	})
}

// look makes Followers look until each has an answer, and returns what they saw.
func (w *world) look(t *testing.T, newerThan time.Time, followers ...*Follower[*visits]) (all []string) {
	t.Helper()
	for range 100 {
		waiting := false
		all = nil
		for _, f := range followers {
			seen, _, err := f.Advance(t.Context(), newerThan, time.Hour)
			if _, ok := errors.AsType[*GatheringError](err); ok {
				waiting = true
				continue
			}
			w.Expect(err).NotTo(HaveOccurred())
			all = append(all, fmt.Sprint(*seen))
		}
		if !waiting {
			return all
		}
		<-time.After(ReadingDelay)
	}
	t.Fatal("that never ends")
	return nil
}

func TestFollowersShareTheirReadings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, began := newWorld(t, 250), time.Now()
		var followers []*Follower[*visits]
		var want []string
		for i := range 40 {
			followers, want = append(followers, w.follow(i)), append(want, fmt.Sprint([]string{w.ids()[i]}))
		}
		w.Expect(w.look(t, began, followers[:20]...)).To(Equal(want[:20]))
		w.Expect(w.count(lists)).To(Equal(3), "many are due: a list is read")
		w.sim.ForgetHistory()
		w.Expect(w.look(t, began, followers...)).To(Equal(want))
		w.Expect(w.requests()).To(BeEmpty(), "the list was shown to those who did not ask for it yet")

		<-time.After(10 * time.Minute)
		w.Expect(w.look(t, time.Now(), followers[7])).To(Equal(want[7:8]))
		w.Expect(w.count(lists)).To(BeZero(), "one that wants to know more than others is searched for")

		w.sim.ForgetHistory()
		followers[7].Renew()
		w.Expect(w.look(t, began, followers[7])).To(Equal(want[7:8]))
		w.Expect(w.requests()).NotTo(BeEmpty())
		followers[8].Stop()
	})
}

// arrive makes Followers of the first users arrive one after another.
func (w *world) arrive(t *testing.T, many int, each time.Duration) (followers []*Follower[*visits]) {
	t.Helper()
	for _, id := range w.ids()[:many] {
		f := w.followID(id)
		_, _, err := f.Advance(t.Context(), time.Time{}, time.Hour)
		_, gathering := errors.AsType[*GatheringError](err)
		w.Expect(err == nil || gathering).To(BeTrue(), "%v", err)
		followers = append(followers, f)
		<-time.After(each)
	}
	return followers
}

func TestThousandsWhoComeFastShareOneList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1600)
		followers := w.arrive(t, 1600, 4*time.Millisecond)
		w.Expect(w.requests()).To(BeEmpty(), "who is still to come would need another list")
		w.Expect(w.look(t, time.Time{}, followers...)).To(HaveLen(1600))
		w.Expect(w.count(lists)).To(BeNumerically("<=", 16+2), "one list, and the number of users")
	})
}

func TestWhoComesNowAndThenKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 20)
		w.arrive(t, 14, 400*time.Millisecond)
		w.Expect(w.requests()).NotTo(BeEmpty(), "the first has waited for over five seconds")
	})
}
