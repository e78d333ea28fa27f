package plan

import (
	"fmt"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// Approval is what a plan is checked against before any of it is sent.
type Approval struct {
	// Mode is the object's mode; the Plan mode of its Organization makes it ModePlan.
	Mode v1alpha1.Mode
	// Approvals are the approvals that people gave.
	Approvals approval.Approvals
	Run       Run
	Salt      string
	// Allowed is how many harmful rows may be sent without an approval.
	Allowed int
	// Harmed is how much harm the object did without an approval, in this run and within the
	// guard's window.
	Harmed int
	// HarmFull and CreatedFull are set if the guard's window has no room.
	HarmFull, CreatedFull bool
	// Earlier is what this run's ledger says about rows, by row number.
	Earlier map[int]Earlier
}

// Run identifies the run that a plan belongs to.
type Run struct {
	Key    string
	Number int64
}

// Earlier is what an earlier pass of the same run allowed for a row.
type Earlier struct {
	// Approved are the Parts of the row that are covered by an approval that is still in
	// force.
	Approved map[string]bool
	// Withdrawn is set if an approval of the row was withdrawn, and no other one covers it.
	Withdrawn bool
	// Reserved is set if the row's harm, or the creation of its user, is counted already.
	Reserved bool
	// Harmful is set if the row was allowed to harm its user.
	Harmful bool
	// Sent is set if the row was sent: the rest of it completes what was allowed.
	Sent bool
}

// Evaluation says what of a plan may be sent.
type Evaluation struct {
	approval.Evaluation
	// Withheld holds the numbers of the rows that wait for an approval, and Approved those of
	// the rows that an approval has just released.
	Withheld, Approved map[int]bool
}

// Evaluate decides what of a plan may be sent now. Rows that send nothing do not count.
func Evaluate(decisions []Decision, a Approval) Evaluation {
	var changes []approval.Change
	var numbers []int
	for i := range decisions {
		if d := &decisions[i]; d.Sends() || d.Deferred {
			changes, numbers = append(changes, a.change(d)), append(numbers, d.Row.Number)
		}
	}
	v := Evaluation{Withheld: map[int]bool{}, Approved: map[int]bool{}, Evaluation: approval.Evaluate(changes, approval.Request{
		Mode: a.Mode, Approvals: a.Approvals, Identity: fmt.Sprintf("%q %d", a.Run.Key, a.Run.Number),
		Allowed: a.Allowed, Harmed: a.Harmed, HarmFull: a.HarmFull, CreatedFull: a.CreatedFull,
	})}
	for i := range v.Evaluation.Withheld {
		v.Withheld[numbers[i]] = true
	}
	for i := range v.Evaluation.Approved {
		v.Approved[numbers[i]] = true
	}
	return v
}

// change returns a decision in the form that approvals use.
func (a *Approval) change(d *Decision) approval.Change {
	earlier := a.Earlier[d.Row.Number]
	c := approval.Change{Digest: d.Digest(a.Salt), Covered: earlier.Covers(d, a.Mode, a.Salt), Withdrawn: earlier.Withdrawn}
	if d.Harmful {
		c.Harm, c.Counted = 1, earlier.Reserved && earlier.Harmful
	}
	if d.Action == Create {
		c.Creates = 1
	}
	return c
}

// Grants reports whether all of a decision was approved.
func (e Earlier) Grants(d *Decision, salt string) bool {
	if len(e.Approved) == 0 {
		return false
	}
	for _, part := range d.Parts(salt) {
		if !e.Approved[part] {
			return false
		}
	}
	return true
}

// Covers reports whether an earlier pass of the same run allowed the decision: all of it was
// approved, or it is the rest of what was sent and harms no user in a new way. The rest of a
// row whose approval was withdrawn is not covered, nor is harm or a creation that is not
// counted.
func (e Earlier) Covers(d *Decision, mode v1alpha1.Mode, salt string) bool {
	switch {
	case e.Grants(d, salt):
		return true
	case !e.Sent, e.Withdrawn:
		return false
	case d.Harmful:
		return e.Harmful && e.Reserved
	case d.Action == Create && !e.Reserved && len(e.Approved) == 0:
		return false
	case mode == v1alpha1.ModeApplyAfterApproval:
		return d.Created && len(e.Approved) > 0
	default:
		return true
	}
}
