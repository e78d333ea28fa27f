package run

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/rows"
)

// wave plans what of the rows without an outcome is sent now, after a survey
// that is complete, and sends its first job. Where nothing is to be sent, the
// run ends, or waits for an approval.
func (r *run[T]) wave(ctx context.Context, f *finding) lifecycle.Outcome {
	byRow := map[int]*ledger.Entry{}
	for _, entry := range r.m.entries(pending) {
		byRow[entry.Row] = entry
	}
	open := make([]plan.Decision, 0, len(byRow))
	for _, d := range f.decisions {
		if byRow[d.Row.Number] != nil {
			open = append(open, d)
		}
	}
	verdict := plan.Judge(open, r.approval(f.Users))
	r.m.plan = plan.Count(open, r.settings.Defaults)
	if isOpen(r.status) && r.status.Plan != nil {
		r.m.plan = *r.status.Plan
	} else {
		r.m.plan.Total = count32(len(r.m.ledger.Entries))
		r.m.plan.Invalid += r.m.plan.Total - count32(len(open))
	}
	if !isOpen(r.status) || len(verdict.Withheld) > 0 {
		r.m.plan.Hash = verdict.Hash
	}

	r.m.plannedAt, r.m.plannedWith = time.Now(), r.pass.Session
	r.m.decisions = map[int]*plan.Decision{}
	sends := 0
	for i := range open {
		d := &open[i]
		r.m.decisions[d.Row.Number] = d
		entry := byRow[d.Row.Number]
		r.enter(entry, d)
		entry.Withheld = verdict.Withheld[entry.Row]
		if verdict.Granted {
			entry.Approved = d.Digest(r.salt())
		}
		if pending(entry) && !entry.Withheld && d.Sends() {
			sends++
		}
	}
	switch {
	case sends == 0 && len(verdict.Withheld) == 0 && (isOpen(r.status) || r.settings.Mode != v1alpha1.ModePlan):
		return r.finish(ctx)
	case r.mode() == v1alpha1.ModePlan && isOpen(r.status):
		return r.hold(ctx)
	case r.mode() == v1alpha1.ModePlan:
		return r.planned(ctx)
	case sends == 0:
		return r.await(ctx, verdict)
	case r.pass.Paused:
		return paused()
	}
	if err := r.start(ctx); err != nil {
		return r.failed(err)
	}
	return r.next(ctx)
}

// enter takes a decision into the row's entry. The action of a row that was
// sent stays: what is sent later completes it.
func (r *run[T]) enter(entry *ledger.Entry, d *plan.Decision) {
	sent := entry.Attempts > 0
	entry.UserID = d.UserID
	// Whether what was sent was harmful is kept; what is only planned may change.
	entry.Deferred, entry.Harmful, entry.Job = d.Deferred, sent && entry.Harmful || d.Harmful, 0
	switch d.Action {
	case plan.Fail:
		if !sent {
			entry.Action = ledger.ActionInvalid
		}
		settle(entry, ledger.OutcomeFailed, d.Reason, d.Row.Origin+": "+d.Message)
	case plan.Unchanged, plan.Skip:
		switch {
		case sent:
			succeed(entry)
		case d.Action == plan.Skip:
			entry.Action = ledger.ActionSkip
			settle(entry, ledger.OutcomeSkipped, "", "the user exists, and operation Create leaves existing users alone")
		default:
			entry.Action = ledger.ActionUnchanged
			settle(entry, ledger.OutcomeUnchanged, "", "")
		}
	default:
		if sent && entry.Attempts > maxSends {
			settle(entry, ledger.OutcomeFailed, v1alpha1.RowNotAppliedReason, fmt.Sprintf("the row was sent %d times and the directory does not show it", entry.Attempts))
			return
		}
		if !sent {
			entry.Action = actionOf(d)
		}
		entry.Digests = r.digests(d)
		if entry.Outcome == "" && !sent {
			entry.Message = changed(d)
		}
	}
}

func actionOf(d *plan.Decision) ledger.Action {
	switch {
	case d.Action == plan.Create:
		return ledger.ActionCreate
	case d.Suspend:
		return ledger.ActionSuspend
	default:
		return ledger.ActionUpdate
	}
}

// digests stand for what the directory must show once the row is done: each
// field that is stated and can be compared.
func (r *run[T]) digests(d *plan.Decision) []ledger.FieldDigest {
	var all []ledger.FieldDigest
	add := func(path, value string) {
		all = append(all, ledger.FieldDigest{Path: path, Digest: ledger.Digest(r.salt(), path, value)})
	}
	state := ""
	for _, field := range plan.Stated(d.Row, r.defaultsFor(d)) {
		switch {
		case field.Path == "state":
			state = field.Value
		case field.Path == "manager" || !rows.Comparable(field.Path):
		default:
			add(field.Path, field.Value)
		}
	}
	if d.Manager != nil {
		add("manager", *d.Manager)
	}
	if state != "" && (d.Action == plan.Create || d.Suspend) {
		add("state", state)
	}
	return all
}

// defaultsFor are the defaults that count for a decision's row.
func (r *run[T]) defaultsFor(d *plan.Decision) []rows.Field {
	if d.Action == plan.Create {
		return r.settings.Defaults
	}
	return nil
}

// start makes the planned wave a manifest: jobs are numbered, the run is
// opened if it was not, and the ledger is written. The first intent commits it.
func (r *run[T]) start(ctx context.Context) error {
	return r.inRun(func() error {
		r.number()
		r.summarize()
		if err := r.record(ctx, false); err != nil {
			return err
		}
		return r.pass.EnsureFinalizer(ctx)
	})
}

// inRun takes a step of a run that is opened first if it was not. If the step
// fails, nothing was opened, so that a run that the ledger knows nothing of is
// never gone on with: the ledger is read anew, and the wave planned again.
func (r *run[T]) inRun(step func() error) error {
	before, opens := r.status.DeepCopy(), !isOpen(r.status)
	if opens {
		r.begin()
	}
	if err := step(); err != nil {
		*r.status, r.m.ledger = *before, nil
		return err
	}
	if opens {
		// It is the run that a request asked for, if there was one: the same write
		// that opens it tells so.
		r.pass.AcknowledgeRequest()
	}
	return nil
}

// begin opens a run in the status.
func (r *run[T]) begin() {
	*r.status = v1alpha1.RunStatus{
		RunKey: r.m.key, RunNumber: r.status.RunNumber + 1, Sources: r.m.set.Sources, Plan: new(r.m.plan),
		Results: r.status.Results, StartTime: &metav1.Time{Time: r.pass.Now},
		IgnoredResolution: ledger.Text(r.object.GetAnnotations()[v1alpha1.ResolveSubmissionAnnotation], maxResolution),
	}
	r.m.jobs = map[int32]*job{}
}

// number gives each row that is to be sent its job: creates first, then
// updates, then suspensions, each job at most one batch. A wave has at most as
// many jobs as the status lists; what is left is for the next one.
func (r *run[T]) number() {
	last := int32(0)
	for i := range r.status.Jobs {
		last = max(last, r.status.Jobs[i].Index)
	}
	end := last + maxJobs
	batch := int(r.pass.Session.Spec.Limits.BulkBatchSize)
	for _, op := range []v1alpha1.JobOperation{v1alpha1.JobCreate, v1alpha1.JobUpdate, v1alpha1.JobSuspend} {
		held := 0
		for _, entry := range r.m.entries(pending) {
			d := r.m.decisions[entry.Row]
			if entry.Withheld || d == nil || !d.Sends() || operationOf(d) != op {
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

// record writes the ledger and names its ConfigMaps in the status.
func (r *run[T]) record(ctx context.Context, finished bool) error {
	r.m.ledger.Finished = finished
	results, err := r.Ledger.Write(ctx, r.owner(), r.m.ledger)
	if err != nil {
		// What is stored may be another leader's: it is read again.
		r.m.ledger = nil
		return err
	}
	r.status.Results = results
	return nil
}

func (r *run[T]) salt() string { return string(r.object.GetUID()) }

// mode is how far this run may go: an Organization in mode Plan keeps
// everything beneath it from being sent.
func (r *run[T]) mode() v1alpha1.Mode {
	if r.pass.Session.Spec.Mode == v1alpha1.ModePlan {
		return v1alpha1.ModePlan
	}
	return r.settings.Mode
}

// approval is what the plan of this pass is held against.
func (r *run[T]) approval(users int) plan.Approval {
	a := plan.Approval{
		Mode: r.mode(), Approved: r.settings.ApprovedPlan, Salt: r.salt(),
		// The number that the run has, or will have: an approval of this run's plan
		// holds from the first plan to the end, and for no later run.
		Run:     plan.Run{Key: r.m.key, Number: r.m.ledger.RunNumber},
		Allowed: plan.Allowed(r.pass.Session.Spec.Guard, users),
		Earlier: map[int]plan.Earlier{},
	}
	for i := range r.m.ledger.Entries {
		entry := &r.m.ledger.Entries[i]
		if entry.Attempts > 0 && entry.Harmful {
			a.Harmed++
		}
		if pending(entry) && (entry.Approved != "" || entry.Attempts > 0) {
			a.Earlier[entry.Row] = plan.Earlier{Digest: entry.Approved, Harmful: entry.Harmful, Sent: entry.Attempts > 0}
		}
	}
	return a
}
