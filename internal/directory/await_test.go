package directory

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
	d := &Users{shared: u}
	w := &Waiter{Wake: func() { woken++ }}
	see := func(at time.Time) { u.sight(ada("Ada@x.org"), at) }
	refs := []v1alpha1.UserReference{{Username: "ada"}, {Email: "ADA@x.org"}, {Username: "nobody"}}

	d.Await(w, refs)
	u.waiters.wake()
	g.Expect(woken).To(BeZero(), "nobody was seen")
	see(time.Now())
	g.Expect(woken).To(BeZero(), "the reading goes on")
	u.waiters.wake()
	u.waiters.wake()
	g.Expect(woken).To(Equal(1), "once, by whichever name")
	g.Expect(u.waiters.of).To(BeEmpty())

	d.Await(w, refs)
	g.Expect(woken).To(Equal(2), "what was seen meanwhile is not missed")
	g.Expect(u.waiters.of).To(BeEmpty())

	d.Await(w, refs[2:])
	w.Stop()
	w.Stop()
	g.Expect(u.waiters.of).To(BeEmpty())
	d.Await(w, refs[2:])
	d.Await(w, nil)
	g.Expect(u.waiters.of).To(BeEmpty())
}

// Between the look that does not find a user and Await, another reading may show the user.
func TestAnAbsenceIsForgottenOnceTheUserIsSeen(t *testing.T) {
	g := NewWithT(t)
	u, ref := newUsers(), v1alpha1.UserReference{Username: "ada"}
	began := time.Now().Add(-time.Minute)
	u.answers.snapshot = newSnapshot(began, began, nil)
	q := &query{refs: []v1alpha1.UserReference{ref}}
	find := func() (User, bool) {
		resolution, _ := u.answers.resolve(q)
		return resolution.Find(ref)
	}
	_, found := find()
	g.Expect(found).To(BeFalse())
	u.sight(ada(""), began.Add(-time.Hour))
	_, found = find()
	g.Expect(found).To(BeFalse(), "that was before")
	u.sight(ada(""), began.Add(time.Second))
	user, found := find()
	g.Expect(found).To(BeTrue())
	g.Expect(user.ID).To(Equal("1"))
}

// ada returns a user with this email.
func ada(email string) *jumpcloud.User {
	u := &jumpcloud.User{ID: "1"}
	u.Username, u.Email = new("ada"), &email
	return u
}
