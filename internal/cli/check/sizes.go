package check

import (
	"context"
	"net/http"
	"strconv"
)

const (
	// assumedRows is how many rows JumpCloud's own tools put into a job.
	assumedRows = 800
	// longList is more than the largest documented page size.
	longList = 120
)

// repeated returns the call that changes one user with n equal rows.
func (l *lab) repeated(ctx context.Context, n int) (call, error) {
	id, err := l.subject(ctx)
	rows := make([]object, n)
	for i := range rows {
		rows[i] = object{"id": id, "description": "repeated"}
	}
	return update(rows), err
}

// oversizeLimit needs a list that is longer than a page: it uses the records of a job.
func oversizeLimit(ctx context.Context, l *lab) (any, error) {
	c, err := l.repeated(ctx, longList)
	if err != nil {
		return nil, err
	}
	a, err := l.must(ctx, c)
	if err != nil {
		return nil, err
	}
	id := text(a.object(), "jobId")
	if _, err := l.lag(ctx, func() (bool, error) {
		a, err := l.must(ctx, results(id, pageSize, pageSize))
		if err != nil {
			return false, err
		}
		rows, _ := a.rows()
		return len(rows) > 0, nil
	}); err != nil {
		return nil, err
	}
	c = results(id, longList, 0)
	refused, err := l.refuses(ctx, c, nil)
	if err != nil || refused {
		return "reject", err
	}
	a, err = l.must(ctx, c)
	if err != nil {
		return nil, err
	}
	rows, _ := a.rows()
	l.show("%s, %d results", l.shown, len(rows))
	if len(rows) > pageSize {
		return "accept", nil
	}
	return "", nil
}

// maxRows sends jobs whose rows all change the same user of the check.
func maxRows(ctx context.Context, l *lab) (any, error) {
	fits := func(n int) (bool, error) {
		c, err := l.repeated(ctx, n)
		if err != nil {
			return false, err
		}
		a, err := l.do(ctx, c)
		switch {
		case err != nil:
			return false, err
		case a.status >= 500, a.status == http.StatusForbidden, a.status == http.StatusNotFound:
			return false, unexpectedError{l.shown}
		case !a.fine():
			l.seen.refusal = a.status
		}
		return a.fine(), nil
	}
	if ok, err := fits(assumedRows + 1); err != nil || ok {
		l.show("%d rows are accepted", assumedRows+1)
		return -1, err
	}
	best, err := largest(assumedRows, fits)
	switch {
	case err != nil:
		return nil, err
	case best == 0:
		return nil, unseenError("not even one row is accepted")
	}
	l.show("%d rows are accepted, %d are not", best, best+1)
	return best, nil
}

// oversizeStatus returns the status that maxRows saw.
func oversizeStatus(_ context.Context, l *lab) (any, error) {
	if l.seen.refusal == 0 {
		return nil, unseenError("no job was too large")
	}
	l.show("%s", strconv.Itoa(l.seen.refusal))
	return l.seen.refusal, nil
}
