package session

import (
	"context"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// listing reads all users, page by page, for all reads that were registered
// before it began. It survives errors: the next reader goes on at its position.
type listing struct {
	readers []*Read
	began   time.Time
	visited idSet // over both attempts, so that nobody is visited twice
	attempt
	restarted bool
}

// attempt is one way through a list or through what a search finds, from the
// first page to the last.
type attempt struct {
	seen   idSet
	next   int // records before the next page
	total  int // as the latest page said
	shrunk bool
}

func newAttempt() attempt { return attempt{seen: idSet{}} }

// take notes a page.
func (a *attempt) take(page *jumpcloud.UserPage) {
	a.next = page.Skip + len(page.Users)
	a.shrunk = a.shrunk || page.TotalCount < a.total
	a.total = page.TotalCount
	for i := range page.Users {
		a.seen.add(page.Users[i].ID)
	}
}

// consistent says whether nobody can have been missed. A user who is created
// while the list is read adds to the total. One who is deleted moves all others
// under the offset, so that one of them is skipped: that is seen by the total
// shrinking, even where the number of ids then happens to fit.
func (a *attempt) consistent() bool { return len(a.seen) == a.total && !a.shrunk }

// advanceListing reads pages of the listing in flight, or of a new one, until
// it has ended or the time is up.
func (u *users) advanceListing(ctx context.Context, client *jumpcloud.Client, until time.Time) error {
	l := u.currentListing()
	for page, err := range client.UserPages(ctx, jumpcloud.UserListOptions{Skip: l.next}) {
		if err != nil {
			return err
		}
		l.take(page)
		l.visit(page)
		if time.Now().After(until) {
			return ErrReading
		}
	}
	consistent := l.consistent()
	if !consistent && !l.restarted {
		l.attempt, l.restarted = newAttempt(), true
		return nil
	}
	u.listing = nil
	u.setTotal(l.total)
	result := Result{Began: l.began, Ended: time.Now(), Users: l.total, Complete: consistent}
	if consistent {
		u.complete(result.Ended)
	}
	for _, reader := range l.readers {
		reader.end(result)
	}
	return nil
}

// currentListing returns the listing in flight, or a new one for the reads
// that wait.
func (u *users) currentListing() *listing {
	isCancelled := func(r *Read) bool { return r.cancelled.Load() }
	if u.listing != nil {
		u.listing.readers = slices.DeleteFunc(u.listing.readers, isCancelled)
		if len(u.listing.readers) > 0 {
			return u.listing
		}
	}
	u.mu.Lock()
	readers := slices.DeleteFunc(u.waiting, isCancelled)
	u.waiting = nil
	u.mu.Unlock()
	for _, r := range readers {
		r.decided = true // a search now would visit users a second time
	}
	u.listing = &listing{readers: readers, began: time.Now(), visited: idSet{}, attempt: newAttempt()}
	return u.listing
}

func (l *listing) visit(page *jumpcloud.UserPage) {
	for i := range page.Users {
		user := &page.Users[i]
		if !l.visited.add(user.ID) {
			continue
		}
		for _, reader := range l.readers {
			// A reader may come from a search that had to be given up.
			if _, ok := reader.seen[user.ID]; !ok && !reader.cancelled.Load() {
				reader.visit(user)
			}
		}
	}
}
