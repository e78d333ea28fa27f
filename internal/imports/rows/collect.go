package rows

import (
	"context"
	"fmt"
)

// What one run may be: more than anybody imports at once, and no more than the
// operator can hold beside its other work.
const (
	// MaxRows is how many rows a run may have.
	MaxRows = 100_000
	// maxBytes is how much memory the rows of a run may take. A cell of a byte
	// takes as much as a long path and its value.
	maxBytes = 160 << 20
)

// Sizes of what a row is made of, with what belongs to it.
const (
	rowBytes   = 160
	fieldBytes = 40
)

// collection takes the rows of a run, one after another, within the limits of a
// run and of the context.
type collection struct {
	ctx   context.Context //nolint:containedctx // It lives as long as one call of Load.
	rows  []Row
	bytes int
	// admitted are how many rows were read, with those that the filter left out.
	admitted int
	// leftOut are how many rows the filter left out.
	leftOut int
	// conversion of each row; nil: none.
	conversion *Conversion
}

// expect refuses rows that would be too many together with what is there,
// before any of them is built.
func (c *collection) expect(origin string, rows int) error {
	if len(c.rows)+rows > MaxRows {
		return &SourceError{origin, fmt.Sprintf("makes more than %d rows for one run: split them into several imports", MaxRows)}
	}
	return nil
}

// admit reports whether there is room for one more row of that origin, and time.
func (c *collection) admit(origin string) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if c.bytes > maxBytes {
		return &SourceError{origin, fmt.Sprintf("makes the rows of one run take more than %d MiB: split them into several imports", maxBytes>>20)}
	}
	c.admitted++
	return c.expect(origin, 1)
}

// take converts a row that admit had room for, and adds it unless the filter
// leaves it out. The expressions know it by its cells.
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

// add adds a row that admit had room for.
func (c *collection) add(row Row) {
	c.bytes += rowBytes + len(row.Origin) + fieldBytes*len(row.Fields)
	for i := range row.Fields {
		c.bytes += len(row.Fields[i].Value)
	}
	for i := range row.Problems {
		c.bytes += fieldBytes + len(row.Problems[i].Field) + len(row.Problems[i].Message)
	}
	c.rows = append(c.rows, row)
}
