package directory

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestAThousandResolversCostOneList(t *testing.T) {
	w := newWorld(t, 1000)
	newerThan := time.Now()
	var all sync.WaitGroup
	for i, ref := range generated(0, 1000) {
		all.Go(func() {
			for {
				resolution, err := w.users.Resolve(t.Context(), []v1alpha1.UserReference{ref}, newerThan)
				if err == ErrReading { //nolint:errorlint // it comes bare
					<-time.After(time.Millisecond)
					continue
				}
				if err != nil {
					t.Errorf("%d: %v", i, err)
				} else if person, found := resolution.Find(ref); !found || person.Username != ref.Username {
					t.Errorf("%d: found %v", i, found)
				}
				return
			}
		})
	}
	all.Wait()
	w.Expect(w.count(lists)).To(Equal(11))
	w.Expect(w.count(searches)).To(BeNumerically("<=", 10), "by the first, before the others came")
}

// Objects that ask one after the other, each for a different user, search until that has cost
// a list. Then the list answers the rest.
func TestSearchesCostAtMostAList(t *testing.T) {
	w := newWorld(t, 1000)
	newerThan := time.Now()
	for _, ref := range generated(0, 60) {
		w.resolve(newerThan, ref)
	}
	w.Expect(w.count(searches)).To(Equal(10))
	w.Expect(w.count(lists)).To(Equal(11))
}

// A list in place of searches that are too old would be too old as well.
func TestOldSearchesAreNotHeldAgainstNewOnes(t *testing.T) {
	w := newWorld(t, 1000)
	for _, ref := range generated(0, 60) {
		w.resolve(time.Now(), ref)
	}
	w.Expect(w.count(searches)).To(Equal(60))
	w.Expect(w.count(lists)).To(BeZero())
}

func TestManyReferencesAreListed(t *testing.T) {
	w := newWorld(t, 1000)
	w.resolve(time.Now(), generated(0, 10)...)
	w.Expect(w.count(lists)).To(Equal(11))
	w.Expect(w.count(searches)).To(BeZero())

	w = newWorld(t, 20_000)
	w.resolve(time.Now(), generated(0, 120)...)
	w.Expect(w.count(lists)).To(BeZero())
	w.Expect(w.count(searches)).To(Equal(2), "fifty, and then as many as a page has users")
}

// Runs that wait at the same time also share a list if their searches together would cost
// more.
func TestReadsOfRunsShareAListThatIsCheaper(t *testing.T) {
	w := newWorld(t, 400)
	var reads []*Read
	for i := range 20 {
		username := fmt.Sprintf("user%06d", i+1)
		reads = append(reads, w.users.Read(Keys{Usernames: []string{username}}, func(*jumpcloud.User) {}))
	}
	for _, read := range reads {
		w.Expect(w.finish(read)).To(Succeed())
		w.Expect(read.Result().Complete).To(BeTrue())
	}
	w.Expect(w.count(searches)).To(BeZero())
	w.Expect(w.count(lists)).To(Equal(5))
}

func TestSearchesOfRunsCountAsWell(t *testing.T) {
	w := newWorld(t, 1000)
	newerThan := time.Now()
	for range 10 {
		read := w.users.Read(Keys{Usernames: []string{"user000001"}}, func(*jumpcloud.User) {})
		w.Expect(w.finish(read)).To(Succeed())
	}
	w.Expect(w.count(lists)).To(BeZero())
	w.resolve(newerThan, named("user000002"))
	w.Expect(w.count(searches)).To(Equal(10))
	w.Expect(w.count(lists)).To(Equal(11))
}

func TestWhoGaveUpDoesNotCount(t *testing.T) {
	w := newWorld(t, 400)
	for range 20 {
		w.users.Read(Keys{Usernames: []string{"user000001"}}, func(*jumpcloud.User) {}).Cancel()
	}
	w.resolve(time.Now(), named("user000001"))
	w.Expect(w.count(searches)).To(Equal(1))
	w.Expect(w.count(lists)).To(BeZero())
}

func TestResolversListWhereTheServerCannotFilter(t *testing.T) {
	for name, change := range map[string]func(*jumpcloudtest.Behavior){
		"ignores filters": func(b *jumpcloudtest.Behavior) { b.IgnoreSearchFilters = true },
		"refuses them":    func(b *jumpcloudtest.Behavior) { b.MaxSearchConditions = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1000)
			w.org.Configure(change)
			resolution := w.resolve(time.Now(), named("user000007"), named("nobody"))
			_, found := resolution.Find(named("user000007"))
			w.Expect(found).To(BeTrue())
			_, found = resolution.Find(named("nobody"))
			w.Expect(found).To(BeFalse())
			w.Expect(w.count(searches)).To(Equal(1))
			w.Expect(w.count(lists)).To(Equal(11))
		})
	}
}

func TestTheNumberOfUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 250)
		for range 3 {
			n, err := w.users.Count(t.Context())
			w.Expect(err).NotTo(HaveOccurred())
			w.Expect(n).To(Equal(250))
		}
		w.Expect(w.requests()).To(HaveLen(1))
		w.org.Generate(1)
		<-time.After(countAge)
		n, err := w.users.Count(t.Context())
		w.Expect(err).NotTo(HaveOccurred())
		w.Expect(n).To(Equal(251))

		<-time.After(countAge)
		w.sim.Script(jumpcloudtest.Fault{Status: http.StatusForbidden})
		_, err = w.users.Count(t.Context())
		w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Refused), "an old number is not good enough")
	})
}
