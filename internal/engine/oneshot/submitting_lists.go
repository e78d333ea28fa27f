package oneshot

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// listsFresh is how long lists that were read for a job may wait for it.
const listsFresh = 10 * time.Second

// rereadLists reads the users of a job again whose lists it sends: JumpCloud
// replaces a list as a whole, and what was added at the console since the plan
// was made would be lost. What the plan says of these rows is made anew.
func (r *run[T]) rereadLists(ctx context.Context, index int32) error {
	lists := r.lists(index)
	if len(lists) == 0 {
		return nil
	}
	all := r.undecidedRows()
	f, err := r.observe(ctx, question{purpose: fmt.Sprintf("lists of job %d", index), rows: all, only: lists})
	if err != nil {
		return err
	}
	decisions := map[int]*plan.Decision{}
	for i := range f.decisions {
		decisions[f.decisions[i].Row.Number] = &f.decisions[i]
	}
	for _, row := range lists {
		r.m.decisions[row.Number] = decisions[row.Number]
	}
	r.m.lists.job, r.m.lists.at = index, time.Now()
	return nil
}

// lists are the rows of a job that change a list which was not read for it. What
// was read in this very pass is as new as can be.
func (r *run[T]) lists(index int32) []*rows.Row {
	known := r.m.lists.job == index && time.Since(r.m.lists.at) < listsFresh
	if known || !r.m.readAt.Before(r.pass.Now) {
		return nil
	}
	var lists []*rows.Row
	for _, entry := range r.m.entries(inJob(index)) {
		if d := r.m.decisions[entry.Row]; d != nil && d.SendsLists() {
			lists = append(lists, d.Row)
		}
	}
	return lists
}
