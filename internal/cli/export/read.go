package export

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// Live is what was read of an organization.
type Live struct {
	// Users are in the order of their ids.
	Users []jumpcloud.User
	// Groups is nil if they are not exported.
	Groups []Group
	// States are the scheduled states, one row for each user and job.
	States []jumpcloud.ScheduledState
	// Endpoints are the devices by the ids of their users.
	Endpoints map[string][]jumpcloud.PushEndpoint
	// Workdays are the Workday instances.
	Workdays []jumpcloud.WorkdayInstance
}

// Group is a group in full, with the ids of its members.
type Group struct {
	Full    *jumpcloud.UserGroup
	Members []string
}

// Kinds are the kinds that can be exported.
var Kinds = []string{"User", "UserGroup", "ScheduledUserState", "PushEndpoint", "WorkdayInstance"}

// atOnce is the number of concurrent requests; the limiter controls their rate.
const atOnce = 8

// Read reads the given Kinds of an organization. It makes only calls that read. It always
// reads the users, because all other objects refer to them.
func Read(ctx context.Context, s *session.Session, kinds []string, progress func(string)) (*Live, error) {
	all, err := readUsers(ctx, s)
	if err != nil {
		return nil, err
	}
	live := &Live{Users: all}
	for _, step := range []struct {
		kind, what string
		read       func() error
	}{
		{"UserGroup", "groups and their members", func() (err error) { live.Groups, err = readGroups(ctx, s); return err }},
		{"ScheduledUserState", "scheduled states", func() (err error) { live.States, err = readStates(ctx, s); return err }},
		{"PushEndpoint", "devices, with one request for each user", func() (err error) { live.Endpoints, err = readEndpoints(ctx, s, all); return err }},
		{"WorkdayInstance", "the Workday instance", func() (err error) { live.Workdays, err = readWorkdays(ctx, s); return err }},
	} {
		if !slices.Contains(kinds, step.kind) {
			continue
		}
		progress("Reading " + step.what + " ...")
		if err := step.read(); err != nil {
			return nil, err
		}
	}
	return live, nil
}

func readUsers(ctx context.Context, s *session.Session) ([]jumpcloud.User, error) {
	for range mostTries {
		var all []jumpcloud.User
		read := s.Users.Read(directory.Keys{}, func(u *jumpcloud.User) { all = append(all, *u) })
		if err := Patiently(ctx, func() error { return read.Advance(ctx) }); err != nil {
			return nil, err
		}
		if read.Result().Complete {
			slices.SortStableFunc(all, func(a, b jumpcloud.User) int { return strings.Compare(a.ID, b.ID) })
			return slices.Clip(append([]jumpcloud.User{}, all...)), nil
		}
	}
	return nil, directory.ErrIncomplete
}

func readGroups(ctx context.Context, s *session.Session) ([]Group, error) {
	var listing *directory.Listing[jumpcloud.UserGroupSummary]
	err := Patiently(ctx, func() (err error) {
		listing, err = s.UserGroups.Read(ctx, time.Time{})
		return err
	})
	if err != nil {
		return nil, err
	}
	groups := make([]Group, len(listing.Items))
	err = each(ctx, len(groups), func(ctx context.Context, i int) error {
		id := listing.Items[i].ID
		err := Patiently(ctx, func() (err error) {
			groups[i].Full, err = s.Client.GetUserGroup(ctx, id)
			return err
		})
		if err != nil {
			return err
		}
		groups[i].Members, err = readMembers(ctx, s, id)
		return err
	})
	return groups, err
}

func readMembers(ctx context.Context, s *session.Session, id string) ([]string, error) {
	pages := directory.NewPages(func(o jumpcloud.GraphObject) string { return o.ID }, func(ctx context.Context, skip int) (*jumpcloud.Page[jumpcloud.GraphObject], error) {
		return directory.FirstPage(s.Client.UserGroupMemberPages(ctx, id, skip))
	})
	if err := Patiently(ctx, func() error { return pages.Advance(ctx) }); err != nil {
		return nil, err
	}
	var ids []string
	for _, member := range pages.Items() {
		ids = append(ids, member.ID)
	}
	return ids, nil
}

func readStates(ctx context.Context, s *session.Session) ([]jumpcloud.ScheduledState, error) {
	var listing *directory.Listing[jumpcloud.ScheduledState]
	err := Patiently(ctx, func() (err error) {
		listing, err = s.ScheduledStates.Read(ctx, time.Time{})
		return err
	})
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(slices.Values(listing.Items), func(a, b jumpcloud.ScheduledState) int {
		return strings.Compare(a.ScheduledJobID+a.SystemUserID, b.ScheduledJobID+b.SystemUserID)
	}), nil
}

func readEndpoints(ctx context.Context, s *session.Session, all []jumpcloud.User) (map[string][]jumpcloud.PushEndpoint, error) {
	found := make([][]jumpcloud.PushEndpoint, len(all))
	err := each(ctx, len(all), func(ctx context.Context, i int) error {
		if all[i].ID == "" {
			return nil
		}
		return Patiently(ctx, func() (err error) {
			found[i], err = s.Client.ListPushEndpoints(ctx, all[i].ID)
			return jumpcloud.IgnoreNotFound(err) // the user is gone
		})
	})
	byUser := map[string][]jumpcloud.PushEndpoint{}
	for i := range found {
		if len(found[i]) > 0 {
			byUser[all[i].ID] = found[i]
		}
	}
	return byUser, err
}

func readWorkdays(ctx context.Context, s *session.Session) (all []jumpcloud.WorkdayInstance, err error) {
	err = Patiently(ctx, func() error {
		all = nil
		for page, err := range s.Client.WorkdayInstancePages(ctx, 0) {
			if err != nil {
				return err
			}
			all = append(all, page.Items...)
		}
		return nil
	})
	return all, err
}

// each calls read for all numbers below n, a few at once.
func each(ctx context.Context, n int, read func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range n {
		group.Go(func() error { return read(ctx, i) })
	}
	return group.Wait()
}

// mostTries is the maximum number of attempts after transient failures.
const mostTries = 5

// Patiently calls read until it succeeds: it waits for the limiter, for a pause that JumpCloud
// asks for, and for a while after transient failures.
func Patiently(ctx context.Context, read func() error) error {
	for failures := 0; ; {
		err := read()
		wait := directory.ReadingDelay
		remote, _ := errors.AsType[*jumpcloud.Error](err)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, directory.ErrReading):
			wait = 0 // it read for as long as one call may
		case remote != nil && remote.Class == jumpcloud.RateLimited:
			wait = max(wait, remote.RetryAfter)
		case errors.Is(err, directory.ErrIncomplete), remote != nil && remote.Class == jumpcloud.Unavailable:
			failures++
			if failures == mostTries {
				return err
			}
			wait <<= failures
		default:
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}
