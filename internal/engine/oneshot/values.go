package oneshot

import (
	"cmp"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
)

// show passes the values of a decision to a preview of the plan.
func (e *Engine[T]) show(object T, entry *ledger.Entry, d *plan.Decision) {
	if e.Values == nil {
		return
	}
	var values []lifecycle.Value
	if d.Action == plan.Create {
		for _, field := range d.Row.Fields {
			values = append(values, lifecycle.Value{Field: field.Path, New: field.Value})
		}
	}
	for _, change := range d.Changes {
		values = append(values, lifecycle.Value{Field: change.Path, Old: change.Old, New: change.New})
	}
	e.Values(object, cmp.Or(entry.Username, entry.Email), values)
}
