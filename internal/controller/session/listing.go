package session

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// listing reads all users, page by page, for all reads that were registered
// before it began and for all queries that are content with its age. It
// survives errors: the next reader goes on at its position.
type listing struct {
	readers []*Read
	queried time.Time // when a query last went on with it; zero: never
	began   time.Time
	walk    *walk[jumpcloud.User]
	visited idSet // on both ways, so that nobody is visited twice
	people  []Person
	// unreadable counts the records that could not be read in full.
	unreadable int
}

// pageOf is a page of users in the form of other lists.
func pageOf(page *jumpcloud.UserPage) *jumpcloud.Page[jumpcloud.User] {
	return &jumpcloud.Page[jumpcloud.User]{Skip: page.Skip, Total: page.TotalCount, Items: page.Users}
}

func newUserWalk() *walk[jumpcloud.User] {
	w := newWalk(func(u jumpcloud.User) string { return u.ID })
	w.ordered = true
	return w
}

// readOn reads the next page of a listing.
func (u *users) readOn(ctx context.Context, client *jumpcloud.Client, l *listing) (progress, error) {
	asked := time.Now()
	page, err := FirstPage(client.UserPages(ctx, jumpcloud.UserListOptions{Skip: l.walk.skip()}))
	if err != nil {
		return underWay, err
	}
	way := l.walk.take(pageOf(page), func(user *jumpcloud.User) {
		l.visit(user)
		u.sight(user, asked)
	})
	switch way {
	case again:
		l.people, l.unreadable = nil, 0
		fallthrough
	case underWay:
		return way, nil
	case complete, incomplete:
		u.listing = nil
	}
	total := page.TotalCount
	if total < 0 {
		total = len(l.people)
	}
	u.setTotal(total)
	result := Result{Began: l.began, Ended: time.Now(), Users: total, Complete: way == complete}
	if result.Complete {
		u.remember(newSnapshot(l.began, l.people), l.unreadable)
	}
	for _, reader := range l.readers {
		reader.end(result)
	}
	u.wake()
	return way, nil
}

// remember keeps what a complete listing said. Answers of searches before it
// are not needed any more.
func (u *users) remember(s *snapshot, unreadable int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.snapshot, u.completed, u.unreadable = s, s.ended, unreadable
	maps.DeleteFunc(u.answers, func(_ v1alpha1.UserReference, a answer) bool { return a.began.Before(s.began) })
}

// currentListing returns the listing in flight, or if nobody waits for one any
// more, a new one for the reads that wait.
func (u *users) currentListing() *listing {
	isCancelled := func(r *Read) bool { return r.cancelled.Load() }
	if l := u.listing; l != nil {
		l.readers = slices.DeleteFunc(l.readers, isCancelled)
		if len(l.readers) > 0 || !l.queried.IsZero() && time.Since(l.queried) < idle {
			return l
		}
	}
	u.mu.Lock()
	readers := slices.DeleteFunc(u.waiting, isCancelled)
	u.waiting = nil
	u.mu.Unlock()
	for _, r := range readers {
		r.decided = true // a search now would visit users a second time
	}
	u.listing = &listing{readers: readers, began: time.Now(), walk: newUserWalk(), visited: idSet{}}
	return u.listing
}

func (l *listing) visit(user *jumpcloud.User) {
	l.people = append(l.people, personOf(user))
	if user.Unread != nil {
		l.unreadable++
	}
	if user.ID != "" && !l.visited.add(user.ID) {
		return
	}
	for _, reader := range l.readers {
		// A reader may come from a search that had to be given up.
		if _, ok := reader.seen[user.ID]; !ok && !reader.cancelled.Load() {
			reader.visit(user)
		}
	}
}
