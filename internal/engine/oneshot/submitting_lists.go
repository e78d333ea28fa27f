package oneshot

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// rereadLists reads again the users of a job whose lists it sends. JumpCloud replaces a list
// as a whole, so the job would otherwise undo what was added in the console since the plan was
// made, or what another object's job did before since. The decisions about these rows are made
// again.
func (p submitting[T]) rereadLists(ctx context.Context, index int32, since time.Time) error {
	// A reading that was cut off may have begun too early. Then another one is made.
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

// lists returns the rows of a job that change a list which was not read for it. A reading of
// this same pass is new enough.
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
