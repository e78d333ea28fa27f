package workdayinstance

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// search looks for the organization's instance.
func (k *Kind) search(pass *pass) *search {
	return &search{
		Counterparts: instances{pass}, Pass: pass, ID: pass.Object.Status.ID, Policy: pass.Object.Spec.AdoptionPolicy,
		Explain: explain, Creation: &pass.Memory.creation, SettleWindow: k.SettleWindow,
	}
}

type search = continuous.Search[*v1alpha1.WorkdayInstance, Memory, jumpcloud.WorkdayInstance]

// instances are the organization's Workday instances; JumpCloud allows one.
type instances struct{ *pass }

// Known reads the instance of the id in the status.
func (i instances) Known(ctx context.Context) (*jumpcloud.WorkdayInstance, error) {
	live, err := i.Session.Client.GetWorkdayInstance(ctx, i.Object.Status.ID)
	if jumpcloud.IsNotFound(err) {
		return nil, nil
	}
	return live, err
}

// Forget drops what is known of an instance that does not exist any more.
func (i instances) Forget() { forget(&i.Object.Status) }

// Named lists the instances, whatever their names are.
func (i instances) Named(ctx context.Context, _ string, _ time.Time) (continuous.Lookup[jumpcloud.WorkdayInstance], error) {
	seen := continuous.Lookup[jumpcloud.WorkdayInstance]{Began: time.Now()}
	for page, err := range i.Session.Client.WorkdayInstancePages(ctx, 0) {
		if err != nil {
			return seen, err
		}
		for _, instance := range page.Items {
			seen.Add(instance, instance.ID)
		}
	}
	return seen, nil
}

// Take records that the instance is the object's. Which credentials it has is not known.
func (i instances) Take(_ context.Context, live *jumpcloud.WorkdayInstance, adopted bool) (*jumpcloud.WorkdayInstance, error) {
	take(&i.Object.Status, live, adopted)
	return live, nil
}

// explain says why there is no instance for the object.
func explain(f continuous.Finding) string {
	switch f.Result {
	case continuous.Several:
		return fmt.Sprintf("The organization has %d Workday instances, and one is allowed: %s. "+
			"Which of them is meant is not known. Ask JumpCloud's support to remove the others.", len(f.IDs), strings.Join(f.IDs[:min(len(f.IDs), 5)], ", "))
	case continuous.Refused:
		return fmt.Sprintf("The organization has a Workday instance already (%s), JumpCloud allows no second one, "+
			"and spec.adoptionPolicy is Never. Allow the adoption.", f.IDs[0])
	case continuous.Missing:
		return "The organization has no Workday instance, and spec.adoptionPolicy is MustExist. Set IfExists to have it created. It is looked for at every resync."
	case continuous.Settling:
		return "JumpCloud's answer to the creation of the Workday instance was lost. The operator searches until the outcome is certain."
	default:
		return "The organization has a Workday instance that cannot be read. Ask JumpCloud's support to correct it."
	}
}

// take records the instance as the object's.
func take(status *v1alpha1.WorkdayInstanceStatus, live *jumpcloud.WorkdayInstance, adopted bool) {
	forget(status)
	status.ID, status.Adopted = live.ID, adopted
}

// forget drops what is known of an instance that does not exist any more.
func forget(status *v1alpha1.WorkdayInstanceStatus) {
	status.ID, status.Name, status.Adopted, status.LastImport, status.Workers = "", "", false, "", nil
	forgetCredentials(status)
}

// forgetCredentials drops what is known of the credentials, except the host that they were
// for.
func forgetCredentials(status *v1alpha1.WorkdayInstanceStatus) {
	if before := status.Auth; before != nil && before.Host != "" {
		status.Auth = &v1alpha1.WorkdayAuthStatus{Host: before.Host}
		return
	}
	status.Auth = nil
}
