package directory

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// withGroups adds n groups, whose names are in the order of their numbers.
func (w *world) withGroups(n int) {
	for i := range n {
		w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": fmt.Sprintf("group%04d", i)})
	}
}

func namesOf(listing *Listing[jumpcloud.UserGroupSummary]) []string {
	var names []string
	for _, group := range listing.Items {
		names = append(names, group.Name)
	}
	return names
}

func (w *world) groupNames() []string {
	var names []string
	for _, group := range w.org.UserGroups() {
		names = append(names, group["name"].(string))
	}
	return names
}

func TestAListIsReadOnce(t *testing.T) {
	for name, omit := range map[string]bool{"with a total": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 0)
			w.withGroups(250)
			w.org.Configure(func(b *jumpcloudtest.Behavior) { b.OmitTotalHeader = omit })
			before := time.Now()
			listing, err := readList(w, w.groups, before)
			w.Expect(err).NotTo(HaveOccurred())
			w.Expect(namesOf(listing)).To(HaveExactElements(w.groupNames()))
			w.Expect(listing.Began).To(BeTemporally(">=", before))
			w.Expect(listing.Ended).To(BeTemporally(">=", listing.Began))
			w.Expect(w.paths()).To(Equal([]string{groups + " skip=0", groups + " skip=99", groups + " skip=198"}))

			// Reads with another client share the listing, too.
			other := w.cache.UserGroups(w.client.Load)
			for _, newerThan := range []time.Time{{}, before} {
				again, err := readList(w, other, newerThan)
				w.Expect(err).NotTo(HaveOccurred())
				w.Expect(again).To(BeIdenticalTo(listing))
			}
			w.Expect(w.requests()).To(BeEmpty())
		})
	}
}

func TestAListIsAsNewAsItMustBe(t *testing.T) {
	w := newWorld(t, 0)
	w.withGroups(1)
	_, err := readList(w, w.groups, time.Time{})
	w.Expect(err).NotTo(HaveOccurred())
	w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "later"})
	listing, err := readList(w, w.groups, time.Time{})
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(listing.Items).To(HaveLen(1))
	listing, err = readList(w, w.groups, time.Now())
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(listing.Items).To(HaveLen(2))
	w.requests()
	_, err = readList(w, w.groups, time.Now().Add(time.Hour))
	w.Expect(err).NotTo(HaveOccurred(), "by a clock that is ahead")
	w.Expect(w.requests()).To(HaveLen(1))
}

func TestManyReadersShareAList(t *testing.T) {
	w := newWorld(t, 0)
	w.withGroups(450)
	newerThan := time.Now()
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			for {
				listing, err := w.groups.Read(t.Context(), newerThan)
				if err == nil && len(listing.Items) == 450 {
					return
				}
				if err != ErrReading { //nolint:errorlint // nothing else is allowed
					t.Errorf("%d groups, %v", len(listing.Items), err)
					return
				}
				<-time.After(time.Millisecond)
			}
		})
	}
	all.Wait()
	w.Expect(w.paths()).To(HaveLen(5))
}

// A caller that needs a newer list than the one in flight first reads that one to its end: the
// callers that began it do not wait for another one.
func TestAListInFlightIsNotTakenForANewerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		w.withGroups(250)
		var late *Listing[jumpcloud.UserGroupSummary]
		var reading sync.WaitGroup
		w.at("skip=99", func() {
			<-time.After(time.Second / 2)
			w.org.DeleteUserGroup(w.org.UserGroupByName("group0249")["id"].(string))
			newerThan := time.Now()
			reading.Go(func() {
				var err error
				for late, err = w.groups.Read(t.Context(), newerThan); errors.Is(err, ErrReading); {
					<-time.After(ReadingDelay)
					late, err = w.groups.Read(t.Context(), newerThan)
				}
			})
			<-time.After(time.Second / 4)
		})
		early, err := w.groups.Read(t.Context(), time.Time{})
		w.Expect(err).NotTo(HaveOccurred())
		reading.Wait()
		w.Expect(late.Began).To(BeTemporally(">=", early.Ended))
		w.Expect(late.Items).To(HaveLen(249))
		w.Expect(w.paths()).To(HaveLen(3 + 3))
	})
}

func TestAListThatMoved(t *testing.T) {
	w := newWorld(t, 0)
	w.withGroups(250)
	deleteFirst := func() { w.org.DeleteUserGroup(w.org.UserGroups()[0]["id"].(string)) }
	w.at("skip=99", deleteFirst)
	listing, err := readList(w, w.groups, time.Time{})
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(namesOf(listing)).To(HaveExactElements(w.groupNames()))
	w.Expect(w.paths()).To(HaveLen(6))

	w.transport.set(func(r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "skip=99") {
			deleteFirst()
		}
	})
	_, err = readList(w, w.groups, time.Now())
	w.Expect(err).To(MatchError(ErrIncomplete))
	w.transport.set(nil)
	listing, err = readList(w, w.groups, time.Now())
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(namesOf(listing)).To(HaveExactElements(w.groupNames()))
}

// If another caller's older list was incomplete, a newer one does not fail.
func TestAnIncompleteListOfGroupsThatIsTooOldAnyway(t *testing.T) {
	w := newWorld(t, 0)
	w.withGroups(150)
	deleteFirst := func() { w.org.DeleteUserGroup(w.org.UserGroups()[0]["id"].(string)) }
	w.at("skip=99", deleteFirst)
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Path: groups, Query: "skip=99", Skip: 1}, Status: http.StatusForbidden})
	_, err := readList(w, w.groups, time.Now())
	w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Refused), "on the second way")
	deleteFirst()
	listing, err := readList(w, w.groups, time.Now())
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(listing.Items).To(HaveLen(148))
	w.Expect(w.paths()).To(HaveLen(2 + 2 + 1 + 2))
}

func TestAListGoesOnAfterAPauseAndWithAnotherKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		w.withGroups(350)
		for _, part := range []string{"skip=99", "skip=198"} {
			w.sim.Script(jumpcloudtest.Fault{
				Match: jumpcloudtest.Match{Path: groups, Query: part}, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}},
			})
		}
		_, err := w.groups.Read(t.Context(), time.Time{})
		w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
		w.rotate()
		<-time.After(time.Minute)
		_, err = w.groups.Read(t.Context(), time.Time{})
		w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
		<-time.After(time.Minute)
		listing, err := w.groups.Read(t.Context(), time.Time{})
		w.Expect(err).NotTo(HaveOccurred())
		w.Expect(listing.Items).To(HaveLen(350))
		w.Expect(w.paths()).To(Equal([]string{
			groups + " skip=0", groups + " skip=99", groups + " skip=99", groups + " skip=198", groups + " skip=198", groups + " skip=297",
		}))
	})
}

func TestALongListIsReadInSlices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		w.withGroups(1000)
		w.transport.set(func(*http.Request) { <-time.After(400 * time.Millisecond) })
		newerThan, passes := time.Now(), 0
		for {
			began := time.Now()
			listing, err := w.groups.Read(t.Context(), newerThan)
			w.Expect(time.Since(began)).To(BeNumerically("<=", 1500*time.Millisecond))
			passes++
			if err == nil {
				w.Expect(listing.Items).To(HaveLen(1000))
				break
			}
			w.Expect(err).To(MatchError(ErrReading))
			<-time.After(ReadingDelay)
		}
		w.Expect(passes).To(Equal(4))
		w.Expect(w.paths()).To(HaveLen(11))
	})
}

// A list that no caller continued is not finished first.
func TestAListThatWasGivenUpIsReadAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0)
		w.withGroups(950)
		w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Query: "skip=99"}, Status: http.StatusForbidden})
		_, err := w.groups.Read(t.Context(), time.Time{})
		w.Expect(err).To(HaveOccurred())
		<-time.After(idle + time.Second)
		w.requests()
		listing, err := w.groups.Read(t.Context(), time.Now())
		w.Expect(err).NotTo(HaveOccurred())
		w.Expect(listing.Items).To(HaveLen(950))
		w.Expect(w.paths()).To(HaveLen(10))
	})
}

func TestScheduledStatesAreARowAUserAndJob(t *testing.T) {
	w := newWorld(t, 120)
	for _, day := range []int{1, 2} {
		w.org.AddScheduledState(jumpcloudtest.NewScheduledState{
			Users: w.ids(), State: "SUSPENDED", Date: time.Now().AddDate(0, 0, day),
		})
	}
	listing, err := readList(w, w.states, time.Time{})
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(listing.Items).To(HaveLen(240))
}
