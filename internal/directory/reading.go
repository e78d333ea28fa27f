package directory

import (
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// idle is how long a reading is kept that no call continues: longer than a
// pause after an answer 429.
const idle = 10 * time.Minute

// fetcher reads the page of a list that begins at record number skip.
type fetcher[T any] func(ctx context.Context, skip int) (*jumpcloud.Page[T], error)

// consumer takes what a reading sees.
type consumer[T any] interface {
	// visit takes a record that is new to this way through the list.
	visit(*T)
	// restart says that the list is read from its beginning again.
	restart()
	// end says what the reading was.
	end(outcome)
	// waitedFor reports whether the reading is needed whatever its age is.
	waitedFor() bool
}

// outcome is what a reading was.
type outcome struct {
	began, ended time.Time
	total        int // records, as JumpCloud said last; -1: it did not say
	// complete says that no record can have been missed.
	complete bool
}

// reading goes through a list, page by page. After an error it goes on where
// it was.
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

// answers reports whether the reading will be at least as new as a time.
func (f *inFlight[T]) answers(newerThan time.Time) bool {
	return f.reading != nil && !f.reading.began.Before(newerThan)
}

// ensure begins a reading unless one is under way that answers, or that others
// still need. The latter is read to its end first: if each caller began anew,
// callers that come again and again could keep each other from an end.
func (f *inFlight[T]) ensure(newerThan time.Time, begin func() (*cursor[T], consumer[T])) {
	if r := f.reading; r != nil && (f.answers(newerThan) || r.consumer.waitedFor() || time.Since(r.touched) <= idle) {
		return
	}
	c, consumer := begin() // first: what the consumer was asked for is older than the reading
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

// stepFor is step for a caller that needs a reading as new as a time: that it
// was incomplete is an error only where it would have been new enough.
func (f *inFlight[T]) stepFor(ctx context.Context, newerThan time.Time, fetch fetcher[T]) error {
	answers := f.answers(newerThan)
	way, err := f.step(ctx, fetch)
	if way == incomplete && answers {
		return ErrIncomplete
	}
	return err
}
