package workdayimport

import (
	"context"
	"fmt"
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
	bytes     int // of the rows so far
}

func newReading(instance *v1alpha1.WorkdayInstance, c *converter) *reading {
	r := &reading{converter: c, workers: workdayreport.NewReading(instance.Status.ID)}
	r.set.Sources = []v1alpha1.SourceStatus{{Kind: "WorkdayInstance", Name: instance.Name, ResourceVersion: instance.ResourceVersion}}
	return r
}

// read continues the reading. It returns directory.ErrReading while more is left. After a
// *rows.SourceError, it begins again.
func (r *reading) read(ctx context.Context, s *session.Session) (*rows.Set, error) {
	if r.all == nil {
		if err := r.workers.Advance(ctx, s.Client); err != nil {
			return nil, err
		}
		r.all = r.workers.Take()
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
			if err := r.add(row); err != nil {
				return nil, err
			}
		}
		r.all[r.done] = jumpcloud.WorkdayWorker{} // frees its memory
	}
	return &r.set, nil
}

// add adds a row, unless the rows would take more than a run can hold: mappings may make far
// more of a worker than the report has.
func (r *reading) add(row rows.Row) error {
	if r.bytes += row.Size(); r.bytes > rows.MaxBytes {
		r.all, r.done, r.set.Rows, r.bytes = nil, 0, nil, 0
		return &rows.SourceError{Origin: "spec.mapping", Message: fmt.Sprintf(
			"makes rows that take more than %d MiB: map fewer or shorter values, or leave out more workers by spec.filter", rows.MaxBytes>>20)}
	}
	row.Number = len(r.set.Rows) + 1
	r.set.Rows = append(r.set.Rows, row)
	return nil
}
