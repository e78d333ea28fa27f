package continuous

import (
	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/planlist"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

const (
	// maxListed is how many changes the status shows.
	maxListed = 50
	// maxSubject and maxFields bound what is shown of a change.
	maxSubject = 1024
	maxFields  = 64
)

// report tells people about the plan of one object: in its status, in ConfigMaps and in
// messages.
type report[T Object, M any] struct {
	*Engine[T, M]
	pass   *lifecycle.Pass[T]
	status *v1alpha1.LivingStatus
	// planning is set if nothing may be changed at JumpCloud, and deleting if the object is
	// being deleted.
	planning, deleting bool
	// long is the whole of a plan that does not fit into the status; nil: there is no such
	// plan.
	long []planlist.Change
}

// describe records the plan in the status if a person should look at it: in mode Plan, and if
// something waits for an approval. Otherwise only what must be remembered stays.
func (r *report[T, M]) describe(changes []Change[T, M], j *evaluation) {
	r.show(changes)
	before := planOf(r.status)
	after := &v1alpha1.ChangePlan{Number: before.Number, Approved: before.Approved, Withdrawn: before.Withdrawn, Grant: before.Grant}
	after.WithheldBy = ""
	r.long = nil
	if r.planning || len(j.Withheld) > 0 {
		after.Hash = j.Hash
		after.Total, after.Withheld = text.Int32(len(changes)), text.Int32(len(j.Withheld))
		after.Harmful = text.Int32(j.harm)
		for i := range changes {
			if changes[i].ActivationMail {
				after.ActivationMails++
			}
		}
		after.Changes = listed(changes, j.Evaluation)
		if len(changes) > maxListed {
			r.long = listing(changes, &j.Evaluation)
		}
		if !r.planning {
			after.WithheldBy = j.By
		}
	}
	r.status.Plan = after
	if after.Number == 0 && after.Approved == "" && after.Hash == "" && after.ApprovedHash == "" {
		r.status.Plan = nil
	}
}

// waitsStill restores in the status what waited before the pass, because it is unknown whether
// it may be carried out now. If something was approved or withdrawn since, it is another plan,
// and stays.
func (r *report[T, M]) waitsStill(before *v1alpha1.ChangePlan) {
	var after v1alpha1.ChangePlan
	if r.status.Plan != nil {
		after = *r.status.Plan
	}
	if before != nil && before.Number == after.Number && before.Approved == after.Approved && before.ApprovedHash == after.ApprovedHash {
		r.status.Plan = before
	}
}

// listed returns the first changes, those that are withheld before the others.
func listed[T Object, M any](changes []Change[T, M], evaluation approval.Evaluation) []v1alpha1.PlannedChange {
	var list []v1alpha1.PlannedChange
	for _, withheld := range []bool{true, false} {
		for i := range changes {
			if evaluation.Withheld[i] != withheld || len(list) == maxListed {
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
