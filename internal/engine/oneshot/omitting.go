package oneshot

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// omit marks the row of a create that was refused for a member that can be left out, so that
// it is sent again without the member. It returns false if that was done before.
func omit(entry *ledger.Entry, text string) bool {
	if entry.Action != ledger.ActionCreate || entry.Omits {
		return false
	}
	settle(entry, "", v1alpha1.RowFailedReason, text)
	entry.Omits, entry.Retryable = true, true // the user may still show up late
	return true
}

// mostSends returns how often a row that failed temporarily is sent. The create that was
// refused does not count.
func mostSends(entry *ledger.Entry) int {
	if entry.Omits {
		return maxSends + 1
	}
	return maxSends
}

// omitted returns the rows of the open run whose users are, or were, created without the
// member that JumpCloud refused.
func (r *run[T]) omitted() map[int]bool {
	if r.m.ledger == nil || !isOpen(r.status) {
		return nil
	}
	omitted := map[int]bool{}
	for _, entry := range r.m.entries(pending) {
		if entry.Omits {
			omitted[entry.Row] = true
		}
	}
	return omitted
}
