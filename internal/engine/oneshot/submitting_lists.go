package oneshot

import (
	"context"
	"fmt"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// rereadLists reads the users of a job again whose lists it sends: JumpCloud
// replaces a list as a whole, and what was added at the console since the plan
// was made would be lost. What the plan says of these rows is made anew.
func (p submitting[T]) rereadLists(ctx context.Context, index int32) error {
	lists := p.lists(index)
	if len(lists) == 0 {
		return nil
	}
	all := p.sources.undecidedRows()
	f, err := p.observe(ctx, question{purpose: fmt.Sprintf("lists of job %d", index), rows: all, only: lists})
	if err != nil {
		return err
	}
	p.m.decided.retake(index, lists, f.decisions)
	return nil
}

// lists are the rows of a job that change a list which was not read for it. What
// was read in this very pass is as new as can be.
func (p submitting[T]) lists(index int32) []*rows.Row {
	if p.m.decided.rereadFor(index, p.pass.Now) {
		return nil
	}
	var lists []*rows.Row
	for _, entry := range p.m.entries(inJob(index)) {
		if d := p.m.decided.byRow[entry.Row]; d != nil && d.SendsLists() {
			lists = append(lists, d.Row)
		}
	}
	return lists
}
