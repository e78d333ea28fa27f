package oneshot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// batch is what one job sends.
type batch struct {
	operation v1alpha1.JobOperation
	entries   []*ledger.Entry
	decisions []*plan.Decision
}

// batch collects the rows of a job. A row that is no longer what the job was
// made for, because the directory changed, waits for the next wave: then the
// job is not complete.
func (r *run[T]) batch(index int32) (b batch, complete bool) {
	b.operation, complete = r.listed(index).Operation, true
	for _, entry := range r.m.entries(inJob(index)) {
		d := r.m.decisions[entry.Row]
		if d == nil || !d.Sends() || b.operation != "" && operationOf(d) != b.operation || !r.allowed(entry, d) {
			r.leaveJob(entry)
			complete = false
			continue
		}
		if digests := r.digests(d); !slices.Equal(entry.Digests, digests) {
			// The row was read anew after a restart: it is proved by what is sent now.
			entry.Digests, complete = digests, false
		}
		b.operation = operationOf(d)
		b.entries = append(b.entries, entry)
		b.decisions = append(b.decisions, d)
	}
	return b, complete
}

// allowed reports whether a decision is no more than the manifest lets its row
// do. As in plan.Judge, what is left of a row that was sent needs no approval of
// its own.
func (r *run[T]) allowed(entry *ledger.Entry, d *plan.Decision) bool {
	switch {
	case d.Harmful && !entry.Harmful:
		return false
	case (entry.Approved != "" || r.mode() == v1alpha1.ModeApplyAfterApproval) && !r.earlier(entry).Covers(d, r.mode(), r.salt()):
		return false
	default:
		return r.sends(entry) > 0 || actionOf(d) == entry.Action
	}
}

// digestOf names rows and what is stated of them. Passwords are not part of it.
func digestOf(entries []*ledger.Entry) string {
	var stated []byte
	for _, entry := range entries {
		stated = fmt.Appendf(stated, "%d %q %q %q %q\n", entry.Row, entry.Action, entry.Username, entry.UserID, entry.Digests)
	}
	sum := sha256.Sum256(stated)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// submit makes the one call of an attempt.
func (r *run[T]) submit(ctx context.Context, b batch, s jumpcloud.Submission) (string, error) {
	if b.operation == v1alpha1.JobCreate {
		users := make([]jumpcloud.BulkUserCreate, 0, len(b.decisions))
		for _, d := range b.decisions {
			user := rows.CreatePayload(d.Row, r.settings.Defaults)
			user.Manager = d.Manager
			users = append(users, user)
		}
		return r.Kind.Create(ctx, r.pass.Session, r.object, s, users)
	}
	users := make([]jumpcloud.BulkUserUpdate, 0, len(b.decisions))
	for _, d := range b.decisions {
		users = append(users, *d.Payload)
	}
	return r.Kind.Update(ctx, r.pass.Session, r.object, s, users)
}
