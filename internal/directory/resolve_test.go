package directory

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func named(username string) v1alpha1.UserReference {
	return v1alpha1.UserReference{Username: username}
}

// generated returns references to users that the simulator generated.
func generated(from, to int) []v1alpha1.UserReference {
	var refs []v1alpha1.UserReference
	for i := from; i < to; i++ {
		refs = append(refs, named(fmt.Sprintf("user%06d", i+1)))
	}
	return refs
}

// References mean the same whether they are searched for or listed.
func TestReferences(t *testing.T) {
	for name, users := range map[string]int{"listed": 50, "searched for": 1500} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, users)
			w.people()
			admin := w.org.AddUser(jumpcloudtest.User{
				"username": "root", "email": "root@example.org", "state": "SUSPENDED", "admin": map[string]any{"id": "65f1c0ffee65f1c0ffee0001"},
			})
			absent := []v1alpha1.UserReference{
				named("ADA.BYRON"), named("ada_byron"), named("a.b(c)"), {Email: "nobody@example.org"}, {ID: "65f1c0ffee65f1c0ffee0aaa"},
			}
			present := map[v1alpha1.UserReference]string{
				named("ada.byron"):             "ada.byron",
				named("Ada.Byron2"):            "Ada.Byron2",
				named("a+b(c)"):                "a+b(c)",
				{Email: "Person2@Example.ORG"}: "a+b(c)",
				{Email: "person0@example.org"}: "ada.byron",
				{ID: w.idOf("adaxbyron")}:      "adaxbyron",
				{ID: admin}:                    "root",
			}
			refs := absent
			for ref := range present {
				refs = append(refs, ref)
			}
			before := time.Now()
			resolution := w.resolve(before, refs...)
			w.Expect(resolution.Began).To(BeTemporally(">=", before))
			w.Expect(resolution.Ended).To(BeTemporally(">=", resolution.Began))
			for ref, username := range present {
				person, found := resolution.Find(ref)
				w.Expect(found).To(BeTrue(), "%v", ref)
				w.Expect(person.Username).To(Equal(username), "%v", ref)
				w.Expect(person.ID).To(Equal(w.idOf(username)))
			}
			for _, ref := range absent {
				_, found := resolution.Find(ref)
				w.Expect(found).To(BeFalse(), "%v", ref)
			}
			person, _ := resolution.Find(v1alpha1.UserReference{ID: admin})
			w.Expect(person).To(Equal(User{ID: admin, Username: "root", Email: "root@example.org", State: jumpcloud.StateSuspended, Admin: true}))
			person, _ = resolution.Find(named("ada.byron"))
			w.Expect(person.EmployeeIdentifier).To(Equal("E0"))
			if name == "listed" {
				w.Expect(w.count(searches)).To(BeZero())
			} else {
				w.Expect(w.count(lists)).To(BeZero())
			}
		})
	}
}

func TestNobodyIsAskedFor(t *testing.T) {
	w := newWorld(t, 1)
	_, found := w.resolve(time.Now()).Find(named("user000001"))
	w.Expect(found).To(BeFalse())
	w.Expect(w.requests()).To(BeEmpty())
}

// The snapshot answers as long as it is new enough, whoever listed the users.
func TestASnapshotAnswersWithoutARequest(t *testing.T) {
	for name, list := range map[string]func(w *world){
		"a resolver": func(w *world) { w.resolve(time.Now(), generated(0, 3)...) },
		"a run": func(w *world) {
			w.Expect(w.finish(w.users.Read(Keys{}, func(*jumpcloud.User) {}))).To(Succeed())
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 150)
			before := time.Now()
			list(w)
			w.requests()
			for _, newerThan := range []time.Time{{}, before} {
				_, found := w.resolve(newerThan, named("user000150")).Find(named("user000150"))
				w.Expect(found).To(BeTrue())
			}
			w.Expect(w.requests()).To(BeEmpty())

			after := time.Now()
			w.org.AddUser(jumpcloudtest.User{"username": "new", "email": "new@example.org"})
			w.org.DeleteUser(w.idOf("user000150"))
			_, found := w.resolve(before, named("new")).Find(named("new"))
			w.Expect(found).To(BeFalse(), "that reading was new enough")
			resolution := w.resolve(after, named("new"), named("user000150"))
			_, found = resolution.Find(named("new"))
			w.Expect(found).To(BeTrue())
			_, found = resolution.Find(named("user000150"))
			w.Expect(found).To(BeFalse())
			w.Expect(resolution.Began).To(BeTemporally(">=", after))
		})
	}
}

func TestASearchAnswersOthersToo(t *testing.T) {
	w := newWorld(t, 1000)
	before := time.Now()
	earlier := w.resolve(before, named("user000001"), named("nobody"))
	w.Expect(w.paths()).To(Equal([]string{lists + " skip=0", searches}))
	resolution := w.resolve(before, named("nobody"), named("user000001"))
	_, found := resolution.Find(named("user000001"))
	w.Expect(found).To(BeTrue())
	w.Expect(w.requests()).To(BeEmpty())
	_, known := w.cache.UsersAge()
	w.Expect(known).To(BeTrue(), "it was a complete reading")

	resolution = w.resolve(before, named("user000002"), named("user000001"))
	w.Expect(resolution.Began).To(Equal(earlier.Began), "the older of two searches")
	w.Expect(resolution.Ended).To(BeTemporally(">", earlier.Ended), "the newer one")
	w.Expect(w.paths()).To(Equal([]string{searches}))
	w.resolve(time.Now(), named("nobody"))
	w.Expect(w.paths()).To(Equal([]string{searches}), "absence is proved again")
}

func TestATimeToComeIsNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 150)
		w.resolve(time.Now().Add(time.Hour), generated(0, 5)...)
		w.Expect(w.paths()).To(HaveLen(3))
	})
}

// endsEarly makes the next requests for the list return one user of 150.
func (w *world) endsEarly(requests int) {
	w.sim.Script(jumpcloudtest.Fault{
		Match: jumpcloudtest.Match{Path: lists, Times: requests}, Status: http.StatusOK,
		Body: `{"totalCount":150,"results":[{"_id":"65f1c0ffee65f1c0ffee0001"}]}`,
	})
}

func TestAbsenceIsNotConcludedFromAListThatEndsEarly(t *testing.T) {
	w := newWorld(t, 250)
	w.endsEarly(5)
	refs := generated(200, 205)
	w.Expect(w.tryResolve(time.Now(), refs...)).To(MatchError(ErrIncomplete))
	_, known := w.cache.UsersAge()
	w.Expect(known).To(BeFalse())

	_, found := w.resolve(time.Now(), refs...).Find(refs[0])
	w.Expect(found).To(BeTrue())
}

func TestOneDeletionWhileListingIsMadeUpFor(t *testing.T) {
	w := newWorld(t, 250)
	w.at("skip=99", func() { w.org.DeleteUser(w.ids()[3]) })
	refs := generated(0, 250)
	resolution := w.resolve(time.Now(), refs...)
	for i, ref := range refs {
		_, found := resolution.Find(ref)
		w.Expect(found).To(BeTrue(), "%d %s: seen before the deletion", i, ref.Username)
	}
	w.Expect(w.count(lists)).To(Equal(5))
}

func TestASearchThatContradictsItselfIsNoProof(t *testing.T) {
	w := newWorld(t, 1000)
	w.sim.Script(jumpcloudtest.Fault{
		Match: jumpcloudtest.Match{Path: searches, Times: 1}, Status: http.StatusOK, Body: `{"totalCount":1,"results":[]}`,
	})
	w.Expect(w.tryResolve(time.Now(), generated(0, 1)...)).To(MatchError(ErrIncomplete))
	_, found := w.resolve(time.Now(), generated(0, 1)...).Find(named("user000001"))
	w.Expect(found).To(BeTrue())
}

func TestAResolverGoesOnAfterAPauseAndWithAnotherKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 350)
		w.sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Path: lists, Query: "skip=198"}, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}},
		})
		newerThan, refs := time.Now(), generated(0, 10)
		_, err := w.users.Resolve(t.Context(), refs, newerThan)
		w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
		w.rotate()
		<-time.After(time.Minute)
		w.resolve(newerThan, refs...)
		w.Expect(w.paths()[1:]).To(Equal([]string{lists + " skip=0", lists + " skip=99", lists + " skip=198", lists + " skip=198", lists + " skip=297"}))
	})
}

func TestASearchOfManyGoesOnAfterAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 20_000)
		w.sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Path: searches, Skip: 1}, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}},
		})
		newerThan, refs := time.Now(), generated(0, 120)
		_, err := w.users.Resolve(t.Context(), refs, newerThan)
		w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
		<-time.After(time.Minute)
		w.resolve(newerThan, refs...)
		w.Expect(w.count(searches)).To(Equal(3), "what was found is not searched for again")
	})
}

// A long list is read in slices of a second, and callers with a small question are served in
// between.
func TestALongListKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 3000)
		w.transport.set(func(*http.Request) { <-time.After(250 * time.Millisecond) })
		newerThan, began := time.Now(), time.Now()
		passes := 0
		for {
			pass := time.Now()
			_, err := w.users.Resolve(t.Context(), generated(0, 100), newerThan)
			w.Expect(time.Since(pass)).To(BeNumerically("<=", 1500*time.Millisecond))
			passes++
			if err == nil {
				break
			}
			w.Expect(err).To(MatchError(ErrReading))
		}
		w.Expect(passes).To(BeNumerically(">", 5))
		w.Expect(time.Since(began)).To(BeNumerically("<", 10*time.Second))

		go func() { _ = w.users.Read(Keys{}, func(*jumpcloud.User) {}).Advance(t.Context()) }()
		<-time.After(time.Second / 10)
		asked := time.Now()
		w.resolve(asked, named("user000001"))
		w.Expect(time.Since(asked)).To(BeNumerically("<=", time.Second/2), "the page that is being read, and the search")
		<-time.After(time.Minute)
	})
}

// A run that starts after resolvers gave up a list does not have to finish that list.
func TestAListThatResolversGaveUpIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 950)
		w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Query: "skip=99"}, Status: http.StatusForbidden})
		_, err := w.users.Resolve(t.Context(), generated(0, 10), time.Now())
		w.Expect(err).To(HaveOccurred())
		<-time.After(idle + time.Second)
		w.requests()
		w.Expect(w.finish(w.users.Read(Keys{}, func(*jumpcloud.User) {}))).To(Succeed())
		w.Expect(w.paths()).To(HaveLen(10))
	})
}

// Pages that were read for a run that was given up are not read again.
func TestAResolverGoesOnWithTheListingOfAnother(t *testing.T) {
	w := newWorld(t, 350)
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Query: "skip=198"}, Status: http.StatusForbidden})
	newerThan := time.Now()
	read := w.users.Read(Keys{}, func(*jumpcloud.User) {})
	w.Expect(jumpcloud.ClassOf(w.finish(read))).To(Equal(jumpcloud.Refused))
	read.Cancel()
	w.requests()
	_, found := w.resolve(newerThan, named("user000001")).Find(named("user000001"))
	w.Expect(found).To(BeTrue())
	w.Expect(w.paths()).To(Equal([]string{lists + " skip=198", lists + " skip=297"}))
}

// A run that starts while resolvers list first reads their list to its end: otherwise callers
// that keep coming could keep each other from finishing.
func TestARunDoesNotThrowAwayTheListOfResolvers(t *testing.T) {
	w := newWorld(t, 350)
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Query: "skip=198"}, Status: http.StatusForbidden})
	newerThan, refs := time.Now(), generated(0, 10)
	w.Expect(jumpcloud.ClassOf(w.tryResolve(newerThan, refs...))).To(Equal(jumpcloud.Refused))
	var seen visits
	w.requests()
	w.Expect(w.finish(w.users.Read(Keys{}, seen.visit))).To(Succeed())
	w.Expect(seen).To(HaveLen(350))
	w.Expect(w.paths()).To(HaveLen(2 + 4))
	w.resolve(newerThan, refs...)
	w.Expect(w.requests()).To(BeEmpty())
}

// If another caller's older list was incomplete, a newer one does not fail.
func TestAnIncompleteListThatIsTooOldAnyway(t *testing.T) {
	w := newWorld(t, 150)
	w.resolve(time.Now(), generated(5, 10)...)
	w.requests()
	w.endsEarly(3)
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Path: lists}, Status: http.StatusForbidden})
	w.endsEarly(1)
	w.Expect(jumpcloud.ClassOf(w.tryResolve(time.Now(), generated(5, 10)...))).To(Equal(jumpcloud.Refused), "on the second way")
	_, found := w.resolve(time.Now(), generated(5, 10)...).Find(named("user000006"))
	w.Expect(found).To(BeTrue())
}

// A caller with a newer question does not get its answer from the listing in flight, and does
// not make those who wait for that one start over.
func TestAListingInFlightDoesNotAnswerWhatIsNewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1000)
		var late *Resolution
		var newerThan time.Time
		w.transport.set(func(r *http.Request) {
			<-time.After(10 * time.Millisecond)
			if !strings.Contains(r.URL.RawQuery, "skip=99&") {
				return
			}
			w.org.DeleteUser(w.ids()[999])
			newerThan = time.Now()
			go func() {
				late, _ = w.users.Resolve(t.Context(), generated(999, 1000), newerThan)
			}()
			<-time.After(10 * time.Millisecond)
		})
		early := w.resolve(time.Now(), generated(0, 20)...)
		synctest.Wait()
		_, found := late.Find(named("user001000"))
		w.Expect(found).To(BeFalse())
		w.Expect(late.Ended).To(BeTemporally("<", early.Ended), "a small question is answered meanwhile")
		w.resolve(newerThan, named("user001000"))
		w.Expect(w.count(lists)).To(Equal(11))
		w.Expect(w.count(searches)).To(Equal(1), "its answer outlives the listing, which is older")
	})
}
