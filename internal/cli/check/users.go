package check

import (
	"context"
	"maps"
	"net/http"
	"strings"
)

// userProbes are about properties of single users, and how they are shown.
var userProbes = group{
	title: "single users", makes: "5 users",
	probes: []probe{
		{"usernamesIgnoreCase", false, "a second user whose username differs in case", usernameCase},
		{"strictUsernames", false, "a username of over 30 characters with a plus sign", made("a+username-that-is-long", nil)},
		{"rejectUnknownFields", false, "a user with an unknown field", made("unknown", object{"jcopCheck": "x"})},
		{"checkManager", false, "a user whose manager does not exist", checkManager},
		{"emptyStrings", false, "a user without a first name", emptyStrings},
		{"alsoID", false, "a user", alsoID},
		{"unlockJSON", false, "a user is unlocked", unlockJSON},
	},
}

func usernameCase(ctx context.Context, l *lab) (any, error) {
	if _, err := l.user(ctx, "case", nil); err != nil {
		return nil, err
	}
	return l.refuses(ctx, l.create("other", object{"username": l.name("CASE")}), l.plain())
}

// create returns the call that creates a user.
func (l *lab) create(suffix string, extra object) call {
	return call{method: http.MethodPost, path: users.path(), body: l.userBody(suffix, extra)}
}

// plain returns the call that creates an ordinary user.
func (l *lab) plain() *call {
	c := l.create("plain-"+randomHex(2), nil)
	return &c
}

// made returns a probe that reports whether JumpCloud refuses such a user.
func made(suffix string, extra object) func(ctx context.Context, l *lab) (any, error) {
	return func(ctx context.Context, l *lab) (any, error) {
		body := object{"email": l.email("x" + strings.NewReplacer("+", "").Replace(suffix))}
		maps.Copy(body, extra)
		return l.refuses(ctx, l.create(suffix, body), l.plain())
	}
}

func checkManager(ctx context.Context, l *lab) (any, error) {
	nobody, err := l.nobody(ctx)
	if err != nil {
		return nil, err
	}
	return l.refuses(ctx, l.create("managed", object{"manager": nobody}), l.plain())
}

// look reads the user that some probes share.
func (l *lab) look(ctx context.Context) (object, error) {
	id, err := l.user(ctx, "case", nil)
	if err != nil {
		return nil, err
	}
	return l.get(ctx, users, id)
}

func emptyStrings(ctx context.Context, l *lab) (any, error) {
	user, err := l.look(ctx)
	return user["firstname"] == "", err
}

func alsoID(ctx context.Context, l *lab) (any, error) {
	user, err := l.look(ctx)
	_, given := user["id"]
	return given, err
}

// act returns the call of an action on a user.
func act(id, action string) call {
	return call{method: http.MethodPost, path: users.path() + "/" + id + "/" + action}
}

func unlockJSON(ctx context.Context, l *lab) (any, error) {
	id, err := l.user(ctx, "case", nil)
	if err != nil {
		return nil, err
	}
	a, err := l.must(ctx, act(id, "unlock"))
	if err != nil {
		return nil, err
	}
	return a.object() != nil, nil
}
