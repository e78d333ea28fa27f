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

// note remembers the changes that a job made, as far as its results say, until what
// JumpCloud keeps of them is known.
func (m *Memory) note(result batch.Result, changes []imports.Change) {
	m.sent = nil
	respelled := slices.ContainsFunc(changes, func(c imports.Change) bool { return imports.Respelled(c.Path) })
	if respelled && result.Kind == submission.Completed && result.Failed == 0 {
		m.sent = changes
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
// remembers it in the status.
func (f finder) learn(d *imports.Decision) bool {
	m, status := f.Memory, &f.Object.Status
	if m.sent == nil {
		return false
	}
	shows := f.Now.Sub(f.ChangedAt) >= continuous.LookedFor()
	learned := imports.LearnKept(salt(f.Object), m.sent, d.Changes, shows)
	if len(learned) == 0 {
		return false
	}
	status.Kept, m.sent = imports.MergeKept(status.Kept, learned), nil
	return true
}

// forgetKept forgets of what JumpCloud keeps what a look shows to hold no more.
func (f finder) forgetKept(d *imports.Decision) {
	status := &f.Object.Status
	status.Kept = d.StillKept(salt(f.Object), status.Kept)
}

// salt of the digests of an object.
func salt(object *v1alpha1.User) string { return string(object.UID) }
