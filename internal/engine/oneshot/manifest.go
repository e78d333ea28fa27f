package oneshot

import (
	"context"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// start makes the planned round a manifest: jobs are numbered, the run is
// opened if it was not, and the ledger is written. The first intent commits it.
func (r *round[T]) start(ctx context.Context) error {
	return r.inRun(func() error {
		r.number()
		r.summarize()
		r.status.Plan = new(r.m.plan)
		if err := r.record(ctx, false); err != nil {
			return err
		}
		return r.pass.EnsureFinalizer(ctx)
	})
}

// inRun takes a step of a run that is opened first if it was not. If the step
// fails, nothing was opened, so that a run that the ledger knows nothing of is
// never gone on with: the ledger is read anew, and the round planned again.
func (r *round[T]) inRun(step func() error) error {
	before, opens := r.status.DeepCopy(), !isOpen(r.status)
	if opens {
		r.beginRun()
		r.opens = true
	}
	if err := step(); err != nil {
		if !opens {
			before.Results = r.status.Results // what is stored may be what was foretold
		}
		*r.status, r.opens = *before, false
		if r.m.ledger != nil {
			r.m.drop()
		}
		return err
	}
	if opens {
		// It is the run that a request asked for, if there was one: the same write
		// that opens it tells so.
		r.pass.AcknowledgeRequest()
	}
	return nil
}

// number gives each row that is to be sent its job: creates first, then
// updates, then suspensions, each job at most one batch. A round has at most as
// many jobs as the status lists; what is left is for the next one.
func (r *round[T]) number() {
	last := int32(0)
	for i := range r.status.Jobs {
		last = max(last, r.status.Jobs[i].Index)
	}
	end := last + maxJobs
	for _, op := range []v1alpha1.JobOperation{v1alpha1.JobCreate, v1alpha1.JobUpdate, v1alpha1.JobSuspend} {
		held, batch := 0, int(r.pass.Session.Spec.Limits.BulkBatchSize)
		if op == v1alpha1.JobSuspend {
			batch = min(batch, maxSuspensions)
		}
		for _, entry := range r.m.entries(pending) {
			d := r.m.decided.byRow[entry.Row]
			if entry.Withheld || d == nil || !d.Sends() || operationOf(d) != op || r.waits[entry.Row] {
				continue
			}
			if held%batch == 0 {
				if last == end {
					return
				}
				last++
			}
			held++
			entry.Job, entry.JobID = last, ""
		}
	}
}

func operationOf(d *plan.Decision) v1alpha1.JobOperation {
	switch {
	case d.Action == plan.Create:
		return v1alpha1.JobCreate
	case d.Suspend:
		return v1alpha1.JobSuspend
	default:
		return v1alpha1.JobUpdate
	}
}

// record writes the ledger and names its ConfigMaps in the status. The ledger of
// an open run is believed only as the status says that it is, so the status
// says first what it is about to be.
func (r *run[T]) record(ctx context.Context, finished bool) error {
	r.m.ledger.Finished = finished
	if err := r.foretell(ctx); err != nil {
		r.m.drop()
		return err
	}
	results, err := r.Ledger.Write(ctx, r.owner(), r.m.ledger)
	if err != nil {
		// What is stored may be another leader's: it is read again.
		lost := r.m.ledger
		r.m.drop()
		if isOpen(r.status) && !r.opens {
			r.m.lost = lost
		}
		return err
	}
	r.status.Results = results
	r.window.giveBack(ctx)
	return nil
}

// foretell announces the next write of the ledger of an open run. Of a run that
// no status tells of yet nothing is believed, and nothing is to be announced.
func (r *run[T]) foretell(ctx context.Context) error {
	if r.opens || !isOpen(r.status) {
		return nil
	}
	next, err := r.m.ledger.NextReferences(r.owner())
	if err != nil {
		return err
	}
	r.status.Results = next
	if !slices.ContainsFunc(next, func(reference v1alpha1.ResultsReference) bool { return reference.Next != "" }) {
		return nil
	}
	return r.pass.Save(ctx, lifecycle.Progressing(v1alpha1.JobRunningReason, "What became of the rows so far is written to ConfigMap "+r.ledgerName()+".", 0))
}

// digests stand for what the directory must show once the row is done: each
// field that is stated and can be compared.
func (r *round[T]) digests(d *plan.Decision) []ledger.FieldDigest {
	var all []ledger.FieldDigest
	add := func(path, value string) {
		all = append(all, ledger.FieldDigest{Path: path, Digest: ledger.Digest(r.salt(), path, value)})
	}
	if d.Suspend {
		add("state", string(v1alpha1.UserStateSuspended)) // it is all that is sent now
		return all
	}
	if d.ManagerOnly {
		add("manager", *d.Manager)
		return all
	}
	state := ""
	fields := plan.Stated(d.Row, r.defaultsFor(d))
	for _, field := range fields {
		switch {
		case d.Omits && rows.Omissible(fields, field.Path):
		case field.Path == "state":
			state = field.Value
		case field.Path == "manager" || field.Path == d.Omitted || !rows.Comparable(field.Path):
		default:
			add(field.Path, field.Value)
		}
	}
	if d.Manager != nil {
		add("manager", *d.Manager)
	}
	for _, field := range d.OmittedMFA() {
		add(field.Path, field.Value)
	}
	if state != "" && d.Action == plan.Create {
		add("state", state)
	}
	return all
}

// defaultsFor are the defaults that count for a decision's row.
func (r *round[T]) defaultsFor(d *plan.Decision) []rows.Field {
	if d.Action == plan.Create {
		return r.settings.Defaults
	}
	return nil
}
