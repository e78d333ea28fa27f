package plan

import (
	"fmt"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/approval"
)

// Approval is what a plan is held against before anything of it is sent.
type Approval struct {
	// Mode of the object; its Organization's Plan mode makes it ModePlan.
	Mode v1alpha1.Mode
	// Approvals are what people have approved.
	Approvals approval.Approvals
	Run       Run
	Salt      string
	// Allowed is how many harmful rows may go without an approval.
	Allowed int
	// Harmed counts the harmful rows that this run has sent already: the
	// guard counts the whole difference, not one pass's share.
	Harmed int
	// Earlier is what this run's ledger says of rows by number.
	Earlier map[int]Earlier
}

// Run identifies the run that a plan belongs to.
type Run struct {
	Key    string
	Number int64
}

// Earlier is what was allowed of a row in an earlier pass of the same run.
type Earlier struct {
	// Digest of the decision that was approved; empty if none was.
	Digest string
	// Harmful tells whether that decision was.
	Harmful bool
	// Sent tells that the row was sent: what is left of it completes what was allowed.
	Sent bool
}

// Verdict says what of a plan may be sent.
type Verdict struct {
	approval.Verdict
	// Withheld holds the numbers of the rows that wait for an approval.
	Withheld map[int]bool
}

// Judge decides what of a plan may be sent now. Rows that send nothing do not
// count.
func Judge(decisions []Decision, a Approval) Verdict {
	var changes []approval.Change
	var numbers []int
	for i := range decisions {
		if d := &decisions[i]; d.Sends() || d.Deferred {
			changes, numbers = append(changes, a.change(d)), append(numbers, d.Row.Number)
		}
	}
	v := Verdict{Withheld: map[int]bool{}, Verdict: approval.Judge(changes, approval.Request{
		Mode: a.Mode, Approvals: a.Approvals, Identity: fmt.Sprintf("%q %d", a.Run.Key, a.Run.Number),
		Allowed: a.Allowed, Harmed: a.Harmed,
	})}
	for i := range v.Verdict.Withheld {
		v.Withheld[numbers[i]] = true
	}
	return v
}

// change is a decision in the terms of an approval.
func (a *Approval) change(d *Decision) approval.Change {
	earlier := a.Earlier[d.Row.Number]
	c := approval.Change{Digest: d.Digest(a.Salt), Covered: a.covers(d)}
	if d.Harmful {
		c.Harm, c.Counted = 1, earlier.Sent && earlier.Harmful
	}
	return c
}

// covers tells whether an earlier pass of the same run allowed the decision:
// exactly it, or the row's sending of which it is the rest.
func (a *Approval) covers(d *Decision) bool {
	earlier := a.Earlier[d.Row.Number]
	if earlier.Digest != "" && earlier.Digest == d.Digest(a.Salt) {
		return true
	}
	return earlier.Sent && (!d.Harmful || earlier.Harmful)
}
