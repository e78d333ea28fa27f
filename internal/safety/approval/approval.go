// Package approval decides which changes of a plan may be carried out now: by the mode, by the
// guard, and by the plans that people approved. It is pure.
package approval

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Change describes one change of a plan.
type Change struct {
	// Digest identifies the change: action, target, and what becomes of which field.
	Digest string
	// Harm is how many users the change harms in the sense of the guard.
	Harm int
	// Creates is how many users the change creates.
	Creates int
	// Gated changes need an approval whatever the guard says.
	Gated bool
	// Withdrawn changes had an approval that was withdrawn: they need another one, whatever
	// the guard says.
	Withdrawn bool
	// Covered changes were allowed before, by an approval or as part of what was carried out.
	Covered bool
	// Counted is set if Request.Harmed already includes the change's harm.
	Counted bool
}

// Request holds what a plan is compared with.
type Request struct {
	// Mode of the object; its Organization's Plan mode makes it ModePlan.
	Mode v1alpha1.Mode
	// Approvals are what people have approved.
	Approvals Approvals
	// Identity of the run, or of the object and the number of its plan. It is part of every
	// hash, so that an approval is valid for only one of them.
	Identity string
	// Allowed is how much harm may be done without an approval.
	Allowed int
	// Harmed is how much harm the same run has already done: the guard counts the whole
	// difference, not one pass's share.
	Harmed int
	// HarmFull is set if the guard's window has no room for the harm of this plan, and
	// CreatedFull if it has none for the users that the plan creates.
	HarmFull, CreatedFull bool
}

// Evaluation says which changes of a plan may be carried out.
type Evaluation struct {
	// Hash identifies the withheld changes or, if there are none, all that are not covered.
	Hash string
	// Withheld holds the indexes of the changes that wait for an approval, and By is the
	// reason.
	Withheld map[int]bool
	By       v1alpha1.WithheldBy
	// Granted is set if an approval names this plan. Then nothing is withheld, Hash is the
	// approved one, and Approved holds the indexes of the changes that would be withheld.
	Granted  bool
	Approved map[int]bool
	// Changed is set if an approval names another plan than the one that waits.
	Changed bool
	// Harm and Created count the changes that may be carried out without an approval: the
	// guard's window must have room for them.
	Harm, Created int
}

// Evaluate decides which changes of a plan may be carried out now. An approval of the whole
// plan also approves the part that is withheld.
func Evaluate(changes []Change, r Request) Evaluation {
	fresh, withheld, by := r.sift(changes)
	whole := hash(r.Identity, changes, fresh)
	v := Evaluation{Hash: whole, Withheld: map[int]bool{}, Approved: map[int]bool{}}
	if len(withheld) > 0 {
		v.Hash = hash(r.Identity, changes, withheld)
		which := v.Withheld
		if r.Mode != v1alpha1.ModePlan {
			switch {
			case r.Approvals.Include(v.Hash):
				v.Granted = true
			case r.Approvals.Include(whole):
				v.Granted, v.Hash = true, whole
			default:
				v.Changed = r.Approvals.named()
			}
		}
		if v.Granted {
			which = v.Approved
		} else {
			v.By = by
		}
		for _, i := range withheld {
			which[i] = true
		}
	}
	for _, i := range fresh {
		if !v.Withheld[i] && !v.Approved[i] {
			v.Harm += changes[i].Harm
			v.Created += changes[i].Creates
		}
	}
	return v
}

// sift returns the indexes of the changes that are not covered, the indexes of those that need
// an approval, and why they do.
func (r *Request) sift(changes []Change) (fresh, withheld []int, by v1alpha1.WithheldBy) {
	var asked []int
	asks := v1alpha1.WithheldByWithdrawal
	harm := r.Harmed
	for i := range changes {
		c := &changes[i]
		if !c.Counted {
			harm += c.Harm
		}
		if c.Covered {
			continue
		}
		fresh = append(fresh, i)
		if c.Gated {
			asks = v1alpha1.WithheldByChange
		}
		if c.asks() {
			asked = append(asked, i)
		}
	}
	waits := func(which func(c *Change) bool) []int {
		return slices.DeleteFunc(slices.Clone(fresh), func(i int) bool { return !changes[i].asks() && !which(&changes[i]) })
	}
	over := harm > r.Allowed
	switch {
	case r.Mode == v1alpha1.ModePlan, r.Mode == v1alpha1.ModeApplyAfterApproval:
		return fresh, fresh, v1alpha1.WithheldByMode
	case over || r.HarmFull || r.CreatedFull:
		by = v1alpha1.WithheldByWindow
		if over {
			by = v1alpha1.WithheldByGuard
		}
		return fresh, waits(func(c *Change) bool {
			return c.Harm > 0 && (over || r.HarmFull) || c.Creates > 0 && r.CreatedFull
		}), by
	default:
		return fresh, asked, asks
	}
}

// asks reports whether the change needs an approval whatever the guard says.
func (c *Change) asks() bool { return c.Gated || c.Withdrawn }

// hash identifies changes of one identity. Their order does not matter.
func hash(identity string, changes []Change, which []int) string {
	digests := make([]string, 0, len(which))
	for _, i := range which {
		digests = append(digests, changes[i].Digest)
	}
	slices.Sort(digests)
	sum := sha256.Sum256([]byte(identity + "\n" + strings.Join(digests, "\n")))
	return "sha256:" + hex.EncodeToString(sum[:])
}
