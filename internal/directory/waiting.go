package directory

import (
	"maps"
	"slices"
	"sync"
)

// waiting holds the Reads and queries that wait for users to be read.
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

// removeRead removes a Read from those that wait for the next list.
func (w *waiting) removeRead(r *Read) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads = slices.DeleteFunc(w.reads, func(other *Read) bool { return other == r })
}

// takeReads returns all Reads that wait for a list, and removes them: the list that begins now
// serves them.
func (w *waiting) takeReads() []*Read {
	w.mu.Lock()
	defer w.mu.Unlock()
	reads := slices.DeleteFunc(w.reads, (*Read).isCancelled)
	w.reads = nil
	return reads
}

// searches returns how many requests the searches of all Reads would take.
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

// addQuery registers a query until leave is called.
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
