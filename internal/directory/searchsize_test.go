package directory

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// usernames returns the names of n users that the simulator generated.
func usernames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("user%06d", i+1)
	}
	return names
}

func TestSearchesBecomeAsLargeAsTheServerTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 9000)
		w.org.Configure(func(b *jumpcloudtest.Behavior) { b.MaxSearchConditions = 60 })
		ids := Keys{}
		for _, user := range w.org.Users()[:300] {
			ids.IDs = append(ids.IDs, user["_id"].(string))
		}
		read := func() int {
			before := w.count(searches)
			var seen visits
			read := w.users.Read(ids, seen.visit)
			w.Expect(w.finish(read)).To(Succeed())
			w.Expect(seen).To(HaveLen(300))
			w.Expect(read.Result().Complete).To(BeTrue())
			return w.count(searches) - before
		}
		w.Expect(read()).To(Equal(7), "fifty; ninety-eight are refused; then fifty each")
		w.Expect(read()).To(Equal(6), "what was refused is not tried again")
		<-time.After(2 * sizeAge)
		w.Expect(read()).To(Equal(7), "until the server may take more")
		w.Expect(w.count(lists)).To(BeZero())
	})
}

// If a smaller search costs more than the list, the list is read.
func TestManySmallSearchesAreNoneBetterThanAList(t *testing.T) {
	w := newWorld(t, 1000)
	w.org.Configure(func(b *jumpcloudtest.Behavior) { b.MaxSearchConditions = 40 })
	var seen visits
	read := w.users.Read(Keys{Usernames: usernames(250)}, seen.visit)
	w.Expect(w.finish(read)).To(Succeed())
	w.Expect(seen).To(HaveLen(1000))
	w.Expect(w.count(searches)).To(Equal(1))
	w.Expect(w.count(lists)).To(Equal(11))
}

// The user of a condition that was dropped would count as absent, and be created.
func TestConditionsThatTheServerLeavesOutAreNoProofOfAbsence(t *testing.T) {
	w := newWorld(t, 9000)
	w.org.Configure(func(b *jumpcloudtest.Behavior) { b.UsedSearchConditions = 20 })
	var seen visits
	read := w.users.Read(Keys{Usernames: usernames(30)}, seen.visit)
	w.Expect(w.finish(read)).To(Succeed())
	w.Expect(read.Result().Complete).To(BeTrue())
	w.Expect(seen).To(HaveLen(9000), "the list is read instead")
	w.Expect(w.count(searches)).To(Equal(1))
}

// The refusal of a search with few conditions says nothing about the size. Later searches have
// as many conditions as before.
func TestARefusedSmallSearchIsNoLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1000)
		w.org.Configure(func(b *jumpcloudtest.Behavior) { b.MaxSearchConditions = 1 })
		w.resolve(time.Now(), named("user000001"))
		w.org.Configure(func(b *jumpcloudtest.Behavior) { b.MaxSearchConditions = 0 })
		<-time.After(time.Minute)
		before := w.count(searches)
		w.resolve(time.Now(), named("user000002"))
		w.Expect(w.count(searches) - before).To(Equal(1))
		w.Expect((&searchSize{}).refuse(1)).To(BeFalse())
	})
}

func TestAKnownUserWhoIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 9000)
		total, err := w.users.Count(t.Context())
		w.Expect(err).NotTo(HaveOccurred())
		w.Expect(total).To(Equal(9000))
		w.Expect(w.org.DeleteUser(w.org.Users()[0]["_id"].(string))).To(BeTrue())
		for _, want := range []int{8999, 1} { // the list, and a search with another known user
			var seen visits
			read := w.users.Read(Keys{Usernames: []string{"user000007"}}, seen.visit)
			w.Expect(w.finish(read)).To(Succeed())
			w.Expect(seen).To(HaveLen(want))
			<-time.After(time.Second)
		}
	})
}

// Every reading takes at most 1.1 times the requests of the cheaper way: pages of 100 users,
// or searches with as many conditions as fit with the known user on a page that is not full. The
// number of users is requested once in 10 minutes, for all readings together, and is not
// counted.
func TestTheCheaperWayIsTaken(t *testing.T) {
	const perPage, perSearch, perRow = 100, 98, 3
	for _, users := range []int{100, 1000, 10_000, 100_000} {
		w := newWorld(t, users)
		for _, rows := range []int{1, 10, 100, 1000, 5000} {
			w.sim.ForgetHistory()
			read := NewCache().Users(w.client.Load).Read(Keys{Usernames: usernames(rows), Emails: usernames(rows)}, func(*jumpcloud.User) {})
			w.Expect(w.finish(read)).To(Succeed())
			w.Expect(read.Result().Complete).To(BeTrue())
			list, search := requestsFor(users, perPage), requestsFor(perRow*rows, perSearch)
			w.Expect(float64(w.count(lists)+w.count(searches))).To(BeNumerically("<=", 1.1*float64(min(list, search))), "%d rows, %d users", rows, users)
		}
	}
}
