package check

import (
	"context"
	"net/http"
)

// stateProbes are about the states of single users.
var stateProbes = group{
	title: "states of users", makes: "3 users",
	probes: []probe{
		{"acceptStagedWhileStaged", false, "a staged user is set to STAGED", acceptStaged},
		{"refuseSuspendStaged", false, "a staged user is suspended", suspendStaged},
		{"activateOther", http.StatusBadRequest, "/state/activate of an activated user", activateOther},
		{"suspendStatus", http.StatusOK, "/state/suspend of an activated user", suspendStatus},
		{"activateRefusesOrgHeader", false, "/state/activate with x-org-id", activateWithHeader},
	},
}

// refusesState reports whether JumpCloud refuses to set a user with that suffix, who is
// STAGED, to a state.
func (l *lab) refusesState(ctx context.Context, suffix, state string) (bool, error) {
	id, err := l.user(ctx, suffix, nil)
	if err != nil {
		return false, err
	}
	put := call{method: http.MethodPut, path: users.path() + "/" + id, body: object{"state": state}}
	plain := put
	plain.body = object{"description": "changed"}
	return l.refuses(ctx, put, &plain)
}

func suspendStaged(ctx context.Context, l *lab) (any, error) {
	return l.refusesState(ctx, "staged", "SUSPENDED")
}

func acceptStaged(ctx context.Context, l *lab) (any, error) {
	refused, err := l.refusesState(ctx, "staged", "STAGED")
	return !refused, err
}

// active returns the id of a user who is ACTIVATED.
func (l *lab) active(ctx context.Context) (string, error) {
	return l.user(ctx, "active", object{"state": "ACTIVATED"})
}

func activateOther(ctx context.Context, l *lab) (any, error) {
	id, err := l.active(ctx)
	if err != nil {
		return nil, err
	}
	c := act(id, "state/activate")
	c.body = object{"email": false}
	return l.status(ctx, c)
}

func suspendStatus(ctx context.Context, l *lab) (any, error) {
	id, err := l.active(ctx)
	if err != nil {
		return nil, err
	}
	return l.status(ctx, act(id, "state/suspend"))
}

// activateWithHeader also tries without the header if it can be omitted, so that missing
// rights are not attributed to the header.
func activateWithHeader(ctx context.Context, l *lab) (any, error) {
	id, err := l.user(ctx, "header", nil)
	if err != nil {
		return nil, err
	}
	c := act(id, "state/activate")
	c.body, c.header = object{"email": false}, map[string]string{"X-Org-Id": l.o.OrganizationID}
	a, err := l.do(ctx, c)
	switch {
	case err != nil:
		return nil, err
	case a.fine():
		return false, nil
	case a.status != http.StatusForbidden || len(l.visible) > 1:
		return nil, unexpectedError{l.shown}
	}
	shown := l.shown
	c.header = nil
	if _, err := l.must(ctx, c); err != nil {
		return nil, err
	}
	l.shown = shown + ", without it: " + l.shown
	return true, nil
}
