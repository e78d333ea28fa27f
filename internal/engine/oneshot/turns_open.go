package oneshot

import (
	"context"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

// OpenTurns returns whose lists may still be changed by jobs of an object of a kind that runs:
// jobs that have not ended, or whose outcome is not known yet. If the ledger cannot say, All
// is set.
func OpenTurns(ctx context.Context, store *ledger.Store, kind schema.GroupVersionKind, suffix string, object Object) (turns.Open, error) {
	open := turns.Open{
		Holder:  turns.HolderOf(kind.Kind, object),
		Version: object.GetResourceVersion(),
	}
	status := object.Run()
	if !isOpen(status) || !slices.ContainsFunc(status.Jobs, announced) {
		return open, nil
	}
	stored, err := store.Read(ctx, ledger.OwnerOf(object, kind, suffix))
	if err != nil {
		return open, err
	}
	m := &memory{ledger: stored}
	if !m.believable(status) {
		open.All = true
		return open, nil
	}
	open.Users = slices.Sorted(maps.Keys(listUsers(status, stored)))
	return open, nil
}

// announced reports whether a job may have been sent and its absence is not proved.
func announced(record v1alpha1.JobStatus) bool { return record.State != v1alpha1.JobPlanned }

// listUsers returns the ids of the users whose lists may be changed by rows that were
// announced and have no outcome yet.
func listUsers(status *v1alpha1.RunStatus, l *ledger.Ledger) map[string]bool {
	ids := map[string]bool{}
	if !isOpen(status) || l == nil || l.Finished {
		return ids
	}
	unannounced := unannounced(status)
	for i := range l.Entries {
		entry := &l.Entries[i]
		if entry.UserID != "" && entry.Job != 0 && pending(entry) && !entry.Withheld && !unannounced(entry) && statesLists(entry) {
			ids[entry.UserID] = true
		}
	}
	return ids
}

// statesLists reports whether a row states an item of a list.
func statesLists(entry *ledger.Entry) bool {
	return slices.ContainsFunc(entry.Digests, func(field ledger.FieldDigest) bool { return rows.OfList(field.Path) })
}
