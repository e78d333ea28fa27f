package session

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestWaiters(t *testing.T) {
	g := NewWithT(t)
	u, woken := newUsers(), 0
	d := &Directory{users: u}
	w := &Waiter{Wake: func() { woken++ }}
	ada := func(at time.Time) { u.sight(user("Ada@x.org"), at) }
	refs := []v1alpha1.UserReference{{Username: "ada"}, {Email: "ADA@x.org"}, {Username: "nobody"}}

	d.Await(w, refs)
	u.wake()
	g.Expect(woken).To(BeZero(), "nobody was seen")
	ada(time.Now())
	g.Expect(woken).To(BeZero(), "the reading goes on")
	u.wake()
	u.wake()
	g.Expect(woken).To(Equal(1), "once, by whichever name")
	g.Expect(u.waiters).To(BeEmpty())

	d.Await(w, refs)
	g.Expect(woken).To(Equal(2), "what was seen meanwhile is not missed")
	g.Expect(u.waiters).To(BeEmpty())

	d.Await(w, refs[2:])
	w.Stop()
	w.Stop()
	g.Expect(u.waiters).To(BeEmpty())
	d.Await(w, refs[2:])
	d.Await(w, nil)
	g.Expect(u.waiters).To(BeEmpty())
}

// Between the look that misses a user and Await, another reading may show the user.
func TestAnAbsenceIsForgottenOnceTheUserIsSeen(t *testing.T) {
	g := NewWithT(t)
	u, ref := newUsers(), v1alpha1.UserReference{Username: "ada"}
	began := time.Now().Add(-time.Minute)
	u.snapshot = newSnapshot(began, nil)
	q := &query{refs: []v1alpha1.UserReference{ref}}
	_, found := u.resolve(q).Find(ref)
	g.Expect(found).To(BeFalse())
	u.sight(user(""), began.Add(-time.Hour))
	_, found = u.resolve(q).Find(ref)
	g.Expect(found).To(BeFalse(), "that was before")
	u.sight(user(""), began.Add(time.Second))
	person, found := u.resolve(q).Find(ref)
	g.Expect(found).To(BeTrue())
	g.Expect(person.ID).To(Equal("1"))
}

// user is ada.
func user(email string) *jumpcloud.User {
	u := &jumpcloud.User{ID: "1"}
	u.Username, u.Email = new("ada"), &email
	return u
}
