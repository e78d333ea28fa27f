package plan

import (
	"fmt"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// setManagers resolves the managers that rows name. A manager who is created
// by this same plan has no id yet: it is set by an update after the creates.
func (m *Matcher) setManagers(decisions []Decision) {
	created := map[string]int{}
	for i := range decisions {
		if decisions[i].Action == Create {
			row := decisions[i].Row
			created[row.Username()] = i
			created[strings.ToLower(row.Email())] = i
		}
	}
	// A row fails when its manager's row fails, so this ends when nobody fails any more.
	for failed := true; failed; {
		failed = false
		for i := range decisions {
			if m.setManager(&decisions[i], m.found[i].live, decisions, created) {
				failed = true
			}
		}
	}
}

// setManager resolves one row's manager and tells whether the row failed by it.
func (m *Matcher) setManager(d *Decision, user *live, decisions []Decision, created map[string]int) (failed bool) {
	if d.Action != Create && d.Action != Update || d.Manager != nil {
		return false
	}
	defaults := m.opts.Defaults
	if d.Action == Update && !m.opts.Created[d.Row.Number] {
		defaults = nil
	}
	reference := stated(d.Row, defaults, "manager")
	if reference == "" {
		if _, states := d.Row.Get("manager"); states && user != nil && user.manager != "" {
			d.setManager(user.manager, "", "")
		}
		return false
	}
	id := reference
	if !IsID(reference) {
		id = m.managers[managerKey(reference)]
	}
	if id == "" {
		if i, ok := created[managerKey(reference)]; ok && decisions[i].Action == Create {
			if user != nil && !d.Deferred {
				d.Changes = append(d.Changes, Change{Path: "manager", Old: user.manager, New: reference})
			}
			d.Deferred = true
			return false
		}
		d.fail(v1alpha1.RemoteNotFoundReason, fmt.Sprintf("manager: user %q is neither in the directory nor created by this run; "+
			"correct the row, or add the manager's own row", reference))
		return true
	}
	if user == nil {
		d.Manager = &id
	} else if user.manager != id {
		d.setManager(user.manager, reference, id)
	}
	return false
}

// setManager plans the change of an existing user's manager. The change says
// what the row states: so an approval holds while the id is not known yet.
func (d *Decision) setManager(old, reference, id string) {
	d.Manager = &id
	d.Changes = append(d.Changes, Change{Path: "manager", Old: old, New: reference})
}

func equalButForCase(a, b string) bool {
	return a != b && strings.EqualFold(a, b)
}
