package usergroup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/living"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// group is what was found of a live group.
type group struct {
	summary jumpcloud.UserGroupSummary
	// full is nil where nothing more than the summary was read.
	full *jumpcloud.UserGroup
}

// find returns the object's group and notes its id and name; nil: there is none,
// and one may be created.
func (o *observation) find(ctx context.Context) (*group, error) {
	found, err := o.search(ctx)
	if found == nil || err != nil {
		return nil, err
	}
	if found.summary.Name == o.declaration.name {
		o.status.Name = found.summary.Name
	}
	return found, o.permitted(&found.summary)
}

// permitted fails where the group is one that the object may not stand for,
// whatever name it had when it became the object's.
func (o *observation) permitted(summary *jumpcloud.UserGroupSummary) error {
	return o.pass.Permitted(v1alpha1.Demands{Has: []string{summary.Name}})
}

// search looks for the object's group, by its id or else by name.
func (o *observation) search(ctx context.Context) (*group, error) {
	if o.status.ID != "" {
		found, err := o.known(ctx)
		if found != nil || err != nil {
			return found, err
		}
		o.forget()
	}
	newerThan := latest(latest(o.pass.NewerThan, o.pass.ChangedAt), o.memory.goneAt)
	if o.status.Creating != nil {
		found, settled, err := o.recover(ctx, newerThan)
		if found != nil || err != nil {
			return found, err
		}
		newerThan = latest(newerThan, settled)
	}
	listing, err := o.pass.Session.UserGroups.Read(ctx, newerThan)
	if err != nil {
		return nil, err
	}
	return o.byName(ctx, listing)
}

// known reads the group of the id in the status; nil: it does not exist any
// more.
func (o *observation) known(ctx context.Context) (*group, error) {
	if !o.closely() {
		listing, err := o.pass.Session.UserGroups.Read(ctx, latest(o.pass.NewerThan, o.pass.ChangedAt))
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(listing.Items, func(s jumpcloud.UserGroupSummary) bool { return s.ID == o.status.ID })
		if at >= 0 && listing.Items[at].Unread == nil && o.declaration.shownBy(&listing.Items[at]) {
			return &group{summary: listing.Items[at]}, nil
		}
		// A list may be late to show a group: that it lacks one is no proof.
	}
	return o.read(ctx)
}

// read reads the group of the id in the status in full; nil: it does not exist.
func (o *observation) read(ctx context.Context) (*group, error) {
	full, err := o.pass.Session.Client.GetUserGroup(ctx, o.status.ID)
	if jumpcloud.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	o.look.closely = true
	return &group{
		summary: jumpcloud.UserGroupSummary{ID: full.ID, Name: full.Name, Description: full.Description, Email: full.Email}, full: full,
	}, nil
}

// closely tells whether the row of a list is not enough to go by: where the
// spec states what rows lack, where something was or is about to be changed,
// or where somebody asks. To read one group after its change is cheaper than to
// read the list for each group that is changed.
func (o *observation) closely() bool {
	return o.look.closely || o.declaration.beyondSummary() || o.pass.Requested || o.pass.ChangedAt.After(o.memory.provedAt) ||
		o.object.Generation != o.status.ObservedGeneration || o.memory.proved != "" && o.memory.proved != o.memory.sources.version
}

// forget drops what is known of a group that does not exist any more.
func (o *observation) forget() {
	disown(o.status)
	o.memory.goneAt = time.Now()
}

// recover looks for the group of a creation whose answer is not recorded.
// Whatever has its name is ours: it was absent before. Once the request cannot
// be on its way any more, a list that began after that proves that there is
// none: settled.
func (o *observation) recover(ctx context.Context, newerThan time.Time) (_ *group, settled time.Time, _ error) {
	creating := o.status.Creating
	since := o.memory.creation.Since(creating, o.pass.Now)
	settled = since.Add(o.kind.SettleWindow)
	newerThan = latest(newerThan, since)
	if !o.pass.Now.Before(settled) {
		newerThan = latest(newerThan, settled)
	}
	listing, err := o.pass.Session.UserGroups.Read(ctx, newerThan)
	if err != nil {
		return nil, settled, err
	}
	found := named(listing, creating.Name)
	switch {
	case len(found) > 1:
		return nil, settled, severalGroups(creating.Name, found)
	case len(found) == 1:
		o.status.ID, o.status.Adopted, o.status.Creating = found[0].ID, false, nil
		taken, err := o.taken(ctx)
		return taken, settled, err
	case listing.Began.Before(settled):
		return nil, settled, living.Stop(lifecycle.Progressing(v1alpha1.SubmissionSettlingReason, fmt.Sprintf(
			"JumpCloud's answer to the creation of the group %q was lost. It is looked for until it is certain what became of it.", creating.Name),
			max(settled.Sub(o.pass.Now), directory.ReadingDelay)))
	case mayHide(listing):
		return nil, settled, hidden(creating.Name)
	default:
		return nil, settled, nil
	}
}

// byName takes over the group of the declared name, if the adoption policy
// allows it; nil: there is none, and one may be created.
func (o *observation) byName(ctx context.Context, listing *directory.Listing[jumpcloud.UserGroupSummary]) (*group, error) {
	name, policy := o.declaration.name, o.object.Spec.AdoptionPolicy
	found := named(listing, name)
	switch {
	case len(found) > 1:
		return nil, severalGroups(name, found)
	case len(found) == 1 && policy == v1alpha1.AdoptNever:
		return nil, stalled(v1alpha1.AdoptionRefusedReason, fmt.Sprintf(
			"JumpCloud has a group named %q already (%s), and spec.adoptionPolicy is Never. Choose another name, or allow the adoption.", name, found[0].ID))
	case len(found) == 1:
		return o.adopt(ctx, found[0])
	case mayHide(listing):
		return nil, hidden(name)
	case policy == v1alpha1.AdoptMustExist:
		return nil, stalled(v1alpha1.RemoteNotFoundReason, fmt.Sprintf(
			"JumpCloud has no group named %q (case counts), and spec.adoptionPolicy is MustExist. It is looked for at every resync.", name))
	case o.memory.creation.refused(name, o.pass.Now, o.pass.Session.Spec.ResyncInterval.Duration):
		return nil, stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
			"JumpCloud says that it has a group named %q, and shows none of exactly this name. It may show it later, or its name may differ in case: "+
				"rename that group, or choose another name.", name))
	default:
		return nil, nil
	}
}

// adopt takes over a group, unless another object has it, which is about to
// rename it, or no grant admits that.
func (o *observation) adopt(ctx context.Context, summary jumpcloud.UserGroupSummary) (*group, error) {
	err := o.pass.Permitted(v1alpha1.Demands{Groups: []string{summary.Name}, Adopts: true})
	if err != nil {
		return nil, err
	}
	owner, claim, err := o.pass.Owner(ctx, []string{idClaim(summary.ID)})
	if err != nil {
		return nil, err
	}
	if claim != "" {
		return nil, stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
			"The group named %q (%s) belongs to UserGroup %s/%s. Choose another name, or wait until it has another one.",
			summary.Name, summary.ID, owner.Namespace, owner.Name))
	}
	o.status.ID, o.status.Adopted, o.status.Creating, o.status.Members = summary.ID, true, nil, nil
	return o.taken(ctx)
}

// taken reads a group whose id has just been noted. Nothing is known yet of
// what rows lack.
func (o *observation) taken(ctx context.Context) (*group, error) {
	found, err := o.read(ctx)
	if found == nil && err == nil {
		o.forget()
		return nil, living.Stop(lifecycle.Retrying(v1alpha1.ProgressingWithRetryReason,
			"JumpCloud lists the group and does not have it any more. It is looked at again.", 0))
	}
	return found, err
}

// nameIsFree fails where a group is to be renamed to what another one is named.
func (o *observation) nameIsFree(ctx context.Context) error {
	listing, err := o.pass.Session.UserGroups.Read(ctx, o.pass.NewerThan)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(named(listing, o.declaration.name), func(s jumpcloud.UserGroupSummary) bool { return s.ID == o.status.ID })
	if len(others) > 0 {
		return nameTaken(o.declaration.name, others[0].ID)
	}
	if mayHide(listing) {
		return hidden(o.declaration.name)
	}
	return nil
}

// mayHide reports whether a group of any name may be there unseen: one whose
// name or id cannot be read.
func mayHide(listing *directory.Listing[jumpcloud.UserGroupSummary]) bool {
	return listing.Unknown > 0 || slices.ContainsFunc(listing.Items, func(s jumpcloud.UserGroupSummary) bool { return s.Unread.Has("name") })
}

func hidden(name string) error {
	return stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
		"JumpCloud shows no group named %q, and has a group whose name or id cannot be read: it may be that one. Correct that group in JumpCloud.", name))
}

// named returns the groups of exactly this name.
func named(listing *directory.Listing[jumpcloud.UserGroupSummary], name string) []jumpcloud.UserGroupSummary {
	var found []jumpcloud.UserGroupSummary
	for _, summary := range listing.Items {
		if summary.Name == name {
			found = append(found, summary)
		}
	}
	return found
}

func severalGroups(name string, found []jumpcloud.UserGroupSummary) error {
	const shown = 5
	var ids []string
	for _, summary := range found[:min(len(found), shown)] {
		ids = append(ids, summary.ID)
	}
	return stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
		"JumpCloud has %d groups named %q: %s. Rename or delete all but one of them.", len(found), name, strings.Join(ids, ", ")))
}

func nameTaken(name, id string) error {
	return stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
		"The group cannot be renamed to %q: another group has that name (%s). Rename or delete that one, or choose another name.", name, id))
}

func stalled(reason, message string) error { return living.Stop(lifecycle.Stalled(reason, message)) }

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
