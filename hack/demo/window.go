package main

import (
	"context"
	"fmt"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

const (
	// departures is the number of objects, each of which suspends departing users. No guard
	// withholds any single one of them; together they exceed the window in config/samples.
	departures, departing = 6, 4
	// noticePeriod is how far in the future their suspensions are.
	noticePeriod = 90 * 24 * time.Hour
)

// offboard makes many small objects harm more people than the guard's window allows, shows
// what is withheld, approves exactly that, and waits for it.
func offboard(ctx context.Context, c client.Client) error {
	heading(fmt.Sprintf("A team leaves: %d objects suspend %d users each, in %d days", departures, departing, int(noticePeriod.Hours()/24)))
	team, err := someEngineers(ctx, departures*departing)
	if err != nil {
		return err
	}
	for i := range departures {
		if err := c.Create(ctx, departure(i, team[i*departing:(i+1)*departing])); err != nil {
			return err
		}
	}
	acme := &v1alpha1.Organization{}
	if err := until(ctx, c, func(ready, waiting int) (bool, error) {
		err := c.Get(ctx, client.ObjectKey{Namespace: "identity", Name: "acme"}, acme)
		withheld := acme.Status.Withheld
		return ready+waiting == departures && waiting > 0 && withheld != nil && len(withheld.Objects) == waiting, err
	}); err != nil {
		return err
	}
	reportWithheld(acme)
	approved := acme.DeepCopy()
	approved.Spec.ApprovedPlan = acme.Status.Withheld.Hash
	if err := c.Patch(ctx, approved, client.MergeFrom(acme)); err != nil {
		return err
	}
	fmt.Printf("  kubectl patch jcorg acme -n identity --type=merge -p '{\"spec\":{\"approvedPlan\":%q}}'\n", approved.Spec.ApprovedPlan)
	if err := until(ctx, c, func(ready, _ int) (bool, error) { return ready == departures, nil }); err != nil {
		return err
	}
	fmt.Printf("  approved: all %d are scheduled\n", departures)
	return nil
}

// reportWithheld prints what waits for an approval, for all objects together.
func reportWithheld(organization *v1alpha1.Organization) {
	withheld := organization.Status.Withheld
	fmt.Printf("  Organization %s withholds %d changes, %s:\n", organization.Name, withheld.Changes, withheld.Hash)
	for _, object := range withheld.Objects {
		fmt.Printf("    %s %s: %d users\n", object.Kind, object.Name, object.Harmful)
	}
}

func departure(i int, usernames []string) *v1alpha1.ScheduledUserState {
	object := &v1alpha1.ScheduledUserState{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "identity", Name: fmt.Sprintf("departure-%d", i+1), Labels: map[string]string{"demo": "departure"},
		},
		Spec: v1alpha1.ScheduledUserStateSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"},
			State:           v1alpha1.SchedulableSuspended,
			StartDate:       time.Now().Add(noticePeriod).UTC().Format(time.RFC3339),
		},
	}
	for _, username := range usernames {
		object.Spec.Users = append(object.Spec.Users, v1alpha1.UserReference{Username: username})
	}
	return object
}

// someEngineers returns the usernames of n active engineers.
func someEngineers(ctx context.Context, n int) ([]string, error) {
	all, err := look(ctx)
	if err != nil {
		return nil, err
	}
	var usernames []string
	for i := range all.users {
		if u := &all.users[i]; u.Department == "Engineering" && u.State == "ACTIVATED" && len(usernames) < n {
			usernames = append(usernames, u.Username)
		}
	}
	if len(usernames) < n {
		return nil, fmt.Errorf("the simulated directory has %d active engineers, and %d are to leave", len(usernames), n)
	}
	return usernames, nil
}

// until waits until so returns true for the numbers of departures that are ready and that wait
// for an approval.
func until(ctx context.Context, c client.Client, so func(ready, waiting int) (bool, error)) error {
	return wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		var list v1alpha1.ScheduledUserStateList
		if err := c.List(ctx, &list, client.MatchingLabels{"demo": "departure"}); err != nil {
			return false, err
		}
		ready, waiting := 0, 0
		for i := range list.Items {
			conditions := list.Items[i].Status.Conditions
			if apimeta.IsStatusConditionTrue(conditions, v1alpha1.ReadyCondition) {
				ready++
			}
			if stalled := apimeta.FindStatusCondition(conditions, v1alpha1.StalledCondition); stalled != nil && stalled.Reason == v1alpha1.ApprovalRequiredReason {
				waiting++
			}
		}
		return so(ready, waiting)
	})
}
