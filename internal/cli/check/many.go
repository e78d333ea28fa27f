package check

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// manyRows is the number of rows of the job whose records are compared.
const manyRows = 20

// many is a job of several rows, of which the first must fail.
type many struct {
	jobID, userID string
	// effectAt is when the last row took effect; seen reports that it did.
	effectAt time.Duration
	seen     bool
	pending  string   // a status at the start; "" if none was shown
	records  []object // at the end
	again    [][]string
	finished string // the status of most records at the end
	failed   string // the status of the first row, or "" if it cannot be told
}

// several starts the job on first use, and waits for its end.
func (l *lab) several(ctx context.Context) (*many, error) {
	if l.seen.many != nil {
		return l.seen.many, nil
	}
	userID, err := l.subject(ctx)
	if err != nil {
		return nil, err
	}
	nobody, err := l.nobody(ctx)
	if err != nil {
		return nil, err
	}
	rows := []object{{"id": nobody, "description": "fails"}}
	for i := 2; i <= manyRows; i++ {
		rows = append(rows, object{"id": userID, "description": "row " + strconv.Itoa(i)})
	}
	w, err := l.watch(ctx)
	if err != nil {
		return nil, err
	}
	m := &many{userID: userID}
	if m.jobID, err = l.startUpdate(ctx, rows); err != nil {
		return nil, err
	}
	if err := l.follow(ctx, m, w); err != nil {
		return nil, err
	}
	m.judge()
	l.seen.many = m
	return m, nil
}

// follow polls the job until its records do not change any more.
func (l *lab) follow(ctx context.Context, m *many, w *watched) error {
	for range mostEmpty {
		rows, err := l.records(ctx, m.jobID)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			m.pending = text(rows[len(rows)-1], "status")
			break
		}
	}
	if w.effect {
		elapsed, seen, err := l.until(ctx, l.o.Patience, func(time.Duration) (bool, error) {
			return l.changed(ctx, m.userID, "row "+strconv.Itoa(manyRows))
		})
		if err != nil {
			return err
		}
		m.effectAt, m.seen = elapsed, seen
		if seen && elapsed == 0 {
			m.pending = "" // this status is not from before the effect
		}
	}
	if err := l.o.Sleep(ctx, max(0, w.finalAt-w.effectAt)); err != nil {
		return err
	}
	for range w.empty + mostEmpty {
		rows, err := l.records(ctx, m.jobID)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			m.records = rows
			m.again = append(m.again, outline(rows))
		}
	}
	return nil
}

// outline returns what distinguishes the records of a job, and their order.
func outline(records []object) (out []string) {
	for _, r := range records {
		out = append(out, text(r, "id")+" "+text(r, "status"))
	}
	return out
}

// judge finds the final words: the status of most records, and that of the one row that must
// fail.
func (m *many) judge() {
	count := map[string]int{}
	for _, r := range m.records {
		count[text(r, "status")]++
	}
	for word, n := range count {
		if n > len(m.records)/2 {
			m.finished = word
		}
		if n == 1 && len(m.records) > 2 {
			m.failed = word
		}
	}
}

// done returns the job, and fails unless its records are final.
func (l *lab) done(ctx context.Context) (*many, error) {
	m, err := l.several(ctx)
	switch {
	case err != nil:
		return nil, err
	case len(m.records) == 0:
		return nil, unseenError("no record was shown")
	case !m.seen || m.finished == m.pending || m.finished == "pending":
		return nil, unseenError("no record was final within " + l.o.Patience.String())
	}
	l.show("%d records %s, of %d rows", len(m.records), m.finished, manyRows)
	return m, nil
}

// times returns the durations of the two jobs whose rows took effect.
func (l *lab) times(ctx context.Context) (one, row time.Duration, err error) {
	w, err := l.ended(ctx)
	if err != nil {
		return 0, 0, err
	}
	m, err := l.several(ctx)
	switch {
	case err != nil:
		return 0, 0, err
	case !m.seen:
		return 0, 0, unseenError("20 rows took longer than " + l.o.Patience.String())
	}
	l.show("one row after %s, 20 rows after %s", w.effectAt, m.effectAt)
	return w.effectAt, max(0, m.effectAt-w.effectAt) / (manyRows - 1), nil
}

func jobDuration(ctx context.Context, l *lab) (any, error) {
	one, row, err := l.times(ctx)
	return max(0, one-row), err
}

func rowDuration(ctx context.Context, l *lab) (any, error) {
	_, row, err := l.times(ctx)
	return row, err
}

func pendingWord(ctx context.Context, l *lab) (any, error) {
	w, err := l.watch(ctx)
	if err != nil {
		return nil, err
	}
	word := w.pending
	if word == "" {
		m, err := l.several(ctx)
		if err != nil {
			return nil, err
		}
		if word = m.pending; word == "" || word == m.finished {
			return nil, unseenError("no record was seen before it was final")
		}
	}
	l.show("before the end: %s", word)
	return word, nil
}

func finishedWord(ctx context.Context, l *lab) (any, error) {
	m, err := l.done(ctx)
	if err != nil {
		return nil, err
	}
	return m.finished, nil
}

func failedWord(ctx context.Context, l *lab) (any, error) {
	m, err := l.done(ctx)
	switch {
	case err != nil:
		return nil, err
	case m.failed == "":
		return nil, unseenError("no record differs from the others")
	}
	l.show("one record %s", m.failed)
	return m.failed, nil
}

// shownRecords returns the job, whose records do not have to be final.
func (l *lab) shownRecords(ctx context.Context) (*many, error) {
	m, err := l.several(ctx)
	if err == nil && len(m.records) == 0 {
		return nil, unseenError("no record was shown")
	}
	return m, err
}

func missingRecords(ctx context.Context, l *lab) (any, error) {
	m, err := l.shownRecords(ctx)
	if err != nil {
		return nil, err
	}
	l.show("%d records", len(m.records))
	return max(0, manyRows-len(m.records)), nil
}

func recordOrder(ctx context.Context, l *lab) (any, error) {
	m, err := l.shownRecords(ctx)
	if err != nil {
		return nil, err
	}
	for _, outline := range m.again[1:] {
		if !slices.Equal(outline, m.again[0]) {
			l.show("a different order each time")
			return "shuffled", nil
		}
	}
	if m.failed == "" {
		return nil, unseenError("the record of the row that must fail does not differ from the others")
	}
	at := slices.IndexFunc(m.records, func(r object) bool { return text(r, "status") == m.failed })
	l.show("the record of the first row is record %d of %d", at+1, len(m.records))
	switch at {
	case 0:
		return "", nil
	case len(m.records) - 1:
		return "reversed", nil
	}
	return nil, unseenError("the record of the first row is in the middle")
}

func endlessResults(ctx context.Context, l *lab) (any, error) {
	m, err := l.shownRecords(ctx)
	if err != nil {
		return nil, err
	}
	a, err := l.must(ctx, results(m.jobID, pageSize, pageSize))
	if err != nil {
		return nil, err
	}
	rows, _ := a.rows()
	return len(rows) > 0, nil
}

func recordIDs(ctx context.Context, l *lab) (any, error) {
	m, err := l.shownRecords(ctx)
	if err != nil {
		return nil, err
	}
	l.show("%d records", len(m.records))
	return text(m.records[0], "id") == m.jobID, nil
}

// telling looks for the id of the user that the rows are about.
func telling(ctx context.Context, l *lab) (any, error) {
	m, err := l.shownRecords(ctx)
	if err != nil {
		return nil, err
	}
	record := m.records[len(m.records)/2]
	meta, _ := record["meta"].(object)
	l.show("meta has %d members, persistedFields is an %s", len(meta), kindOf(record["persistedFields"]))
	switch {
	case names(record["meta"], m.userID):
		return "meta", nil
	case names(record["persistedFields"], m.userID):
		return "persistedFields", nil
	case kindOf(record["persistedFields"]) == "array":
		return "fieldNames", nil
	}
	return "", nil
}

// names reports whether a value contains a text anywhere.
func names(value any, what string) bool {
	content, err := json.Marshal(value)
	return err == nil && strings.Contains(string(content), what)
}

func kindOf(value any) string {
	switch value.(type) {
	case []any:
		return "array"
	case object:
		return "object"
	}
	return "unknown type"
}
