package directory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func itself(s string) string { return s }

// fakeList is a list that keeps the order of its records while it changes.
type fakeList struct {
	records []string
	created int
	// untold omits the total.
	untold  bool
	trusted bool // walks through it trust its total
	ordered bool // walks through it rely on the order of the ids
}

func newFakeList(n int) *fakeList {
	l := &fakeList{}
	for range n {
		l.insert(len(l.records))
	}
	return l
}

func (l *fakeList) insert(at int) {
	l.created++
	l.records = slices.Insert(l.records, at, fmt.Sprintf("r%06d", l.created))
}

func (l *fakeList) remove(at int) { l.records = slices.Delete(l.records, at, at+1) }

func (l *fakeList) page(skip int) *jumpcloud.Page[string] {
	page := &jumpcloud.Page[string]{Skip: skip, Total: len(l.records)}
	if l.untold {
		page.Total = -1
	}
	if skip < len(l.records) {
		page.Items = slices.Clone(l.records[skip:min(skip+pageSize, len(l.records))])
	}
	return page
}

// through walks through the list, and calls between before each page but the first. It returns
// what was visited in the last pass through the list, and how many pages were read.
func (l *fakeList) through(between func()) (way progress, visited []string, pages int) {
	w := newCursor(itself)
	w.trusts, w.ordered = l.trusted, l.ordered
	for way = underWay; way == underWay || way == again; pages++ {
		if pages > 0 {
			between()
		}
		if way == again {
			visited = nil
		}
		way = w.take(l.page(w.skip()), func(s *string) { visited = append(visited, *s) })
	}
	return way, visited, pages
}

// A trusting walk reads as few pages as possible, and misses only a record that is added while
// another one is deleted.
func TestATrustingWalk(t *testing.T) {
	for n, pages := range map[int]int{0: 1, 100: 1, 101: 2, 200: 2, 5000: 50} {
		g, l := NewWithT(t), newFakeList(n)
		l.trusted = true
		way, visited, read := l.through(func() {})
		g.Expect(way).To(Equal(complete))
		g.Expect(visited).To(HaveExactElements(l.records))
		g.Expect(read).To(Equal(pages), "%d records", n)
	}
	g, l := NewWithT(t), newFakeList(250)
	l.trusted = true
	once := sync.OnceFunc(func() { l.remove(0) })
	way, visited, read := l.through(once)
	g.Expect(way).To(Equal(complete))
	g.Expect(visited).To(HaveExactElements(l.records))
	g.Expect(read).To(Equal(3 + 3))

	l.untold = true
	_, _, read = l.through(func() {})
	g.Expect(read).To(Equal(3), "without a total the pages overlap")
}

func TestAWalkThroughAListThatStays(t *testing.T) {
	for _, untold := range []bool{false, true} {
		for n, pages := range map[int]int{0: 1, 1: 1, 99: 1, 100: 1, 101: 2, 199: 2, 200: 3, 250: 3} {
			g, l := NewWithT(t), newFakeList(n)
			l.untold = untold
			if untold && (n == 100 || n == 199) {
				pages++ // a full page may not be the last one
			}
			way, visited, read := l.through(func() {})
			g.Expect(way).To(Equal(complete))
			g.Expect(visited).To(HaveExactElements(l.records), "%d records", n)
			g.Expect(read).To(Equal(pages), "%d records", n)
		}
	}
}

// In a list that is ordered by id, a walk steps back if records were deleted before its
// position. It misses nobody who stays, and reads few more pages than there are.
func TestAWalkInOrderMissesNobody(t *testing.T) {
	for seed := range uint64(3000) {
		random := rand.New(rand.NewPCG(seed, 1))
		l := newFakeList(random.IntN(1500))
		l.ordered, l.untold = true, seed%2 == 0
		stayed := len(l.records)
		quiet := 0.3 + random.Float64()
		changes := 0
		way, visited, pages := l.through(func() {
			for random.Float64() > quiet {
				changes++
				if n := len(l.records); n > 0 && random.IntN(3) > 0 {
					l.remove(random.IntN(n))
				} else {
					l.insert(n)
				}
			}
		})
		if way != complete {
			t.Fatalf("seed %d: %d", seed, way)
		}
		if most := stayed/pageSize + 3 + 3*changes; pages > most {
			t.Fatalf("seed %d: %d pages and not %d", seed, pages, most)
		}
		seen := map[string]bool{}
		for _, r := range visited {
			if seen[r] {
				t.Fatalf("seed %d: %s was visited twice", seed, r)
			}
			seen[r] = true
		}
		last := ""
		if len(visited) > 0 {
			last = slices.Max(visited)
		}
		for _, r := range l.records {
			if r <= last && !seen[r] {
				t.Fatalf("seed %d: %s was missed", seed, r)
			}
		}
	}
}

// 100,000 users, ten requests a second, and a user leaves every 90 seconds.
func TestALargeDirectoryWithOrdinaryDeletionsIsReadToItsEnd(t *testing.T) {
	g := NewWithT(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 10 {
		l := newFakeList(100_000)
		l.ordered = true
		requests := random.IntN(900)
		way, _, pages := l.through(func() {
			requests++
			if requests%900 == 0 {
				l.remove(random.IntN(len(l.records) / 10)) // before most of the walk's positions
			}
		})
		g.Expect(way).To(Equal(complete))
		g.Expect(pages).To(BeNumerically("<=", 1.05*1011))
	}
}

// More records are deleted than are read, from the beginning.
func TestAListThatVanishesIsIncomplete(t *testing.T) {
	l := newFakeList(50_000)
	l.ordered = true
	way, _, _ := l.through(func() { l.records = l.records[min(90, len(l.records)):] })
	NewWithT(t).Expect(way).To(Equal(incomplete))
}

// A list that is not ordered by id is read by the rules for any list.
func TestAWalkThatExpectsAnOrderInVain(t *testing.T) {
	g := NewWithT(t)
	l := newFakeList(250)
	l.ordered = true
	slices.Reverse(l.records)
	way, visited, pages := l.through(func() {})
	g.Expect(way).To(Equal(complete))
	g.Expect(visited).To(ConsistOf(l.records))
	g.Expect(pages).To(Equal(1 + 3))
}

// Records whose ids cannot be read are counted, wherever they are.
func TestAWalkPastRecordsWithoutAnID(t *testing.T) {
	for _, places := range [][]int{{0}, {50}, {99}, {98, 99}, {100}, {99, 100}, {249}, {0, 1, 2, 99, 198, 249}} {
		for _, ordered := range []bool{false, true} {
			for _, untold := range []bool{false, true} {
				g := NewWithT(t)
				l := newFakeList(250)
				l.ordered, l.untold = ordered, untold
				for _, place := range places {
					l.records[place] = ""
				}
				way, visited, pages := l.through(func() {})
				g.Expect(way).To(Equal(complete), "%v", places)
				g.Expect(visited).To(ConsistOf(l.records), "%v", places)
				g.Expect(pages).To(BeNumerically("<=", 4), "%v", places)
			}
		}
	}
}

// Whatever is deleted and created in the meantime: a user who was there all the time was
// visited, or the walk says that it may have missed somebody.
func TestACompleteWalkMissesNobody(t *testing.T) {
	outcomes := map[progress]int{}
	for seed := range uint64(3000) {
		random := rand.New(rand.NewPCG(seed, 0))
		l := newFakeList(random.IntN(450))
		l.untold = seed%2 == 0
		stayed := map[string]bool{}
		for _, r := range l.records {
			stayed[r] = true
		}
		quiet := random.Float64()
		way, visited, _ := l.through(func() {
			for random.Float64() > quiet {
				if n := len(l.records); n > 0 && random.IntN(2) == 0 {
					l.remove(random.IntN(n))
				} else {
					l.insert(random.IntN(n + 1))
				}
			}
		})
		outcomes[way]++
		if way != complete {
			continue
		}
		seen := map[string]bool{}
		for _, r := range visited {
			if seen[r] {
				t.Fatalf("seed %d: %s was visited twice", seed, r)
			}
			seen[r] = true
		}
		for _, r := range l.records {
			if stayed[r] && !seen[r] {
				t.Fatalf("seed %d: %s was missed", seed, r)
			}
		}
	}
	for _, way := range []progress{complete, incomplete} {
		if outcomes[way] < 100 {
			t.Errorf("only %d walks ended so: %d", outcomes[way], way)
		}
	}
}

func TestAWalkIsNotFooledByATotal(t *testing.T) {
	g := NewWithT(t)
	w := newCursor(itself)
	short := &jumpcloud.Page[string]{Total: 3, Items: []string{"a", "b"}}
	ignore := func(*string) {}
	g.Expect(w.take(short, ignore)).To(Equal(underWay))
	g.Expect(w.take(&jumpcloud.Page[string]{Skip: 1, Total: 3, Items: []string{"b"}}, ignore)).To(Equal(again), "nothing more comes")
	twice := &jumpcloud.Page[string]{Total: 2, Items: []string{"a", "a"}}
	g.Expect(w.take(twice, ignore)).To(Equal(incomplete), "one record twice is not two")
}
