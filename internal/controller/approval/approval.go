// Package approval decides what of a plan may be carried out now: by the mode,
// by the guard, and by the one plan that a person approved. It is pure.
package approval

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Change is what there is to know about one change of a plan.
type Change struct {
	// Digest names the change: action, target, and what becomes of which field.
	Digest string
	// Harm is how many users the change harms in the sense of the guard.
	Harm int
	// Gated changes need an approval whatever the guard says.
	Gated bool
	// Covered changes were allowed before, by an approval or as a part of what
	// was carried out.
	Covered bool
	// Counted tells that Request.Harmed holds the change's harm already.
	Counted bool
}

// Request is what a plan is held against.
type Request struct {
	// Mode of the object; its Organization's Plan mode makes it ModePlan.
	Mode v1alpha1.Mode
	// Approved is spec.approvedPlan.
	Approved string
	// Identity of the run, or of the object and the number of its plan: a part of
	// every hash, so that an approval is good for one of them only.
	Identity string
	// Allowed is how much harm may be done without an approval.
	Allowed int
	// Harmed is how much harm the same run has done already: the guard counts
	// the whole difference, not one pass's share.
	Harmed int
}

// Verdict says what of a plan may be carried out.
type Verdict struct {
	// Hash names what is withheld; where nothing is, all that is not covered.
	Hash string
	// Withheld holds the indexes of the changes that wait for an approval.
	Withheld map[int]bool
	// Granted is set when spec.approvedPlan names this plan: then nothing is
	// withheld, and Approved holds the indexes of the changes that would be.
	Granted  bool
	Approved map[int]bool
	// Changed is set when spec.approvedPlan names another plan.
	Changed bool
}

// Judge decides what of a plan may be carried out now. An approval of all of it
// also approves the part that is withheld.
func Judge(changes []Change, r Request) Verdict {
	fresh, withheld := r.sift(changes)
	whole := hash(r.Identity, changes, fresh)
	v := Verdict{Hash: whole, Withheld: map[int]bool{}}
	if len(withheld) == 0 {
		return v
	}
	v.Hash = hash(r.Identity, changes, withheld)
	if r.Mode != v1alpha1.ModePlan && r.Approved != "" {
		v.Granted = r.Approved == v.Hash || r.Approved == whole
		v.Changed = !v.Granted
	}
	which := map[int]bool{}
	for _, i := range withheld {
		which[i] = true
	}
	if v.Granted {
		v.Approved = which
	} else {
		v.Withheld = which
	}
	return v
}

// sift returns the indexes of the changes that are not covered, and of those
// that need an approval.
func (r *Request) sift(changes []Change) (fresh, withheld []int) {
	var gated, harmful []int
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
			gated = append(gated, i)
		}
		if c.Gated || c.Harm > 0 {
			harmful = append(harmful, i)
		}
	}
	switch {
	case r.Mode == v1alpha1.ModePlan, r.Mode == v1alpha1.ModeApplyAfterApproval:
		return fresh, fresh
	case harm > r.Allowed:
		return fresh, harmful
	default:
		return fresh, gated
	}
}

// hash names changes of one identity. Their order does not count.
func hash(identity string, changes []Change, which []int) string {
	digests := make([]string, 0, len(which))
	for _, i := range which {
		digests = append(digests, changes[i].Digest)
	}
	slices.Sort(digests)
	sum := sha256.Sum256([]byte(identity + "\n" + strings.Join(digests, "\n")))
	return "sha256:" + hex.EncodeToString(sum[:])
}
