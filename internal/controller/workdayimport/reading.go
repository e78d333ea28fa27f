package workdayimport

import (
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/workdayreport"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// slice is how long one pass makes rows: other objects wait meanwhile.
const slice = time.Second

// reading makes rows of all workers of a report. It may take several passes.
type reading struct {
	converter *converter
	workers   *workdayreport.Reading
	all       []jumpcloud.WorkdayWorker // nil: they are still being read
	done      int
	set       rows.Set
}

func newReading(instance *v1alpha1.WorkdayInstance, c *converter) *reading {
	return &reading{converter: c, workers: workdayreport.NewReading(instance.Status.ID), set: rows.Set{
		Sources: []v1alpha1.SourceStatus{{Kind: "WorkdayInstance", Name: instance.Name, ResourceVersion: instance.ResourceVersion}},
	}}
}

// read continues the reading. It returns directory.ErrReading while more is left.
func (r *reading) read(ctx context.Context, s *session.Session) (*rows.Set, error) {
	if r.all == nil {
		if err := r.workers.Advance(ctx, s.Client); err != nil {
			return nil, err
		}
		r.all, r.workers = r.workers.Workers(), nil
	}
	for until := time.Now().Add(slice); r.done < len(r.all); r.done++ {
		if time.Now().After(until) {
			return nil, directory.ErrReading
		}
		row, wanted, err := r.converter.convert(ctx, r.done, &r.all[r.done])
		if err != nil {
			return nil, err
		}
		if wanted {
			row.Number = len(r.set.Rows) + 1
			r.set.Rows = append(r.set.Rows, row)
		}
		r.all[r.done] = jumpcloud.WorkdayWorker{} // frees its memory
	}
	return &r.set, nil
}
