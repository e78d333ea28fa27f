package directory

import (
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Cache holds what was read of one organization, and what is being read. Its views read with
// the client that they were made with and share everything else. It is safe for concurrent
// use.
type Cache struct {
	users  *users
	groups *sharedList[jumpcloud.UserGroupSummary]
	states *sharedList[jumpcloud.ScheduledState]
}

// NewCache returns a Cache of an organization that has not been read yet.
func NewCache() *Cache {
	return &Cache{
		users: newUsers(),
		groups: newSharedList(func() *cursor[jumpcloud.UserGroupSummary] {
			return newCursor(func(g jumpcloud.UserGroupSummary) string { return g.ID })
		}),
		states: newSharedList(func() *cursor[jumpcloud.ScheduledState] { return newCursor(scheduledStateID) }),
	}
}

// scheduledStateID identifies scheduled states: a job has one for each of its users.
func scheduledStateID(s jumpcloud.ScheduledState) string {
	if !s.Known() {
		return ""
	}
	return s.ScheduledJobID + "/" + s.SystemUserID
}

// Users returns the view that reads users. Each call gets its client by calling client, so
// that a reading outlives a rotation of credentials.
func (c *Cache) Users(client func() *jumpcloud.Client) *Users {
	return &Users{shared: c.users, client: client}
}

// UserGroups returns the list of the user groups, read with the client that client returns.
func (c *Cache) UserGroups(client func() *jumpcloud.Client) *List[jumpcloud.UserGroupSummary] {
	return &List[jumpcloud.UserGroupSummary]{shared: c.groups, client: client,
		page: func(ctx context.Context, client *jumpcloud.Client, skip int) (*jumpcloud.Page[jumpcloud.UserGroupSummary], error) {
			return FirstPage(client.UserGroupPages(ctx, jumpcloud.UserGroupListOptions{Skip: skip}))
		}}
}

// ScheduledStates returns the list of the scheduled state changes, one for each user of a
// scheduled job, read with the client that client returns.
func (c *Cache) ScheduledStates(client func() *jumpcloud.Client) *List[jumpcloud.ScheduledState] {
	return &List[jumpcloud.ScheduledState]{shared: c.states, client: client,
		page: func(ctx context.Context, client *jumpcloud.Client, skip int) (*jumpcloud.Page[jumpcloud.ScheduledState], error) {
			return FirstPage(client.ScheduledStatePages(ctx, jumpcloud.ScheduledStateListOptions{Skip: skip}))
		}}
}

// UsersAge returns how long ago a complete reading of users ended, and whether
// there was one.
func (c *Cache) UsersAge() (age time.Duration, read bool) { return c.users.answers.age() }

// UnreadableRecords returns how many users in the latest complete list have a
// value that cannot be read, and whether there was a list.
func (c *Cache) UnreadableRecords() (records int, read bool) { return c.users.answers.unreadable() }
