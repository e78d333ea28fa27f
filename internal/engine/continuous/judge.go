package continuous

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// digest identifies a change: what is done to what, how each field changes, and how many users
// it harms. An approval covers all of that.
func (c *Change[T, M]) digest() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q %q %d", c.Action, c.Subject, c.UserID, c.Harm)
	for _, field := range c.Fields {
		fmt.Fprintf(&b, " %q %q %q", field.Name, field.Old, field.New)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:16])
}

// check fails if a Kind planned a change without saying how it may harm: a class that was
// forgotten must not pass for harmless.
func (c *Change[T, M]) check() error {
	switch c.Class {
	case v1alpha1.HarmNone:
		if c.Harm == 0 {
			return nil
		}
	case v1alpha1.HarmAccessLost, v1alpha1.HarmAccessGained, v1alpha1.HarmDefenceLowered, v1alpha1.HarmIdentityChanged:
		return nil
	}
	return fmt.Errorf("the change %s of %d users has the harm class %q", c.Action, c.Harm, c.Class)
}

// fullness says what the guard's window has no room for.
type fullness struct{ harm, created bool }

// evaluation is the judgement of a plan, and what it is based on.
type evaluation struct {
	approval.Evaluation
	// terms are the changes as they were judged.
	terms []approval.Change
	// harm is that of the plan, harmed is what else the object did within the guard's window,
	// and allowed is how much harm needs no approval.
	harm, harmed, allowed int
	approvals             approval.Approvals
}

// judge decides which changes may be carried out now. It records in the status which changes
// wait for an approval, and which were approved.
func (w *work[T, M]) judge(ctx context.Context, changes []Change[T, M], full fullness) (evaluation, error) {
	for i := range changes {
		if err := changes[i].check(); err != nil {
			return evaluation{}, err
		}
	}
	approvals, err := w.pass.Approvals(ctx, w.settings.ApprovedPlan)
	if err != nil {
		return evaluation{}, err
	}
	j := evaluation{terms: recall(planOf(w.status), changes, approvals), approvals: approvals}
	harmed := w.harm.mark(j.terms)
	if err := j.allow(ctx, w.pass.Session, harmed); err != nil {
		return evaluation{}, err
	}
	request := approval.Request{
		Mode: w.settings.Mode, Approvals: approvals,
		Identity: fmt.Sprintf("%s %d", w.object.GetUID(), planOf(w.status).Number),
		Allowed:  j.allowed, Harmed: harmed, HarmFull: full.harm, CreatedFull: full.created,
	}
	if w.report.planning {
		request.Mode = v1alpha1.ModePlan
	}
	j.Evaluation = approval.Evaluate(j.terms, request)
	if j.Granted {
		grant(w.object, changes, &j)
	}
	w.report.describe(changes, &j)
	return j, nil
}

// allow determines how much the plan would harm, and how much harm is allowed.
func (j *evaluation) allow(ctx context.Context, s *session.Session, harmed int) error {
	counted := 0
	for i := range j.terms {
		j.harm += j.terms[i].Harm
		if j.terms[i].Counted {
			counted += j.terms[i].Harm
		}
	}
	j.harmed, j.allowed = max(harmed-counted, 0), approval.AlwaysAllowed
	if j.harm+j.harmed <= j.allowed {
		return nil
	}
	users, err := s.Users.Count(ctx)
	if err != nil {
		return err
	}
	j.allowed = approval.Allowed(s.Spec.Guard, users)
	return nil
}
