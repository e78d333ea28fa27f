package check

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

// lab is one run: what it created, what it saw, and how it makes calls.
type lab struct {
	o       Options
	pace    *rate.Limiter // nil means no limit
	run     string        // distinguishes this run from others
	visible []string      // the organizations that the key sees
	known   map[string]bool
	made    []thing // and not removed yet
	shown   string  // the latest exchange, or what a probe says about it
	seen    memory
}

// memory is what the probes of a group share; each part is created when it is first needed.
type memory struct {
	userIDs   map[string]string
	groupIDs  map[string]string
	watched   *watched
	many      *many
	refusal   int // the answer to a job with too many rows; 0 if there was none
	textQuery bool
	createJob string
}

func newLab(o Options) *lab {
	l := &lab{o: o, run: randomHex(3), known: map[string]bool{}}
	if o.RequestsPerSecond > 0 {
		l.pace = rate.NewLimiter(rate.Limit(o.RequestsPerSecond), 1)
	}
	if o.Sleep == nil {
		l.o.Sleep = sleep
	}
	if o.Now == nil {
		l.o.Now = time.Now
	}
	if o.Progress == nil {
		l.o.Progress = func(string) {}
	}
	l.forget()
	return l
}

// forget drops what the probes of a group shared.
func (l *lab) forget() {
	l.seen = memory{userIDs: map[string]string{}, groupIDs: map[string]string{}}
}

// show sets what a probe saw, if the latest exchange does not say it.
func (l *lab) show(format string, args ...any) { l.shown = fmt.Sprintf(format, args...) }

func (l *lab) name(suffix string) string { return Prefix + l.run + "-" + suffix }

func (l *lab) email(suffix string) string { return l.name(suffix) + "@" + l.o.EmailDomain }

// userBody returns a user with the mark and extra members.
func (l *lab) userBody(suffix string, extra object) object {
	body := object{"username": l.name(suffix), "email": l.email(suffix), "state": "STAGED"}
	maps.Copy(body, extra)
	return body
}

// groupBody returns a group with the mark and extra members.
func (l *lab) groupBody(suffix string, extra object) object {
	body := object{"name": l.name(suffix), "description": groupDescription}
	maps.Copy(body, extra)
	return body
}

// user returns the id of a user that the group of probes shares, and creates the user on first
// use.
func (l *lab) user(ctx context.Context, suffix string, extra object) (string, error) {
	if id := l.seen.userIDs[suffix]; id != "" {
		return id, nil
	}
	made, err := l.must(ctx, call{method: http.MethodPost, path: users.path(), body: l.userBody(suffix, extra)})
	if err != nil {
		return "", err
	}
	l.seen.userIDs[suffix] = text(made.object(), "_id")
	return l.seen.userIDs[suffix], nil
}

// group returns the id of a group that the group of probes shares, and creates the group on
// first use.
func (l *lab) group(ctx context.Context, suffix string, extra object) (string, error) {
	if id := l.seen.groupIDs[suffix]; id != "" {
		return id, nil
	}
	made, err := l.must(ctx, call{method: http.MethodPost, path: groups.path(), body: l.groupBody(suffix, extra)})
	if err != nil {
		return "", err
	}
	l.seen.groupIDs[suffix] = text(made.object(), "id")
	return l.seen.groupIDs[suffix], nil
}

// must makes a call that must succeed for the probe.
func (l *lab) must(ctx context.Context, c call) (*answer, error) {
	a, err := l.do(ctx, c)
	if err == nil && !a.fine() {
		return nil, unexpectedError{l.shown}
	}
	return a, err
}

// status makes a call and returns its status. A status that means missing rights or a failure
// of JumpCloud is an unexpectedError.
func (l *lab) status(ctx context.Context, c call) (any, error) {
	a, err := l.do(ctx, c)
	switch {
	case err != nil:
		return nil, err
	case a.status >= 500, a.status == http.StatusForbidden, a.status == http.StatusTooManyRequests:
		return nil, unexpectedError{l.shown}
	}
	return a.status, nil
}

// refuses reports whether JumpCloud refuses a call because of its content. To rule out missing
// rights and a used-up limit, it then makes a control call, which must succeed; nil if none is
// needed.
func (l *lab) refuses(ctx context.Context, c call, control *call) (bool, error) {
	a, err := l.do(ctx, c)
	switch {
	case err != nil:
		return false, err
	case a.fine():
		return false, nil
	case a.status != http.StatusBadRequest && a.status != http.StatusConflict && a.status != http.StatusUnprocessableEntity:
		return false, unexpectedError{l.shown}
	case control == nil:
		return true, nil
	}
	shown := l.shown
	if _, err := l.must(ctx, *control); err != nil {
		return false, err
	}
	l.shown = shown
	return true, nil
}

// get reads one object.
func (l *lab) get(ctx context.Context, k kind, id string) (object, error) {
	a, err := l.must(ctx, call{path: k.path() + "/" + id})
	if err != nil {
		return nil, err
	}
	return a.object(), nil
}

// nobody returns an id that no user has.
func (l *lab) nobody(ctx context.Context) (string, error) {
	for {
		id := randomHex(12)
		a, err := l.do(ctx, call{path: users.path() + "/" + id})
		switch {
		case err != nil:
			return "", err
		case a.status == http.StatusNotFound:
			l.known[id] = true
			return id, nil
		case !a.fine():
			return "", unexpectedError{l.shown}
		}
	}
}

// until polls until look reports true, and returns how long that took: 0 if the first poll
// reports it. It polls at the same times in each run.
func (l *lab) until(ctx context.Context, most time.Duration, look func(elapsed time.Duration) (bool, error)) (elapsed time.Duration, seen bool, err error) {
	const first, longest = 250 * time.Millisecond, 4 * time.Second
	began := l.o.Now()
	for wait := first; ; {
		if seen, err := look(elapsed); err != nil || seen {
			return elapsed, seen, err
		}
		if elapsed >= most {
			return elapsed, false, nil
		}
		if err := l.o.Sleep(ctx, wait); err != nil {
			return elapsed, false, err
		}
		elapsed = max(elapsed+wait, l.o.Now().Sub(began).Truncate(first))
		if elapsed > first {
			wait = min(elapsed, longest)
		}
	}
}

// lag returns how long it takes until look reports true.
func (l *lab) lag(ctx context.Context, look func() (bool, error)) (any, error) {
	elapsed, seen, err := l.until(ctx, l.o.Patience, func(time.Duration) (bool, error) { return look() })
	switch {
	case err != nil:
		return nil, err
	case !seen:
		return nil, unseenError("nothing was seen within " + l.o.Patience.String())
	}
	l.show("seen after %s", elapsed)
	return elapsed, nil
}

// soon reports whether look reports true within the time in which it should.
func (l *lab) soon(ctx context.Context, look func() (bool, error)) (bool, error) {
	_, seen, err := l.until(ctx, quiet, func(time.Duration) (bool, error) { return look() })
	return seen, err
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
