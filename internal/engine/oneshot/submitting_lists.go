package oneshot

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// rereadLists reads the users of a job again whose lists it sends: JumpCloud
// replaces a list as a whole, and what was added at the console since the plan
// was made would be lost, or what another object's job did before the given time. What
// the plan says of these rows is made again.
func (p submitting[T]) rereadLists(ctx context.Context, index int32, since time.Time) error {
	// A reading that was cut off may have begun too early: then there is another one.
	for lists := p.lists(index, since); len(lists) > 0; lists = p.lists(index, since) {
		all := p.sources.undecidedRows()
		f, err := p.observe(ctx, question{purpose: fmt.Sprintf("lists of job %d", index), rows: all, only: lists})
		if err != nil {
			return err
		}
		p.m.decided.retake(index, lists, f)
	}
	return nil
}

// lists are the rows of a job that change a list which was not read for it. What
// was read in this very pass is as new as can be.
func (p submitting[T]) lists(index int32, since time.Time) []*rows.Row {
	if p.m.decided.rereadFor(index, p.pass.Now, since) {
		return nil
	}
	var lists []*rows.Row
	for _, entry := range p.m.entries(inJob(index)) {
		if d := p.m.decided.byRow[entry.Row]; d != nil && d.SendsLists() && p.turns.has(d) {
			lists = append(lists, d.Row)
		}
	}
	return lists
}
