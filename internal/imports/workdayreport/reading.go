// Package workdayreport reads the workers in the report of a Workday instance.
package workdayreport

import (
	"context"
	"errors"
	"hash/maphash"
	"strconv"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Reading is one reading of all workers, over as many passes as it takes. It must be used by
// one goroutine at a time.
type Reading struct {
	instanceID string
	client     *jumpcloud.Client
	pages      *directory.Pages[located]
	seed       maphash.Seed
	// counts is set if the workers are only counted.
	counts bool
	// held is how many workers the pages hold so far, heldBytes what they take.
	held, heldBytes int
}

// located is a worker with an id of its own: a report may list the same worker twice, and
// workers have none.
type located struct {
	id     string
	worker jumpcloud.WorkdayWorker
}

// NewReading starts a reading of an instance's report.
func NewReading(instanceID string) *Reading {
	r := &Reading{instanceID: instanceID, seed: maphash.MakeSeed()}
	r.begin()
	return r
}

// NewCount starts a reading that holds no worker: it is for reports of any size.
func NewCount(instanceID string) *Reading {
	r := NewReading(instanceID)
	r.counts = true
	return r
}

// begin drops what was read.
func (r *Reading) begin() {
	r.held, r.heldBytes = 0, 0
	r.pages = directory.NewPages(func(l located) string { return l.id }, r.page)
}

// page reads one page, if it may still be held.
func (r *Reading) page(ctx context.Context, skip int) (*jumpcloud.Page[located], error) {
	page, err := directory.FirstPage(r.client.WorkdayWorkerPages(ctx, r.instanceID, skip))
	if err != nil {
		return nil, err
	}
	if err := r.admit(page); err != nil {
		return nil, err
	}
	items := make([]located, len(page.Items))
	for i, worker := range page.Items {
		items[i].id = r.identify(page.Skip+i, &worker)
		if !r.counts {
			items[i].worker = worker
		}
	}
	return &jumpcloud.Page[located]{Skip: page.Skip, Total: page.Total, Items: items}, nil
}

// Advance continues the reading, with a client that may be a different one each time. It
// returns nil once all workers were read. Its errors are those of directory.Pages, and a
// *rows.SourceError for a report that is too large; after that, it begins again.
func (r *Reading) Advance(ctx context.Context, client *jumpcloud.Client) error {
	r.client = client
	err := r.pages.Advance(ctx)
	if _, refused := errors.AsType[*rows.SourceError](err); refused {
		r.begin()
	}
	return err
}

// Take returns all workers in the order of the report, and drops them: the next Advance begins
// again. It must be called after Advance has returned nil.
func (r *Reading) Take() []jumpcloud.WorkdayWorker {
	items := r.pages.Items()
	all := make([]jumpcloud.WorkdayWorker, len(items))
	for i := range items {
		all[i] = items[i].worker
	}
	r.begin()
	return all
}

// Count returns the number of all workers. It must be called after Advance has returned nil.
func (r *Reading) Count() int { return len(r.pages.Items()) }

// Total returns the number of workers that JumpCloud reports with the first page; -1 if it
// reports none.
func Total(ctx context.Context, client *jumpcloud.Client, instanceID string) (int, error) {
	page, err := directory.FirstPage(client.WorkdayWorkerPages(ctx, instanceID, 0))
	if err != nil {
		return 0, err
	}
	return page.Total, nil
}

// identify identifies a worker at its place: if the report changes while it is read, another
// worker takes that place.
func (r *Reading) identify(place int, w *jumpcloud.WorkdayWorker) string {
	var h maphash.Hash
	h.SetSeed(r.seed)
	for _, text := range []string{w.Email, w.Username, w.FirstName, w.LastName, string(w.Attributes)} {
		_, _ = h.WriteString(text) // a hash never fails
		_ = h.WriteByte(0)
	}
	return strconv.Itoa(place) + " " + strconv.FormatUint(h.Sum64(), 36)
}
