package rows

import (
	"context"
	"fmt"
)

// The limits of one run: more than anyone imports at once, and no more than the operator can
// hold beside its other work.
const (
	// MaxRows is the maximum number of rows of a run.
	MaxRows = 100_000
	// MaxBytes is how much memory the rows of a run may take. A cell of one byte takes as much
	// as a long path and its value.
	MaxBytes = 160 << 20
)

// The sizes of a row and of a field, with everything that belongs to them.
const (
	rowBytes   = 160
	fieldBytes = 40
)

// collection collects the rows of a run, within the limits of a run and of the context.
type collection struct {
	ctx   context.Context //nolint:containedctx // It lives as long as one call of Load.
	rows  []Row
	bytes int
	// admitted is the number of rows that were read, including those that the filter dropped.
	admitted int
	// leftOut is the number of rows that the filter dropped.
	leftOut int
	// conversion applies to each row; nil means none.
	conversion *Conversion
}

// expect refuses the given number of rows, before any of them is built, if they would be too
// many together with the existing ones.
func (c *collection) expect(origin string, rows int) error {
	if len(c.rows)+rows > MaxRows {
		return &SourceError{origin, fmt.Sprintf("makes more than %d rows for one run: split them into several imports", MaxRows)}
	}
	return nil
}

// admit returns an error unless there is room and time for one more row of that origin.
func (c *collection) admit(origin string) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if c.bytes > MaxBytes {
		return &SourceError{origin, fmt.Sprintf("makes the rows of one run take more than %d MiB: split them into several imports", MaxBytes>>20)}
	}
	c.admitted++
	return c.expect(origin, 1)
}

// take converts a row that was admitted, and adds it unless the filter drops it. Expressions
// see the row as its cells.
func (c *collection) take(row Row, cells func(*Row) map[string]string) error {
	if c.conversion != nil {
		keeps, err := c.conversion.apply(c.ctx, &row, cells(&row))
		if err != nil {
			return err
		}
		if !keeps {
			c.leftOut++
			return nil
		}
	}
	c.add(row)
	return nil
}

// add adds a row that was admitted.
func (c *collection) add(row Row) {
	c.bytes += row.Size()
	c.rows = append(c.rows, row)
}

// Size returns how many of the MaxBytes of a run a row takes.
func (r *Row) Size() int {
	bytes := rowBytes + len(r.Origin) + fieldBytes*len(r.Fields)
	for i := range r.Fields {
		bytes += len(r.Fields[i].Value)
	}
	for i := range r.Problems {
		bytes += fieldBytes + len(r.Problems[i].Field) + len(r.Problems[i].Message)
	}
	return bytes
}
