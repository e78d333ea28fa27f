package directory

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

func TestASnapshotFindsUsersByEachReference(t *testing.T) {
	g := NewWithT(t)
	var people []User
	for i := range 500 {
		people = append(people, User{
			ID: fmt.Sprintf("%024x", 2*i), Username: fmt.Sprintf("User%d", 7*i%500), Email: fmt.Sprintf("User%d@Example.org", 11*i%500),
		})
	}
	rand.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
	s := newSnapshot(time.Now(), time.Now(), people)
	for _, person := range people {
		for _, ref := range []v1alpha1.UserReference{{ID: person.ID}, {Username: person.Username}, {Email: strings.ToUpper(person.Email)}} {
			found, ok, _ := s.find(normal(ref))
			g.Expect(ok).To(BeTrue())
			g.Expect(found).To(Equal(person))
		}
	}
	for _, ref := range []v1alpha1.UserReference{
		{ID: fmt.Sprintf("%024x", 1)}, {ID: strings.Repeat("f", 24)}, {Username: "user1"}, {Username: "User500"}, {Email: "user500@example.org"}, {},
	} {
		_, ok, _ := s.find(normal(ref))
		g.Expect(ok).To(BeFalse(), "%v", ref)
	}
}

// The size of everything that is kept of a user.
func TestASnapshotTakesAtMost300BytesAUser(t *testing.T) {
	const n = 100_000
	w := newWorld(t, n)
	newerThan := time.Now()
	w.resolve(newerThan, generated(0, n/100)...)
	w.Expect(w.cache.users.answers.snapshot.users).To(HaveLen(n))
	with := heap()
	w.cache.users.answers.snapshot = nil
	bytes := float64(with-heap()) / n
	t.Logf("%.0f bytes a user", bytes)
	w.Expect(bytes).To(BeNumerically("~", 200, 100))
	runtime.KeepAlive(w)
}

// heap returns the number of heap bytes in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
