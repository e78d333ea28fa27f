package oneshot

import (
	"context"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// admitManagers reports whether the rows may be sent as far as their managers are
// known. It is asked before anything is sent, as in admit.
func (p planning[T]) admitManagers(f *finding, set *rows.Set) (lifecycle.Outcome, bool) {
	if p.settings.OnUnknownManager != v1alpha1.OnUnknownManagerInvalid || p.settings.OnInvalidRow == v1alpha1.OnInvalidRowSkip {
		return lifecycle.Outcome{}, true
	}
	unknown := map[int]*plan.Decision{}
	for i := range f.decisions {
		if d := &f.decisions[i]; d.ManagerNotFound {
			unknown[d.Row.Number] = d
		}
	}
	var invalid []ledger.Entry
	for _, entry := range entriesOf(set) {
		if d := unknown[entry.Row]; d != nil {
			settle(&entry, ledger.OutcomeFailed, d.Reason, d.Row.Origin+": "+d.Message)
			invalid = append(invalid, entry)
		}
	}
	return p.refuse(set, invalid)
}

// learnManagers finds out which users an earlier run of this import created without
// their manager, where the operation leaves existing users alone: of others, the plan
// shows that the manager differs. Only results that the status anchors are believed.
func (p planning[T]) learnManagers(ctx context.Context) error {
	if p.settings.Operation != v1alpha1.OperationCreate || p.m.completes != nil {
		return nil
	}
	stored, err := p.Ledger.Read(ctx, p.owner())
	if err != nil {
		return err
	}
	p.m.completes = map[string]bool{}
	if stored == nil || !stored.Finished || !stored.Anchored(p.status.Results) {
		return nil
	}
	for i := range stored.Entries {
		if entry := &stored.Entries[i]; entry.Reason == v1alpha1.ManagerNotFoundReason && entry.UserID != "" {
			p.m.completes[entry.UserID] = true
		}
	}
	return nil
}

// completes are the users whose manager is set although the operation leaves them
// alone. In an open run its ledger tells: there, nothing else updates a user who was
// there before.
func (r *run[T]) completes() map[string]bool {
	if r.settings.Operation != v1alpha1.OperationCreate || r.m.ledger == nil || !isOpen(r.status) {
		return r.m.completes
	}
	completes := map[string]bool{}
	for _, entry := range r.m.entries(pending) {
		if entry.Action == ledger.ActionUpdate {
			completes[entry.UserID] = true
		}
	}
	return completes
}
