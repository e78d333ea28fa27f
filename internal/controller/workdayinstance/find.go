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
func (k *Kind) search(pass *pass) *continuous.Search[jumpcloud.WorkdayInstance] {
	return &continuous.Search[jumpcloud.WorkdayInstance]{
		Counterparts: instances{pass}, Policy: pass.Object.Spec.AdoptionPolicy, Creating: pass.Object.Status.Creating,
		Creation: &pass.Memory.creation, SettleWindow: k.SettleWindow, Now: pass.Now,
	}
}

// instances are those of the organization, of which JumpCloud allows one.
type instances struct{ *pass }

// Known reads the instance of the id in the status.
func (i instances) Known(ctx context.Context) (*jumpcloud.WorkdayInstance, error) {
	status := &i.Object.Status
	if status.ID == "" {
		return nil, nil
	}
	live, err := i.Session.Client.GetWorkdayInstance(ctx, status.ID)
	if jumpcloud.IsNotFound(err) {
		forget(status)
		return nil, nil
	}
	return live, err
}

// Named lists the instances, whatever their names are.
func (i instances) Named(ctx context.Context, _ string, _ time.Time) (continuous.Lookup[jumpcloud.WorkdayInstance], error) {
	seen := continuous.Lookup[jumpcloud.WorkdayInstance]{Began: time.Now()}
	for page, err := range i.Session.Client.WorkdayInstancePages(ctx, 0) {
		if err != nil {
			return seen, err
		}
		seen.Found = append(seen.Found, page.Items...)
	}
	for _, instance := range seen.Found {
		seen.IDs = append(seen.IDs, instance.ID)
	}
	return seen, nil
}

// Created notes that the instance is what the object created.
func (i instances) Created(_ context.Context, live *jumpcloud.WorkdayInstance) (*jumpcloud.WorkdayInstance, error) {
	take(i.pass, live, false)
	return live, nil
}

// Adopt takes the instance over, where a grant admits that.
func (i instances) Adopt(_ context.Context, live *jumpcloud.WorkdayInstance) (*jumpcloud.WorkdayInstance, error) {
	if err := i.Permitted(v1alpha1.Demands{Adopts: true}); err != nil {
		return nil, err
	}
	take(i.pass, live, true)
	return live, nil
}

// Explain says why there is no instance for the object.
func (instances) Explain(c continuous.SearchResult, _ string, ids []string) string {
	switch c {
	case continuous.Several:
		return fmt.Sprintf("The organization has %d Workday instances, and one is allowed: %s. "+
			"Which of them is meant is not known. Ask JumpCloud's support to remove the others.", len(ids), strings.Join(ids[:min(len(ids), 5)], ", "))
	case continuous.Refused:
		return fmt.Sprintf("The organization has a Workday instance already (%s), JumpCloud allows no second one, "+
			"and spec.adoptionPolicy is Never. Allow the adoption.", ids[0])
	case continuous.Missing:
		return "The organization has no Workday instance, and spec.adoptionPolicy is MustExist. Set IfExists to have it created. It is looked for at every resync."
	case continuous.Settling:
		return "JumpCloud's answer to the creation of the Workday instance was lost. It is looked for until it is certain what became of it."
	default:
		return "The organization has a Workday instance that cannot be read. Ask JumpCloud's support to correct it."
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
