package session

import (
	"context"
	"iter"
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
// first page to the last. Each page begins with the last record of the one
// before: where it does not, somebody before it was deleted, all others moved
// under the offset, and one of them would be skipped.
type attempt struct {
	seen  idSet
	next  int    // records up to the end of the latest page
	last  string // id of the last of them
	total int    // as the latest page said
	moved bool
	ended bool
}

func newAttempt() attempt { return attempt{seen: idSet{}} }

// skip is where the next page begins.
func (a *attempt) skip() int { return max(a.next-1, 0) }

// take notes a page.
func (a *attempt) take(page *jumpcloud.UserPage) {
	a.moved = a.moved || a.next > 0 && (len(page.Users) == 0 || page.Users[0].ID != a.last)
	next := page.Skip + len(page.Users)
	a.total = page.TotalCount
	a.ended = next <= a.next || next >= a.total
	a.next = next
	for i := range page.Users {
		a.last = page.Users[i].ID
		a.seen.add(a.last)
	}
}

// consistent says whether nobody can have been missed. A user who is created
// while the list is read comes last, and adds to the total.
func (a *attempt) consistent() bool { return len(a.seen) == a.total && !a.moved }

// first returns the first page.
func first(pages iter.Seq2[*jumpcloud.UserPage, error]) (*jumpcloud.UserPage, error) {
	for page, err := range pages {
		return page, err
	}
	return &jumpcloud.UserPage{}, nil
}

// advanceListing reads pages of the listing in flight, or of a new one, until
// it has ended or the time is up.
func (u *users) advanceListing(ctx context.Context, client *jumpcloud.Client, until time.Time) error {
	l := u.currentListing()
	for !l.ended {
		if l.next > 0 && time.Now().After(until) {
			return ErrReading
		}
		page, err := first(client.UserPages(ctx, jumpcloud.UserListOptions{Skip: l.skip()}))
		if err != nil {
			return err
		}
		l.take(page)
		l.visit(page)
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
