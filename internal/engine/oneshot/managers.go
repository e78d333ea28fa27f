package oneshot

import (
	"context"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// admitManagers reports whether the rows may be sent as far as their managers are known. Like
// admit, it is called before anything is sent.
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

// learn reads from the results of the previous run what they say about users. Only results
// that the status anchors are believed.
func (p planning[T]) learn(ctx context.Context) error {
	if p.m.kept != nil {
		return nil
	}
	stored, err := p.Ledger.Read(ctx, p.owner())
	if err != nil {
		return err
	}
	p.m.kept, p.m.completes = map[string][]v1alpha1.KeptValue{}, map[string]bool{}
	if stored == nil || !stored.Finished || !stored.Anchored(p.status.Results) {
		return nil
	}
	for i := range stored.Entries {
		entry := &stored.Entries[i]
		if entry.UserID != "" && p.lacksManager(entry) {
			p.m.completes[entry.UserID] = true
		}
		if entry.UserID != "" && len(entry.Kept) > 0 {
			p.m.kept[entry.UserID] = entry.Kept
		}
	}
	return nil
}

// lacksManager reports whether an earlier run of this import created the user without the
// manager, and the operation leaves existing users alone. Under other operations, the plan
// shows that the manager differs.
func (p planning[T]) lacksManager(entry *ledger.Entry) bool {
	return p.settings.Operation == v1alpha1.OperationCreate && entry.Reason == v1alpha1.ManagerNotFoundReason
}

// completes returns the users whose manager is set although the operation leaves them alone.
// For an open run, its ledger says who they are: nothing else in it updates a user who existed
// before.
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
