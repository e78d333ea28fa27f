package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/planlist"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// planView is the whole plan of one object, for people and programs.
type planView struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Hash identifies what waits for an approval, and WithheldBy says why it waits.
	Hash       string              `json:"hash,omitempty"`
	WithheldBy v1alpha1.WithheldBy `json:"withheldBy,omitempty"`
	// ApprovedHash is the hash of the approved plan that is being carried out.
	ApprovedHash string `json:"approvedHash,omitempty"`
	Total        int    `json:"total"`
	Unchanged    int    `json:"unchanged,omitempty"`
	Harmful      int    `json:"harmful"`
	Withheld     int    `json:"withheld"`
	// Changes are the planned changes, and rows that cannot be sent.
	Changes []plannedChange `json:"changes"`
	// Status is the object's state.
	Status state `json:"status"`

	uid string
}

// plannedChange is one change of a plan. The cluster stores no values of it.
type plannedChange struct {
	Action  string `json:"action"`
	Subject string `json:"subject"`
	// Details are the fields that change, or the reason why a row cannot be sent.
	Details  string `json:"details,omitempty"`
	Harmful  bool   `json:"harmful,omitempty"`
	Withheld bool   `json:"withheld,omitempty"`
	// Invalid is set for rows that cannot be sent.
	Invalid bool `json:"invalid,omitempty"`
	// Values are set with --show-values.
	Values []lifecycle.Value `json:"values,omitempty"`
}

// waits reports whether something waits for an approval.
func (v *planView) waits() bool { return v.Hash != "" && v.WithheldBy != "" && v.Withheld > 0 }

// differs reports whether there is anything to change.
func (v *planView) differs() bool {
	for i := range v.Changes {
		if !v.Changes[i].Invalid {
			return true
		}
	}
	return false
}

// plan reads the whole plan of an object, and checks it against the status.
func (c *cluster) plan(ctx context.Context, object lifecycle.Object) (*planView, error) {
	var changes []plannedChange
	var err error
	unchanged := 0
	switch o := object.(type) {
	case runObject:
		changes, unchanged, err = c.plannedRows(ctx, o)
	case livingObject:
		changes, err = c.plannedChanges(ctx, o)
	default:
		return nil, usagef("a %s has no plan", object.GetObjectKind().GroupVersionKind().Kind)
	}
	if err != nil {
		return nil, err
	}
	plan := approval.PlanOf(object)
	view := &planView{
		Kind: object.GetObjectKind().GroupVersionKind().Kind, Namespace: object.GetNamespace(), Name: object.GetName(),
		Hash: plan.Hash, WithheldBy: plan.WithheldBy, ApprovedHash: plan.ApprovedHash,
		Total: len(changes), Unchanged: unchanged, Harmful: int(plan.Harmful), Changes: changes,
		Status: stateOf(object), uid: string(object.GetUID()),
	}
	for i := range changes {
		if changes[i].Withheld {
			view.Withheld++
		}
	}
	if view.WithheldBy != "" && view.Withheld != int(plan.Withheld) {
		return nil, fmt.Errorf("the plan of %s cannot be shown completely: %d of its changes wait for an approval, but %d were found", title(object), plan.Withheld, view.Withheld)
	}
	return view, nil
}

// plannedRows returns the rows of a run that must still be sent, or that cannot be.
func (c *cluster) plannedRows(ctx context.Context, object runObject) (changes []plannedChange, unchanged int, err error) {
	read, err := c.rows(ctx, object)
	if err != nil || read == nil {
		return nil, 0, err
	}
	by := v1alpha1.WithheldBy("")
	if plan := object.Run().Plan; plan != nil {
		by = plan.WithheldBy
	}
	for i := range read.Entries {
		entry := &read.Entries[i]
		change := plannedChange{Action: string(entry.Action), Subject: cmp.Or(entry.Username, entry.Email), Details: entry.Message}
		switch {
		case entry.Outcome == "":
			// A plan of which nothing was sent is stored as results, which have no column for
			// this: in such a plan all rows to send wait.
			change.Withheld = entry.Withheld || read.Finished && by != ""
		case entry.Action == ledger.ActionInvalid:
			change.Invalid = true
			change.Details = strings.TrimSpace(entry.Reason + ": " + entry.Message)
		case entry.Outcome == ledger.OutcomeUnchanged:
			unchanged++
			continue
		default:
			continue
		}
		changes = append(changes, change)
	}
	return changes, unchanged, nil
}

// livingObject is an object whose user, group or the like is kept as declared.
type livingObject interface {
	lifecycle.Object
	Living() *v1alpha1.LivingStatus
}

// plannedChanges returns the changes of a status: those that it lists itself, or those in
// ConfigMaps if there are many.
func (c *cluster) plannedChanges(ctx context.Context, object livingObject) ([]plannedChange, error) {
	for range looks {
		status := object.Living()
		if status.Plan == nil {
			return nil, nil
		}
		if int(status.Plan.Total) == len(status.Plan.Changes) {
			return listedChanges(status.Plan.Changes), nil
		}
		all, err := (&planlist.Store{Reader: c}).Read(ctx, planOwner(object), status.PlanConfigMaps)
		if err == nil && len(all) != int(status.Plan.Total) {
			err = fmt.Errorf("the ConfigMaps in status.planConfigMaps contain %d", len(all))
		}
		if err == nil {
			changes := make([]plannedChange, 0, len(all))
			for i := range all {
				changes = append(changes, changeOf(&all[i]))
			}
			return changes, nil
		}
		wrapped := fmt.Errorf("the plan of %s, with %d changes, cannot be shown completely: %w", title(object), status.Plan.Total, err)
		if _, ok := errors.AsType[*planlist.NotThePlanError](err); !ok {
			return nil, wrapped
		}
		version := object.GetResourceVersion()
		if err := c.reread(ctx, object); err != nil {
			return nil, err
		}
		if object.GetResourceVersion() == version {
			return nil, wrapped
		}
	}
	return nil, fmt.Errorf("%s is being updated at the moment: try again", title(object))
}

// listedChanges returns the changes that the status lists itself.
func listedChanges(listed []v1alpha1.PlannedChange) []plannedChange {
	changes := make([]plannedChange, 0, len(listed))
	for i := range listed {
		changes = append(changes, changeOf(&planlist.Change{
			Action: listed[i].Action, Subject: listed[i].Subject, Fields: listed[i].Fields,
			Harmful: listed[i].Harmful, Withheld: listed[i].Withheld,
		}))
	}
	return changes
}

func planOwner(object livingObject) planlist.Owner {
	return planlist.Owner{
		Namespace: object.GetNamespace(),
		Reference: *metav1.NewControllerRef(object, object.GetObjectKind().GroupVersionKind()),
	}
}

func changeOf(c *planlist.Change) plannedChange {
	return plannedChange{
		Action: string(c.Action), Subject: c.Subject, Details: strings.Join(c.Fields, ", "), Harmful: c.Harmful, Withheld: c.Withheld,
	}
}
