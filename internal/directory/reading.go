package directory

import (
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// idle is how long a reading is kept that no call continues: longer than a pause after a 429.
const idle = 10 * time.Minute

// fetcher reads the page of a list that begins at record number skip.
type fetcher[T any] func(ctx context.Context, skip int) (*jumpcloud.Page[T], error)

// consumer receives what a reading sees.
type consumer[T any] interface {
	// visit receives a record that is new in this pass through the list.
	visit(*T)
	// restart says that the list is read again from its beginning.
	restart()
	// end receives the outcome of the reading.
	end(outcome)
	// waitedFor reports whether the reading is needed whatever its age.
	waitedFor() bool
}

// outcome is the outcome of a reading.
type outcome struct {
	began, ended time.Time
	total        int // number of records according to the latest page; -1: it did not say
	// complete says that no record can have been missed.
	complete bool
}

// reading goes through a list, page by page. After an error it continues where it was.
type reading[T any] struct {
	began, touched time.Time
	cursor         *cursor[T]
	consumer       consumer[T]
}

// step reads one page.
func (r *reading[T]) step(ctx context.Context, fetch fetcher[T]) (progress, error) {
	page, err := fetch(ctx, r.cursor.skip())
	if err != nil {
		return underWay, err
	}
	way := r.cursor.take(page, r.consumer.visit)
	switch way {
	case again:
		r.consumer.restart()
	case complete, incomplete:
		r.consumer.end(outcome{began: r.began, ended: time.Now(), total: page.Total, complete: way == complete})
	case underWay:
	}
	return way, nil
}

// inFlight is the one reading of a list that is under way, if there is one.
type inFlight[T any] struct {
	reading *reading[T]
}

// answers reports whether the reading will be at least as new as newerThan.
func (f *inFlight[T]) answers(newerThan time.Time) bool {
	return f.reading != nil && !f.reading.began.Before(newerThan)
}

// ensure begins a reading, unless one is under way that is new enough or that others still
// need. The latter is read to its end first: if each caller began a new one, callers that keep
// coming could keep each other from finishing.
func (f *inFlight[T]) ensure(newerThan time.Time, begin func() (*cursor[T], consumer[T])) {
	if r := f.reading; r != nil && (f.answers(newerThan) || r.consumer.waitedFor() || time.Since(r.touched) <= idle) {
		return
	}
	c, consumer := begin() // first: the consumer's requests are older than the reading
	f.reading = &reading[T]{began: time.Now(), cursor: c, consumer: consumer}
}

// touch says that a call waits for the reading: it is not idle.
func (f *inFlight[T]) touch() { f.reading.touched = time.Now() }

// step reads one page.
func (f *inFlight[T]) step(ctx context.Context, fetch fetcher[T]) (progress, error) {
	way, err := f.reading.step(ctx, fetch)
	if way == complete || way == incomplete {
		f.reading = nil
	}
	return way, err
}

// stepFor is step for a caller that needs a reading as new as newerThan: an incomplete reading
// is an error only if it would have been new enough.
func (f *inFlight[T]) stepFor(ctx context.Context, newerThan time.Time, fetch fetcher[T]) error {
	answers := f.answers(newerThan)
	way, err := f.step(ctx, fetch)
	if way == incomplete && answers {
		return ErrIncomplete
	}
	return err
}
