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

// start turns the planned round into a manifest: it numbers the jobs, opens the run if
// necessary, and writes the ledger. The first intent commits it.
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

// inRun executes a step of a run, and opens the run first if necessary. If the step fails,
// nothing was opened, so that no pass continues a run that the ledger does not know: the
// ledger is read again, and the round is planned again.
func (r *round[T]) inRun(step func() error) error {
	before, opens := r.status.DeepCopy(), !isOpen(r.status)
	if opens {
		r.beginRun()
		r.opens = true
	}
	if err := step(); err != nil {
		if !opens {
			before.Results = r.status.Results // the stored ledger may be the foretold one
		}
		*r.status, r.opens = *before, false
		if r.m.ledger != nil {
			r.m.drop()
		}
		return err
	}
	if opens {
		// If there was a request, this is the run that it asked for: the write that opens the
		// run also acknowledges the request.
		r.pass.AcknowledgeRequest()
	}
	return nil
}

// number assigns a job to each row that is to be sent: creates first, then updates, then
// suspensions, each job at most one batch. A round has at most as many jobs as the status
// lists; what is left is for the next round.
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

// record writes the ledger and names its ConfigMaps in the status. The ledger of an open run
// is believed only if it is as the status says, so the status first says what the ledger is
// about to be.
func (r *run[T]) record(ctx context.Context, finished bool) error {
	r.m.ledger.Finished = finished
	if err := r.foretell(ctx); err != nil {
		r.m.drop()
		return err
	}
	results, err := r.Ledger.Write(ctx, r.owner(), r.m.ledger)
	if err != nil {
		// The stored ledger may be another leader's, so it is read again.
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

// foretell announces the next write of the ledger of an open run. If no stored status has the
// run open yet, no ledger of it is believed, and there is nothing to announce.
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
	return r.pass.Save(ctx, lifecycle.Progressing(v1alpha1.JobRunningReason, "Writing the results so far to ConfigMap "+r.ledgerName()+".", 0))
}

// digests returns what the directory must show once the row is done: a digest of each field
// that is stated and can be compared.
func (r *round[T]) digests(d *plan.Decision) []ledger.FieldDigest {
	var all []ledger.FieldDigest
	add := func(path, value string) {
		all = append(all, ledger.FieldDigest{Path: path, Digest: ledger.Digest(r.salt(), path, value)})
	}
	if d.Suspend {
		add("state", string(v1alpha1.UserStateSuspended)) // nothing else is sent in this round
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

// defaultsFor returns the defaults that apply to a decision's row.
func (r *round[T]) defaultsFor(d *plan.Decision) []rows.Field {
	if d.Action == plan.Create {
		return r.settings.Defaults
	}
	return nil
}
