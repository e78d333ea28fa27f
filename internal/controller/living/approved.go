package living

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/approval"
)

const (
	// maxDigests is how many digests of changes a text in the status holds.
	maxDigests = 10000
	// digestBytes of each of them are: enough that nobody hits one by chance.
	digestBytes = 8
)

// recall holds the plan against what was approved before. What is not planned
// any more is not approved any more: should it come back, it is another change.
// An approved plan of which nothing is left is done, and one that nothing
// approves any more is withdrawn; either way, its hash is never good again.
func (w *work[T, M]) recall(changes []Change[T, M], approvals approval.Approvals) []approval.Change {
	plan := w.planStatus()
	approved := decodeDigests(plan.Approved)
	var kept []string
	terms, covered := make([]approval.Change, len(changes)), 0
	for i := range changes {
		c := &changes[i]
		terms[i] = approval.Change{Digest: c.digest(), Harm: c.Harm, Gated: c.Gated}
		key := short(terms[i].Digest)
		if !approved[key] {
			continue
		}
		kept = append(kept, key)
		if !c.Follows || covered == i {
			terms[i].Covered = true
			covered++
		}
	}
	switch {
	case plan.Approved == "" && plan.ApprovedHash == "":
	case covered == 0:
		plan.DoneHash, plan.ApprovedHash, plan.Approved = plan.ApprovedHash, "", ""
		plan.Number++
	case !approvals.Include(plan.ApprovedHash):
		plan.ApprovedHash, plan.Approved = "", ""
		plan.Number++
		for i := range terms {
			terms[i].Covered = false
		}
	default:
		plan.Approved = encodeDigests(kept)
	}
	return terms
}

// withdrawn reports whether nothing approves any more what is being carried out.
func (w *work[T, M]) withdrawn(approvals approval.Approvals) bool {
	plan := w.status.Plan
	return plan != nil && plan.Approved != "" && !approvals.Include(plan.ApprovedHash)
}

// grant takes down what was approved, so that it goes on after a restart, and
// until nothing approves it any more.
func (w *work[T, M]) grant(changes []Change[T, M], j *judgement) {
	var keys []string
	var gated []Change[T, M]
	for i := range j.terms {
		if !j.Approved[i] && !j.terms[i].Covered {
			continue
		}
		keys = append(keys, short(j.terms[i].Digest))
		if changes[i].Gated {
			gated = append(gated, changes[i])
		}
	}
	plan := w.planStatus()
	plan.ApprovedHash, plan.Approved = j.Hash, encodeDigests(keys)
	if gatekeeper, ok := w.Kind.(Gatekeeper[T, M]); ok && len(gated) > 0 {
		gatekeeper.Granted(w.object, gated)
	}
}

// planStatus returns the plan in the status, a new one if there is none.
func (w *work[T, M]) planStatus() *v1alpha1.ChangePlan {
	if w.status.Plan == nil {
		w.status.Plan = &v1alpha1.ChangePlan{}
	}
	return w.status.Plan
}

// short is what is remembered of a digest: text of one length.
func short(digest string) string {
	raw, _ := hex.DecodeString(digest)
	return base64.RawStdEncoding.EncodeToString(raw[:digestBytes])
}

// encodeDigests writes short digests as one text, in their order.
func encodeDigests(keys []string) string {
	keys = slices.Sorted(slices.Values(keys))
	return strings.Join(keys[:min(len(keys), maxDigests)], "")
}

// decodeDigests reads what encodeDigests wrote.
func decodeDigests(text string) map[string]bool {
	length := base64.RawStdEncoding.EncodedLen(digestBytes)
	keys := map[string]bool{}
	for ; len(text) >= length; text = text[length:] {
		keys[text[:length]] = true
	}
	return keys
}
