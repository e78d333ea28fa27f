package continuous

import "github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"

// show passes the values of changes to a preview of the plan.
func (r *report[T, M]) show(changes []Change[T, M]) {
	if r.Values == nil {
		return
	}
	for i := range changes {
		values := make([]lifecycle.Value, 0, len(changes[i].Fields))
		for _, field := range changes[i].Fields {
			values = append(values, lifecycle.Value{Field: field.Name, Old: field.Old, New: field.New})
		}
		r.Values(r.pass.Object, changes[i].Subject, values)
	}
}
