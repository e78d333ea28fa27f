package workdayinstance

import (
	"context"
	"fmt"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/living"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// find returns the organization's instance, which the object stands for or
// adopts; nil: there is none, and one may be created.
func (k *Kind) find(ctx context.Context, pass *pass) (*jumpcloud.WorkdayInstance, error) {
	live, err := k.own(ctx, pass)
	if live != nil || err != nil {
		return live, err
	}
	live, err = only(ctx, pass)
	if err != nil {
		return nil, err
	}
	switch policy := pass.Object.Spec.AdoptionPolicy; {
	case live == nil && policy == v1alpha1.AdoptMustExist:
		return nil, stalled(v1alpha1.RemoteNotFoundReason,
			"The organization has no Workday instance, and spec.adoptionPolicy is MustExist. It is looked for at every resync.")
	case live == nil:
		return nil, nil
	case policy == v1alpha1.AdoptNever:
		return nil, stalled(v1alpha1.AdoptionRefusedReason, fmt.Sprintf("The organization has a Workday instance already (%s), JumpCloud allows no second one, "+
			"and spec.adoptionPolicy is Never. Allow the adoption.", live.ID))
	default:
		if err := pass.Permitted(v1alpha1.Demands{Adopts: true}); err != nil {
			return nil, err
		}
		take(pass, live, true)
		return live, nil
	}
}

// own returns the instance that the object stands for already; nil: there is
// none. A creation whose answer was lost is waited for: what it made is ours.
func (k *Kind) own(ctx context.Context, pass *pass) (*jumpcloud.WorkdayInstance, error) {
	status := &pass.Object.Status
	if status.ID != "" {
		live, err := pass.Session.Client.GetWorkdayInstance(ctx, status.ID)
		if !jumpcloud.IsNotFound(err) {
			return live, err
		}
		forget(status)
	}
	if status.Creating == nil {
		return nil, nil
	}
	since := pass.Memory.creation.Since(status.Creating, pass.Now)
	live, err := only(ctx, pass)
	if err != nil {
		return nil, err
	}
	if live != nil {
		take(pass, live, false)
		return live, nil
	}
	if wait := since.Add(k.SettleWindow).Sub(pass.Now); wait > 0 {
		return nil, living.Stop(lifecycle.Progressing(v1alpha1.SubmissionSettlingReason,
			"JumpCloud's answer to the creation of the Workday instance was lost. It is looked for until it is certain what became of it.",
			max(wait, directory.ReadingDelay)))
	}
	return nil, nil
}

// only returns the organization's instance; nil: it has none.
func only(ctx context.Context, pass *pass) (*jumpcloud.WorkdayInstance, error) {
	var found []jumpcloud.WorkdayInstance
	for page, err := range pass.Session.Client.WorkdayInstancePages(ctx, 0) {
		if err != nil {
			return nil, err
		}
		found = append(found, page.Items...)
	}
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return &found[0], nil
	default:
		var ids []string
		for _, instance := range found[:min(len(found), 5)] {
			ids = append(ids, instance.ID)
		}
		return nil, stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf("The organization has %d Workday instances, and one is allowed: %s. "+
			"Which of them is meant is not known. Ask JumpCloud's support to remove the others.", len(found), strings.Join(ids, ", ")))
	}
}

// take notes whose the instance is. Which credentials it has is not known.
func take(pass *pass, live *jumpcloud.WorkdayInstance, adopted bool) {
	status := &pass.Object.Status
	forget(status)
	status.ID, status.Adopted, status.Creating = live.ID, adopted, nil
}

// forget drops what is known of an instance that does not exist any more.
func forget(status *v1alpha1.WorkdayInstanceStatus) {
	status.ID, status.Name, status.Adopted, status.LastImport, status.Workers = "", "", false, "", nil
	forgetCredentials(status)
}

// forgetCredentials drops what is known of credentials, but for the host that
// they were for.
func forgetCredentials(status *v1alpha1.WorkdayInstanceStatus) {
	if before := status.Auth; before != nil && before.Host != "" {
		status.Auth = &v1alpha1.WorkdayAuthStatus{Host: before.Host}
		return
	}
	status.Auth = nil
}

func stalled(reason, message string) error { return living.Stop(lifecycle.Stalled(reason, message)) }
