package check

import (
	"context"
	"net/http"
	"net/url"
)

// groupProbes are about user groups and their members.
var groupProbes = group{
	title: "user groups", makes: "1 user, 3 groups",
	probes: []probe{
		{"duplicateGroupStatus", http.StatusConflict, "a second group of the same name", duplicateGroup},
		{"groupVisibilityLag", nil, "a list after a group was created", groupLag},
		{"memberLag", nil, "a list of members after one was added", memberLag},
		{"duplicateMemberStatus", http.StatusConflict, "a member is added again", duplicateMember},
		{"verboseConnections", false, "a list of members", verboseConnections},
		{"missingMemberStatus", http.StatusNotFound, "a user who is not a member is removed", missingMember},
		{"deleteGroupStatus", http.StatusNoContent, "a group is deleted", deleteGroup},
	},
}

func duplicateGroup(ctx context.Context, l *lab) (any, error) {
	if _, err := l.group(ctx, "group", nil); err != nil {
		return nil, err
	}
	return l.status(ctx, call{method: http.MethodPost, path: groups.path(), body: l.groupBody("group", nil)})
}

func groupLag(ctx context.Context, l *lab) (any, error) {
	id, err := l.group(ctx, "new", nil)
	if err != nil {
		return nil, err
	}
	return l.lag(ctx, func() (bool, error) { return l.listedGroup(ctx, id) })
}

// listedGroup reports whether the list of groups contains the group.
func (l *lab) listedGroup(ctx context.Context, id string) (bool, error) {
	rows, err := l.list(ctx, call{path: groups.path(), query: url.Values{"sort": {"name"}}})
	return contains(rows, "id", id), err
}

// contains reports whether a row has a member with this value.
func contains(rows []object, name, value string) bool {
	for _, row := range rows {
		if text(row, name) == value {
			return true
		}
	}
	return false
}

// change returns the call that adds a user to a group or removes one.
func change(op, groupID, userID string) call {
	return call{
		method: http.MethodPost, path: groups.path() + "/" + groupID + "/members",
		body: object{"op": op, "type": "user", "id": userID},
	}
}

// members returns the connections of a group to its members.
func (l *lab) members(ctx context.Context, groupID string) ([]object, error) {
	return l.list(ctx, call{path: groups.path() + "/" + groupID + "/members"})
}

// isMember reports whether a connection leads to the user.
func isMember(connections []object, userID string) bool {
	for _, connection := range connections {
		if to, _ := connection["to"].(object); text(to, "id") == userID {
			return true
		}
	}
	return false
}

// pair returns the ids of a group and a user.
func (l *lab) pair(ctx context.Context) (groupID, userID string, err error) {
	if groupID, err = l.group(ctx, "group", nil); err != nil {
		return "", "", err
	}
	userID, err = l.user(ctx, "member", nil)
	return groupID, userID, err
}

func memberLag(ctx context.Context, l *lab) (any, error) {
	groupID, userID, err := l.pair(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := l.must(ctx, change("add", groupID, userID)); err != nil {
		return nil, err
	}
	return l.lag(ctx, func() (bool, error) {
		rows, err := l.members(ctx, groupID)
		return isMember(rows, userID), err
	})
}

// duplicateMember relies on memberLag, which added the member.
func duplicateMember(ctx context.Context, l *lab) (any, error) {
	groupID, userID, err := l.pair(ctx)
	if err != nil {
		return nil, err
	}
	return l.status(ctx, change("add", groupID, userID))
}

func verboseConnections(ctx context.Context, l *lab) (any, error) {
	groupID, userID, err := l.pair(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := l.members(ctx, groupID)
	switch {
	case err != nil:
		return nil, err
	case !isMember(rows, userID):
		return nil, unseenError("the member is not shown")
	}
	_, verbose := rows[0]["from"]
	return verbose, nil
}

func missingMember(ctx context.Context, l *lab) (any, error) {
	groupID, userID, err := l.pair(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := l.do(ctx, change("remove", groupID, userID)); err != nil {
		return nil, err
	}
	return l.status(ctx, change("remove", groupID, userID))
}

func deleteGroup(ctx context.Context, l *lab) (any, error) {
	id, err := l.group(ctx, "gone", nil)
	if err != nil {
		return nil, err
	}
	a, err := l.must(ctx, call{method: http.MethodDelete, path: groups.path() + "/" + id})
	if err != nil {
		return nil, err
	}
	return a.status, nil
}
