package user

import (
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	imports "github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// sent is what the last job sent of which JumpCloud may keep another form.
type sent struct {
	changes []imports.Change
	// failed is set where a record of the job says that a row of it failed.
	failed bool
}

// note remembers the changes of a job that has ended, until what JumpCloud keeps of them is
// known.
func (m *Memory) note(result batch.Result, changes []imports.Change) {
	m.sent = nil
	respelled := slices.ContainsFunc(changes, func(c imports.Change) bool { return imports.Respelled(c.Path) })
	if respelled && result.Kind == submission.Completed {
		m.sent = &sent{changes: changes, failed: result.Failed > 0}
	}
}

// created are the changes that a create makes: there was nothing before.
func created(row *rows.Row) (changes []imports.Change) {
	for _, field := range row.Fields {
		changes = append(changes, imports.Change{Path: field.Path, New: field.Value})
	}
	return changes
}

// learn reports whether all that differs is what JumpCloud keeps of what was sent, and
// remembers it in the status. Where that is not certain, what was sent must have had the time
// to show.
func (f finder) learn(d *imports.Decision) bool {
	m, status := f.Memory, &f.Object.Status
	if m.sent == nil {
		return false
	}
	learned, known := imports.LearnKept(salt(f.Object), m.sent.changes, d.Changes)
	if !known || !learned.Certain && (m.sent.failed || f.Now.Sub(f.ChangedAt) < continuous.LookedFor()) {
		return false
	}
	status.Kept, m.sent = imports.MergeKept(status.Kept, learned.Kept), nil
	return true
}

// forgetKept forgets of what JumpCloud keeps what a look shows to hold no more.
func (f finder) forgetKept(d *imports.Decision) {
	status := &f.Object.Status
	status.Kept = d.StillKept(salt(f.Object), status.Kept)
}

// salt of the digests of an object.
func salt(object *v1alpha1.User) string { return string(object.UID) }
