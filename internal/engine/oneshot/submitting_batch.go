package oneshot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"k8s.io/utils/ptr"

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

// batch collects the rows of a job. Two kinds of rows leave the job and wait for the next
// round: rows that are no longer what the job was made for, because the directory changed, and
// rows whose user's lists another object changes. The job is then not complete.
func (p submitting[T]) batch(index int32) (b batch, complete bool) {
	b.operation, complete = p.listed(index).Operation, true
	for _, entry := range p.m.entries(inJob(index)) {
		d := p.m.decided.byRow[entry.Row]
		if d == nil || !d.Sends() || b.operation != "" && operationOf(d) != b.operation || !p.grants.allowed(entry, d) || !p.turns.has(d) {
			p.leaveJob(entry)
			complete = false
			continue
		}
		if digests := p.round.digests(d); !slices.Equal(entry.Digests, digests) {
			// The row was read again after a restart: it is proved by what is sent now.
			entry.Digests, complete = digests, false
		}
		note(entry, d, p.sends(entry) > 0)
		b.operation = operationOf(d)
		b.entries = append(b.entries, entry)
		b.decisions = append(b.decisions, d)
	}
	return b, complete
}

// allowed reports whether a decision does no more than the manifest allows its row. As in
// plan.Earlier.Covers, what is left of a row that was sent needs no approval of its own.
func (g *grants[T]) allowed(entry *ledger.Entry, d *plan.Decision) bool {
	switch {
	case d.Harmful && !entry.Harmful:
		return false
	case (entry.Approved != "" || g.mode() == v1alpha1.ModeApplyAfterApproval) && !g.earlier(entry).Covers(d, g.mode(), g.salt()):
		return false
	default:
		return g.sends(entry) > 0 || actionOf(d) == entry.Action
	}
}

// digestOf identifies rows and what they state. Passwords are not part of it.
func digestOf(entries []*ledger.Entry) string {
	var stated []byte
	for _, entry := range entries {
		stated = fmt.Appendf(stated, "%d %q %q %q %q\n", entry.Row, entry.Action, entry.Username, entry.UserID, entry.Digests)
	}
	sum := sha256.Sum256(stated)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// submit makes the single call of an attempt.
func (p submitting[T]) submit(ctx context.Context, b batch, s jumpcloud.Submission) (string, error) {
	if b.operation == v1alpha1.JobCreate {
		users := make([]jumpcloud.BulkUserCreate, 0, len(b.decisions))
		for _, d := range b.decisions {
			user := rows.CreatePayload(d.Row, p.settings.Defaults)
			user.Manager = d.Manager
			if ptr.Deref(user.State, "") != jumpcloud.StateStaged {
				user.MFA = p.byDate(user.MFA)
			}
			if d.Omits {
				rows.Omit(&user)
			}
			users = append(users, user)
		}
		return p.Kind.Create(ctx, p.pass.Session, p.object, s, users)
	}
	users := make([]jumpcloud.BulkUserUpdate, 0, len(b.decisions))
	for _, d := range b.decisions {
		user := *d.Payload
		if d.ExclusionByDate {
			user.MFA = p.byDate(user.MFA)
		}
		users = append(users, user)
	}
	return p.Kind.Update(ctx, p.pass.Session, p.object, s, users)
}
