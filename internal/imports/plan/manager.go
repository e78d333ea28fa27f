package plan

import (
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// setManagers resolves the managers that rows name. A manager whom this same plan creates has
// no id yet: an update after the creates sets that manager.
func (m *Matcher) setManagers(decisions []Decision) {
	created := map[string]int{}
	for i := range decisions {
		if decisions[i].Action == Create {
			row := decisions[i].Row
			created[row.Username()] = i
			created[strings.ToLower(row.Email())] = i
		}
	}
	// When a row fails, the rows that wait for its user as their manager are examined again.
	// So each row is examined at most twice, however long the chain of managers is.
	waiting := map[int][]int{}
	queue := make([]int, 0, len(decisions))
	for i := range decisions {
		queue = append(queue, i)
	}
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		d := &decisions[i]
		if d.Action != Create && d.Action != Update {
			continue
		}
		if manager, waits := m.setManager(d, m.found[i].live, decisions, created); waits {
			waiting[manager] = append(waiting[manager], i)
		} else if d.Action == Fail {
			queue = append(queue, waiting[i]...)
			delete(waiting, i)
		}
	}
}

// setManager resolves one row's manager. If waits is true, the row waits until the user of the
// returned decision is created.
func (m *Matcher) setManager(d *Decision, user *live, decisions []Decision, created map[string]int) (manager int, waits bool) {
	defaults := m.opts.Defaults
	if d.Action == Update && !m.opts.Created[d.Row.Number] && !d.ManagerOnly {
		defaults = nil
	}
	reference := stated(d.Row, defaults, "manager")
	_, states := d.Row.Get("manager")
	if reference == "" {
		if states && user != nil && user.manager != "" {
			d.setManager(user.manager, "", "")
		}
		return 0, false
	}
	id := reference
	if !rows.IsID(reference) {
		id = m.managers[managerKey(reference)]
	}
	switch i, ok := created[managerKey(reference)]; {
	case id == "" && ok && decisions[i].Action == Create:
		if !d.Deferred {
			old := ""
			if user != nil {
				old = user.manager
			}
			d.Changes = append(d.Changes, Change{Path: "manager", Old: old, New: reference})
		}
		d.Deferred = true
		return i, true
	case id == "" && (m.unread["username"] || m.unread["email"]):
		d.fail(v1alpha1.RemoteConflictReason, "manager: was not found, and a user of the directory has a username or an email that cannot be read; "+
			"name the manager by id, or correct that user in JumpCloud")
	case id == "" && m.opts.OmitManagers:
		d.omitManager()
	case id == "":
		d.fail(v1alpha1.RemoteNotFoundReason, "manager: no such user in the directory or among those created by this run; "+
			"correct the row, or add a row for the manager")
		d.ManagerNotFound = true
	case user == nil:
		d.Manager = &id
	case id == user.id && states:
		d.fail(v1alpha1.RowInvalidReason, "manager: "+rows.OwnManager)
	case id == user.id:
		// A default for everyone does not apply to the manager.
	case user.manager != id:
		d.setManager(user.manager, reference, id)
	}
	return 0, false
}

// omitManager omits a manager who does not exist, and for whom the row may have waited.
func (d *Decision) omitManager() {
	d.ManagerNotFound, d.Deferred = true, false
	d.Changes = slices.DeleteFunc(d.Changes, func(change Change) bool { return change.Path == "manager" })
}

// setManager plans the change of an existing user's manager. The change contains what the row
// states, so an approval also holds while the id is not known yet.
func (d *Decision) setManager(old, reference, id string) {
	d.Manager = &id
	d.Changes = append(d.Changes, Change{Path: "manager", Old: old, New: reference})
}

func equalButForCase(a, b string) bool {
	return a != b && strings.EqualFold(a, b)
}
