package directory

import (
	"maps"
	"slices"
	"sync"
)

// waiting is who waits for users to be read.
type waiting struct {
	mu      sync.Mutex
	reads   []*Read // for the next list
	queries map[*query]struct{}
}

func (w *waiting) addRead(r *Read) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads = append(w.reads, r)
}

// removeRead takes a Read out of the next list.
func (w *waiting) removeRead(r *Read) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads = slices.DeleteFunc(w.reads, func(other *Read) bool { return other == r })
}

// takeReads returns all Reads that wait for a list: they wait for one now.
func (w *waiting) takeReads() []*Read {
	w.mu.Lock()
	defer w.mu.Unlock()
	reads := slices.DeleteFunc(w.reads, (*Read).isCancelled)
	w.reads = nil
	return reads
}

// searches is how many requests the searches of all Reads would take.
func (w *waiting) searches(size *searchSize) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	requests := 0
	for _, r := range w.reads {
		if !r.isCancelled() {
			requests += size.requests(r.keys.size())
		}
	}
	return requests
}

// addQuery notes a query until leave is called.
func (w *waiting) addQuery(q *query) (leave func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queries[q] = struct{}{}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.queries, q)
	}
}

func (w *waiting) allQueries() []*query {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.queries))
}
