package oneshot

import (
	"context"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// run is one pass over the run of one object, with what all phases share.
type run[T Object] struct {
	*Engine[T]
	pass     *lifecycle.Pass[T]
	object   T
	status   *v1alpha1.RunStatus
	settings Settings
	m        *memory
	// opens is set while a run is opened in the status, until a status that says so is
	// written.
	opens bool
	// replan is set while what was not announced must be planned again, which is done in
	// proving.
	replan bool
	// looked is set once this pass has checked whether a run is due.
	looked bool
	// due is when the next step of an open job is due, as far as this pass has followed them;
	// zero: not known.
	due time.Time
	// cleaner masks the passwords of the run; nil until it is needed.
	cleaner *jumpcloud.Cleaner

	sources *sources[T]
	round   *round[T]
	grants  *grants[T]
	window  *window[T]
	leavers *leavers[T]
	turns   *turnsOf[T]
}

func (e *Engine[T]) open(pass *lifecycle.Pass[T]) *run[T] {
	r := &run[T]{
		Engine: e, pass: pass, object: pass.Object, status: pass.Object.Run(),
		settings: e.Kind.Settings(pass.Object), m: e.memories.get(pass.Object.GetUID()),
	}
	r.sources, r.round = &sources[T]{run: r}, &round[T]{run: r}
	r.grants, r.window = &grants[T]{run: r}, &window[T]{run: r}
	r.leavers, r.turns = &leavers[T]{run: r}, &turnsOf[T]{run: r}
	return r
}

// restore loads the run's ledger, if there is one. Without it, the rows of a job are not
// known. Only a ledger that the status anchors is believed: a user who may edit ConfigMaps
// must not be able to say what was approved, sent or done.
func (r *run[T]) restore(ctx context.Context) error {
	if r.m.ledger == nil {
		stored, err := r.Ledger.Read(ctx, r.owner())
		if err != nil {
			return err
		}
		if r.m.ledger = stored; r.m.believable(r.status) {
			r.window.keepCounted()
		} else {
			r.m.drop()
		}
	}
	if l := r.m.ledger; l == nil || !isOf(l, r.status) {
		r.m.drop()
	}
	return nil
}

func (r *run[T]) owner() ledger.Owner {
	return ledger.OwnerOf(r.object, v1alpha1.GroupVersion.WithKind(r.Kind.Name()), r.Kind.LedgerSuffix())
}

// observe reads the directory. A reading that rate limits cut off continues in a later pass
// with the same purpose; a reading with another purpose is dropped.
func (r *run[T]) observe(ctx context.Context, q question) (*finding, error) {
	if r.m.reading != nil && r.m.reading.purpose != q.purpose {
		r.m.dropReading()
	}
	if r.m.reading == nil {
		if len(q.rows) == 0 && len(q.sent) == 0 && len(q.members) == 0 && q.roster != nil {
			q.members = q.roster.Unseen() // members who are not looked for would count as deleted
		}
		if len(q.rows) == 0 && len(q.sent) == 0 && len(q.members) == 0 {
			// There is no user to look for, and a reading without keys would read all users.
			return &finding{Result: directory.Result{Began: time.Now(), Ended: time.Now(), Complete: true}, roster: q.roster}, nil
		}
		options, err := r.options(ctx)
		if err != nil {
			return nil, err
		}
		r.m.reading = beginReading(r.pass.Session.Users, options, q)
	}
	f, err := r.m.reading.advance(ctx)
	if err != nil {
		return nil, err
	}
	r.m.reading = nil
	if !f.Complete {
		return nil, directory.ErrIncomplete
	}
	if f.unknown {
		return nil, directory.ErrUnreadable
	}
	return f, nil
}

// options returns the options with which this object's rows are planned.
func (r *run[T]) options(ctx context.Context) (plan.Options, error) {
	var owners plan.Owners
	if r.Owners != nil {
		var err error
		if owners, err = r.Owners(ctx, r.pass.Session.OrganizationID); err != nil {
			return plan.Options{}, err
		}
	}
	return plan.Options{
		Operation: r.settings.Operation, MatchBy: r.settings.MatchBy, StateOnUpdate: r.settings.StateOnUpdate,
		OnlyNew: r.settings.OnlyNew, Defaults: r.settings.Defaults, Protected: r.pass.Session.Spec.ProtectedUsers,
		Foreign:        r.pass.Session.Organization.Namespace != r.object.GetNamespace(),
		NoPrivileges:   r.pass.PrivilegeRefusal(),
		Owners:         owners,
		Created:        r.created(),
		Omitted:        r.omitted(),
		OmitManagers:   r.settings.OnUnknownManager != v1alpha1.OnUnknownManagerInvalid,
		Completes:      r.completes(),
		EnrollmentDays: true,
		Kept:           r.kept(),
		Salt:           r.salt(),
	}, nil
}

// created returns the rows of the open run whose users it has created.
func (r *run[T]) created() map[int]bool {
	if r.m.ledger == nil || !isOpen(r.status) {
		return nil
	}
	created := map[int]bool{}
	for _, entry := range r.m.entries(pending) {
		created[entry.Row] = entry.Action == ledger.ActionCreate && r.sends(entry) > 0
	}
	return created
}

// listed returns the record of a job; a zero one if it is no longer listed.
func (r *run[T]) listed(index int32) v1alpha1.JobStatus {
	for _, record := range r.status.Jobs {
		if record.Index == index {
			return record
		}
	}
	return v1alpha1.JobStatus{}
}

// clean makes a record's text fit for the ledger: it may quote the run's passwords.
func (r *run[T]) clean(text string) string {
	if r.m.set == nil || r.m.key != r.status.RunKey {
		// The source changed or is gone, so it is not known what to mask.
		return ""
	}
	if r.cleaner == nil {
		var secrets []string
		for i := range r.m.set.Rows {
			if p := r.m.set.Rows[i].Password; p != nil {
				secrets = append(secrets, p.Reveal())
			}
		}
		r.cleaner = jumpcloud.NewCleaner(secrets...)
	}
	return r.cleaner.Clean(text)
}

func (r *run[T]) salt() string { return string(r.object.GetUID()) }

// mode returns how far this run may go: an Organization in mode Plan keeps every object in it
// from sending.
func (r *run[T]) mode() v1alpha1.Mode {
	if r.pass.Session.Spec.Mode == v1alpha1.ModePlan {
		return v1alpha1.ModePlan
	}
	return r.settings.Mode
}
