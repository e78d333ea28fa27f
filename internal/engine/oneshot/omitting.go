package oneshot

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// omit makes the row of a create that was refused for a member which can be left out one
// that is sent again without it. It reports false where that was done before.
func omit(entry *ledger.Entry, text string) bool {
	if entry.Action != ledger.ActionCreate || entry.Omits {
		return false
	}
	settle(entry, "", v1alpha1.RowFailedReason, text)
	entry.Omits, entry.Retryable = true, true // the user may show late after all
	return true
}

// mostSends is how often a row whose failure passes is sent. The create that was refused
// does not count.
func mostSends(entry *ledger.Entry) int {
	if entry.Omits {
		return maxSends + 1
	}
	return maxSends
}

// omitted are the rows of the open run whose users are created without what JumpCloud
// refused, or were.
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
