package plan

import "github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"

// Approval is what a plan is held against before anything of it is sent.
type Approval struct {
	// Mode of the object; its Organization's Plan mode makes it ModePlan.
	Mode v1alpha1.Mode
	// Approved is spec.approvedPlan.
	Approved string
	Run      Run
	Salt     string
	// Allowed is how many harmful rows may go without an approval.
	Allowed int
	// Harmed counts the harmful rows that this run has sent already: the
	// guard counts the whole difference, not one pass's share.
	Harmed int
	// Earlier is what this run's ledger says of rows by number.
	Earlier map[int]Earlier
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
	// Hash names what is withheld; where nothing is, the whole plan.
	Hash string
	// Withheld holds the numbers of the rows that wait for an approval.
	Withheld map[int]bool
	// Granted is set when spec.approvedPlan names this plan: then nothing is withheld.
	Granted bool
	// Changed is set when spec.approvedPlan names another plan.
	Changed bool
}

// Judge decides what of a plan may be sent now. An approval of the whole plan
// also approves the part of it that the guard withholds.
func Judge(decisions []Decision, a Approval) Verdict {
	fresh, withheld := a.sift(decisions)
	whole := Hash(a.Run, a.Salt, fresh)
	v := Verdict{Hash: whole, Withheld: map[int]bool{}}
	if len(withheld) == 0 {
		return v
	}
	v.Hash = Hash(a.Run, a.Salt, withheld)
	if a.Mode != v1alpha1.ModePlan && a.Approved != "" {
		v.Granted = a.Approved == v.Hash || a.Approved == whole
		v.Changed = !v.Granted
	}
	if !v.Granted {
		for _, d := range withheld {
			v.Withheld[d.Row.Number] = true
		}
	}
	return v
}

// sift returns the decisions that no earlier pass allowed, and those of them
// that need an approval.
func (a *Approval) sift(decisions []Decision) (fresh, withheld []*Decision) {
	var harmful []*Decision
	harm := a.Harmed
	for i := range decisions {
		d := &decisions[i]
		if !d.Sends() && !d.Deferred {
			continue
		}
		if earlier := a.Earlier[d.Row.Number]; d.Harmful && (!earlier.Sent || !earlier.Harmful) {
			harm++ // the others are in Harmed
		}
		if a.covers(d) {
			continue
		}
		fresh = append(fresh, d)
		if d.Harmful {
			harmful = append(harmful, d)
		}
	}
	switch {
	case a.Mode == v1alpha1.ModePlan, a.Mode == v1alpha1.ModeApplyAfterApproval:
		return fresh, fresh
	case harm > a.Allowed:
		return fresh, harmful
	default:
		return fresh, nil
	}
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
