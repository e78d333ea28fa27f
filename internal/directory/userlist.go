package directory

import (
	"context"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// pageSize is how many records the client reads at once.
const pageSize = 100

// newUserCursor returns a cursor through users, which come in the order of their ids.
func newUserCursor() *cursor[jumpcloud.User] {
	c := newCursor(func(u jumpcloud.User) string { return u.ID })
	c.ordered = true
	return c
}

// listUsers reads pages of the list of all users.
func listUsers(client *jumpcloud.Client) fetcher[jumpcloud.User] {
	return func(ctx context.Context, skip int) (*jumpcloud.Page[jumpcloud.User], error) {
		page, err := FirstPage(client.UserPages(ctx, jumpcloud.UserListOptions{Skip: skip}))
		if err != nil {
			return nil, err
		}
		return pageOf(page), nil
	}
}

// pageOf returns a page of users in the form of other lists.
func pageOf(page *jumpcloud.UserPage) *jumpcloud.Page[jumpcloud.User] {
	return &jumpcloud.Page[jumpcloud.User]{Skip: page.Skip, Total: page.TotalCount, Items: page.Users}
}

// userList consumes the list of all users, for all Reads that were registered before it began
// and for the snapshot.
type userList struct {
	shared  *users
	readers []*Read
	visited idSet // in both passes through the list, so that no user is visited twice
	users   []User
	last    jumpcloud.User // the latest user who has an id
	// unreadable counts the records that could not be read in full.
	unreadable int
}

// newList takes the Reads that wait. None of them will search any more: that would visit users
// a second time.
func (u *userReader) newList() (*cursor[jumpcloud.User], consumer[jumpcloud.User]) {
	readers := u.waiting.takeReads()
	for _, r := range readers {
		r.position.decided = true
	}
	return newUserCursor(), &userList{shared: u.users, readers: readers, visited: idSet{}}
}

func (l *userList) visit(user *jumpcloud.User) {
	l.users = append(l.users, UserOf(user))
	if user.Unread != nil {
		l.unreadable++
	}
	if user.ID != "" {
		l.last = *user
		if !l.visited.add(user.ID) {
			return
		}
	}
	for _, reader := range l.readers {
		// The reader may have visited users in a search that it had to give up.
		if _, ok := reader.position.seen[user.ID]; !ok && !reader.cancelled.Load() {
			reader.visit(user)
		}
	}
}

func (l *userList) restart() { l.users, l.unreadable = nil, 0 }

func (l *userList) end(o outcome) {
	total := o.total
	if total < 0 {
		total = len(l.users)
	}
	l.shared.count.set(total, knownUserOf(l.last))
	if o.complete {
		l.shared.answers.replace(newSnapshot(o.began, o.ended, l.users), l.unreadable)
	}
	for _, reader := range l.readers {
		reader.end(Result{Began: o.began, Ended: o.ended, Users: total, Complete: o.complete})
	}
	l.shared.waiters.wake()
}

func (l *userList) waitedFor() bool {
	l.readers = slices.DeleteFunc(l.readers, (*Read).isCancelled)
	return len(l.readers) > 0
}
