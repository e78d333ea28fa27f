package living

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/text"
)

const (
	// maxListed changes are shown in the status.
	maxListed = 50
	// maxSubject and maxFields bound what is shown of a change.
	maxSubject = 1024
	maxFields  = 64
)

// describe takes down in the status what is planned, where a person is to look
// at it: in mode Plan, and where something waits for an approval. Else only
// what is to be remembered stays.
func (w *work[T, M]) describe(changes []Change[T, M], j *judgement) {
	before := w.planStatus()
	after := &v1alpha1.ChangePlan{Number: before.Number, Approved: before.Approved, Grant: before.Grant}
	after.WithheldBy = ""
	w.long = nil
	planning, _ := w.planning()
	if planning || len(j.Withheld) > 0 {
		after.Hash = j.Hash
		after.Total, after.Withheld = text.Int32(len(changes)), text.Int32(len(j.Withheld))
		after.Harmful = text.Int32(j.harm)
		after.Changes = listed(changes, j.Verdict)
		if len(changes) > maxListed {
			w.long = listing(changes, &j.Verdict)
		}
		if !planning {
			after.WithheldBy = j.By
		}
	}
	w.status.Plan = after
	if after.Number == 0 && after.Approved == "" && after.Hash == "" && after.ApprovedHash == "" {
		w.status.Plan = nil
	}
}

// waitsStill tells of what waited before the pass as it did, because it is not
// known whether it may be carried out now. What was approved or withdrawn since is
// another plan.
func (w *work[T, M]) waitsStill(before *v1alpha1.ChangePlan) {
	var after v1alpha1.ChangePlan
	if w.status.Plan != nil {
		after = *w.status.Plan
	}
	if before != nil && before.Number == after.Number && before.Approved == after.Approved && before.ApprovedHash == after.ApprovedHash {
		w.status.Plan = before
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
				Action: c.Action, Subject: text.Clip(c.Subject, maxSubject), Harmful: c.Harm > 0, Withheld: withheld,
			}
			for _, field := range c.Fields[:min(len(c.Fields), maxFields)] {
				planned.Fields = append(planned.Fields, field.Name)
			}
			list = append(list, planned)
		}
	}
	return list
}
