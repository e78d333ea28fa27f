package living

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/approval"
)

const (
	// maxApproved is how many changes an approval is remembered of.
	maxApproved = 10000
	// approvedBytes of each of them are: enough that nobody hits one by chance.
	approvedBytes = 8
	// maxListed changes are shown in the status.
	maxListed = 50
	// maxSubject and maxFields bound what is shown of a change.
	maxSubject = 1024
	maxFields  = 64
)

// digest names a change: what is done to whom, and what becomes of which field.
func (c *Change[T, M]) digest() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q %q", c.Action, c.Subject, c.UserID)
	for _, field := range c.Fields {
		fmt.Fprintf(&b, " %q %q %q", field.Name, field.Old, field.New)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:16])
}

// judge decides which changes may be carried out now. It takes down in the
// status what waits for an approval, and what was approved.
func (w *work[T, M]) judge(ctx context.Context, changes []Change[T, M]) (approval.Verdict, error) {
	status := w.planStatus()
	approved := decodeApproved(status.Approved)
	if w.settings.ApprovedPlan == "" {
		approved = nil // it was withdrawn
	}
	terms, harm, covered := make([]approval.Change, len(changes)), 0, 0
	for i := range changes {
		c := &changes[i]
		terms[i] = approval.Change{Digest: c.digest(), Harm: c.Harm, Gated: c.Gated && !w.deleting}
		terms[i].Covered = approved[short(terms[i].Digest)] && (!c.Follows || covered == i)
		harm += c.Harm
		if terms[i].Covered {
			covered++
		}
	}
	if covered == 0 && status.Approved != "" {
		// The approved plan is done: an approval is good for once.
		status.Approved, status.Number = "", status.Number+1
	}
	approvals, err := w.pass.Approvals(ctx, w.settings.ApprovedPlan)
	if err != nil {
		return approval.Verdict{}, err
	}
	allowed := approval.AlwaysAllowed
	if harm > allowed {
		users, err := w.pass.Session.Directory.Count(ctx)
		if err != nil {
			return approval.Verdict{}, err
		}
		allowed = approval.Allowed(w.pass.Session.Spec.Guard, users)
	}
	planning, _ := w.planning()
	request := approval.Request{
		Mode: w.settings.Mode, Approvals: approvals,
		Identity: fmt.Sprintf("%s %d", w.object.GetUID(), status.Number), Allowed: allowed,
	}
	switch {
	case planning:
		request.Mode = v1alpha1.ModePlan
	case w.deleting:
		request.Mode = v1alpha1.ModeApply // the deletion is what was asked for
	}
	verdict := approval.Judge(terms, request)
	if verdict.Granted {
		w.grant(terms, verdict.Approved)
	}
	w.describe(changes, verdict, harm)
	return verdict, nil
}

// planStatus returns the plan in the status, a new one if there is none.
func (w *work[T, M]) planStatus() *v1alpha1.ChangePlan {
	if w.status.Plan == nil {
		w.status.Plan = &v1alpha1.ChangePlan{}
	}
	return w.status.Plan
}

// grant takes down what was approved, so that it goes on after a restart.
func (w *work[T, M]) grant(changes []approval.Change, approved map[int]bool) {
	var digests []string
	gated := false
	for i := range changes {
		if approved[i] || changes[i].Covered {
			digests = append(digests, short(changes[i].Digest))
			gated = gated || changes[i].Gated
		}
	}
	slices.Sort(digests)
	w.status.Plan.Approved = strings.Join(digests[:min(len(digests), maxApproved)], "")
	if gatekeeper, ok := w.Kind.(Gatekeeper[T]); ok && gated {
		gatekeeper.Granted(w.object)
	}
}

// short is what is remembered of a digest: text of one length.
func short(digest string) string {
	raw, _ := hex.DecodeString(digest)
	return base64.RawStdEncoding.EncodeToString(raw[:approvedBytes])
}

func decodeApproved(text string) map[string]bool {
	length := base64.RawStdEncoding.EncodedLen(approvedBytes)
	approved := map[string]bool{}
	for ; len(text) >= length; text = text[length:] {
		approved[text[:length]] = true
	}
	return approved
}

// describe takes down in the status what is planned, where a person is to look
// at it: in mode Plan, and where something waits for an approval. Else only
// what is to be remembered stays.
func (w *work[T, M]) describe(changes []Change[T, M], verdict approval.Verdict, harm int) {
	before := w.planStatus()
	after := &v1alpha1.ChangePlan{Number: before.Number, Approved: before.Approved}
	planning, _ := w.planning()
	if planning || len(verdict.Withheld) > 0 {
		after.Hash = verdict.Hash
		after.Total, after.Withheld = count32(len(changes)), count32(len(verdict.Withheld))
		after.Harmful = count32(harm)
		after.Changes = listed(changes, verdict)
	}
	w.status.Plan = after
	if after.Number == 0 && after.Approved == "" && after.Hash == "" {
		w.status.Plan = nil
	}
}

// listed are the first changes, those that are withheld before the others.
func listed[T Object, M any](changes []Change[T, M], verdict approval.Verdict) []v1alpha1.PlannedChange {
	var list []v1alpha1.PlannedChange
	for _, withheld := range []bool{true, false} {
		for i := range changes {
			if verdict.Withheld[i] != withheld || len(list) == maxListed {
				continue
			}
			c := &changes[i]
			planned := v1alpha1.PlannedChange{
				Action: c.Action, Subject: cut(c.Subject), Harmful: c.Harm > 0, Withheld: withheld,
			}
			for _, field := range c.Fields[:min(len(c.Fields), maxFields)] {
				planned.Fields = append(planned.Fields, field.Name)
			}
			list = append(list, planned)
		}
	}
	return list
}

func count32(n int) int32 { return int32(min(n, 1<<31-1)) }

// cut bounds a text to what the status holds, between characters.
func cut(s string) string { return strings.ToValidUTF8(s[:min(len(s), maxSubject)], "") }
