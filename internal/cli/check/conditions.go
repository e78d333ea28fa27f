package check

import (
	"context"
	"strconv"
)

// mostConditions is the maximum number of conditions that are tried: the operator sends fewer.
const mostConditions = 100

// conditions searches with n alternatives, of which the last is an existing user. It reports
// whether JumpCloud accepted the search, and whether the search found the user.
func (l *lab) conditions(ctx context.Context, n int) (taken, found bool, err error) {
	var list []object
	for i := 1; i < n; i++ {
		list = append(list, object{"username": l.name("none-" + strconv.Itoa(i))})
	}
	list = append(list, object{"username": l.name("a")})
	rows, a, err := l.search(ctx, object{"filter": object{"or": list}})
	switch {
	case err != nil:
		return false, false, err
	case a.status >= 500:
		return false, false, unexpectedError{l.shown}
	}
	return a.fine(), contains(rows, "username", l.name("a")), nil
}

// largest returns the largest number from 1 to most that works, or 0 if none does. If a number
// works, all smaller ones must work too.
func largest(most int, works func(n int) (bool, error)) (int, error) {
	none := most + 1 // the smallest known not to work
	best := 0
	for n := most; best+1 < none; n = (best + none) / 2 {
		ok, err := works(n)
		if err != nil {
			return 0, err
		}
		if ok {
			best = n
		} else {
			none = n
		}
	}
	return best, nil
}

// conditionLimit returns the largest number of conditions that works; 0 means that all tried
// numbers do.
func (l *lab) conditionLimit(ctx context.Context, most int, works func(taken, found bool) bool) (any, error) {
	if err := l.three(ctx); err != nil {
		return nil, err
	}
	best, err := largest(most, func(n int) (bool, error) {
		taken, found, err := l.conditions(ctx, n)
		return works(taken, found), err
	})
	switch {
	case err != nil:
		return nil, err
	case best == 0:
		return nil, unseenError("not even one condition works")
	case best == most:
		l.show("%d conditions work", best)
		return 0, nil
	}
	l.show("%d conditions work, more do not", best)
	return best, nil
}

func maxConditions(ctx context.Context, l *lab) (any, error) {
	return l.conditionLimit(ctx, mostConditions, func(taken, _ bool) bool { return taken })
}

// usedConditions tries only numbers of conditions that JumpCloud accepts.
func usedConditions(ctx context.Context, l *lab) (any, error) {
	most, err := maxConditions(ctx, l)
	if err != nil {
		return nil, err
	}
	if most == 0 {
		most = mostConditions
	}
	limit, _ := most.(int)
	return l.conditionLimit(ctx, limit, func(_, found bool) bool { return found })
}
