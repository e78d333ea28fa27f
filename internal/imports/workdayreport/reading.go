// Package workdayreport reads the workers in the report of a Workday instance.
package workdayreport

import (
	"context"
	"hash/maphash"
	"strconv"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Reading is one reading of all workers, over as many passes as it takes. It must be used by
// one goroutine at a time.
type Reading struct {
	client *jumpcloud.Client
	pages  *directory.Pages[located]
	seed   maphash.Seed
}

// located is a worker with its place in the report: a report may list the same worker twice,
// and workers have no id.
type located struct {
	place  int
	worker jumpcloud.WorkdayWorker
}

// NewReading starts a reading of an instance's report.
func NewReading(instanceID string) *Reading {
	r := &Reading{seed: maphash.MakeSeed()}
	r.pages = directory.NewPages(r.identify, func(ctx context.Context, skip int) (*jumpcloud.Page[located], error) {
		page, err := directory.FirstPage(r.client.WorkdayWorkerPages(ctx, instanceID, skip))
		if err != nil {
			return nil, err
		}
		items := make([]located, len(page.Items))
		for i, worker := range page.Items {
			items[i] = located{page.Skip + i, worker}
		}
		return &jumpcloud.Page[located]{Skip: page.Skip, Total: page.Total, Items: items}, nil
	})
	return r
}

// Advance continues the reading, with a client that may be a different one each time. It
// returns nil once all workers were read. Its errors are those of directory.Pages.
func (r *Reading) Advance(ctx context.Context, client *jumpcloud.Client) error {
	r.client = client
	return r.pages.Advance(ctx)
}

// Workers returns all workers in the order of the report. It must be called after Advance has
// returned nil.
func (r *Reading) Workers() []jumpcloud.WorkdayWorker {
	items := r.pages.Items()
	all := make([]jumpcloud.WorkdayWorker, len(items))
	for i := range items {
		all[i] = items[i].worker
	}
	return all
}

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
func (r *Reading) identify(l located) string {
	var h maphash.Hash
	h.SetSeed(r.seed)
	w := &l.worker
	for _, text := range []string{w.Email, w.Username, w.FirstName, w.LastName, string(w.Attributes)} {
		_, _ = h.WriteString(text) // a hash never fails
		_ = h.WriteByte(0)
	}
	return strconv.Itoa(l.place) + " " + strconv.FormatUint(h.Sum64(), 36)
}
