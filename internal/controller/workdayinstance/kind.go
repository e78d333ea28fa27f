// Package workdayinstance keeps an organization's connection to Workday as a
// WorkdayInstance object declares it.
package workdayinstance

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/workdayreport"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Kind implements continuous.Kind for WorkdayInstances.
type Kind struct {
	// Reader reads Secrets past the cache: what is sent is what is stored.
	Reader client.Reader
	// SettleWindow is how long a creation whose answer was lost is looked for before it is
	// repeated.
	SettleWindow time.Duration
	// AnyHost admits reports at any host, also by http, for tests and development.
	AnyHost bool
}

// Memory is what the process keeps of an object between passes.
type Memory struct {
	secret   secret
	creation continuous.Creation
	// refused is the attempt in which JumpCloud refused the credentials.
	refused attempt
	count   count
}

// count is when the workers were counted, and of which report.
type count struct {
	of      string
	at      time.Time
	reading *workdayreport.Reading // nil: none is in progress
}

type (
	pass   = continuous.Pass[*v1alpha1.WorkdayInstance, Memory]
	plan   = continuous.Plan[*v1alpha1.WorkdayInstance, Memory]
	change = continuous.Change[*v1alpha1.WorkdayInstance, Memory]
)

// thing is what every object stands for.
const thing = "the organization's Workday instance"

// Name returns the name of the kind.
func (*Kind) Name() string { return "WorkdayInstance" }

// Settings returns the engine's settings for an object.
func (*Kind) Settings(object *v1alpha1.WorkdayInstance) continuous.Settings {
	settings := continuous.Settings{Mode: object.Spec.Mode, Thing: thing}
	if object.Spec.DeletionPolicy == v1alpha1.DeletionPolicyDeauthorize {
		settings.Deletion = continuous.DeletionActs
	}
	return settings
}

// Identity returns the same key for all objects: JumpCloud allows one instance per
// organization (documented). An object holds it once the instance was found or its creation
// announced.
func (*Kind) Identity(object *v1alpha1.WorkdayInstance) continuous.Identity {
	status := &object.Status
	identity := continuous.Identity{Keys: []string{thing}}
	if status.ID != "" || status.Creating != nil {
		identity.Held, identity.Disown = identity.Keys, func(string) { forget(status) }
	}
	return identity
}

// Load reads the credentials.
func (k *Kind) Load(ctx context.Context, pass *pass) (string, error) {
	found, err := readSecret(ctx, k.Reader, pass.Object)
	if err != nil {
		return "", err
	}
	pass.Memory.secret = found
	return found.version(), nil
}

// Observe finds the instance, and plans to create it or to make it as declared.
func (k *Kind) Observe(ctx context.Context, pass *pass) (*plan, error) {
	if problem := checkReport(pass.Object.Spec.ReportURL, pass.Session.Spec.WorkdayHosts, k.AnyHost); problem != "" {
		return nil, continuous.Stalled(v1alpha1.InvalidSpecReason, problem)
	}
	live, err := k.search(pass).Find(ctx, jumpcloud.WorkdayInstanceName)
	if err != nil {
		return nil, err
	}
	if live != nil {
		if problem := unreadable(live); problem != "" {
			return nil, continuous.Stalled(v1alpha1.RemoteConflictReason, problem)
		}
		note(pass, live)
	}
	if problem := unsaid(pass.Object, live); problem != "" {
		setAuthenticated(pass.Object, false, v1alpha1.InvalidSpecReason, problem)
		return nil, continuous.Stalled(v1alpha1.InvalidSpecReason, problem)
	}
	if live == nil {
		return &plan{Changes: []change{create(pass.Object)}}, nil
	}
	if changes := differences(pass, live); len(changes) > 0 {
		return &plan{Changes: changes}, nil
	}
	outcome, err := k.outcome(ctx, pass, live)
	return &plan{Outcome: outcome}, err
}

// PlanDeletion plans to remove the credentials. JumpCloud cannot delete an instance.
func (k *Kind) PlanDeletion(ctx context.Context, pass *pass) (*plan, error) {
	live, err := k.search(pass).Own(ctx)
	if err != nil || live == nil {
		return &plan{}, err
	}
	auth := pass.Object.Status.Auth
	given := auth != nil && auth.SecretUID != ""
	if !given && !mayWork(&live.Auth.Basic) && !mayWork(&live.Auth.OAuth) {
		return &plan{Outcome: lifecycle.Done(v1alpha1.UpToDateReason, "The instance has no credentials any more.")}, nil
	}
	return &plan{Changes: []change{deauthorize(live)}}, nil
}
