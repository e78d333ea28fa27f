package usergroup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// group is what was read of a live group. It is the zero value for one that is to be created.
type group struct {
	summary jumpcloud.UserGroupSummary
	// full is nil if only the summary was read.
	full *jumpcloud.UserGroup
}

// wording is used in messages about groups.
var wording = continuous.Wording{
	Kind: "UserGroup", Noun: "group", One: "group named", All: "groups named", Attribute: "name",
	Another: "Choose another name", Yield: "wait until it has another one",
}

// find returns the object's group and records its id, and its name once it is as declared.
// nil: there is none, and one may be created.
func (o *observation) find(ctx context.Context) (*group, error) {
	name := o.definition.Name
	found, err := o.counterpart().Find(ctx, name)
	switch {
	case err != nil:
		return nil, err
	case found == nil && o.memory.creation.refused(name, o.pass.Now, o.pass.Session.Spec.ResyncInterval.Duration):
		return nil, continuous.Stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
			"JumpCloud says that it has a group named %q, and shows none of exactly this name. It may show it later, or its name may differ in case: "+
				"rename that group, or choose another name.", name))
	case found == nil:
		return nil, nil
	case found.summary.Name == name:
		o.status.Name = name
	}
	return found, o.permitted(&found.summary)
}

// permitted fails if the object may not stand for the group, whatever the group was named when
// it became the object's.
func (o *observation) permitted(summary *jumpcloud.UserGroupSummary) error {
	return o.pass.Permitted(v1alpha1.Demands{Has: []string{summary.Name}})
}

// counterpart searches for the object's group by its id, or else by name.
func (o *observation) counterpart() *continuous.Search[*v1alpha1.UserGroup, Memory, group] {
	return &continuous.Search[*v1alpha1.UserGroup, Memory, group]{
		Counterparts: o, Pass: o.pass, ID: o.status.ID, Policy: o.object.Spec.AdoptionPolicy, Creation: &o.memory.creation.Creation,
		Explain: wording.Explain, SettleWindow: o.kind.SettleWindow,
	}
}

// Known reads the group with the id in the status; nil: it does not exist.
func (o *observation) Known(ctx context.Context) (*group, error) {
	if !o.closely() {
		listing, err := o.pass.Session.UserGroups.Read(ctx, o.pass.Since())
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(listing.Items, func(s jumpcloud.UserGroupSummary) bool { return s.ID == o.status.ID })
		if at >= 0 && listing.Items[at].Unread == nil && o.definition.ShownBy(&listing.Items[at]) {
			return &group{summary: listing.Items[at]}, nil
		}
		// A list may be late to show a group, so its absence there is no proof.
	}
	return o.read(ctx)
}

// read reads the group with the id in the status in full; nil: it does not exist.
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

// closely reports whether a row of the list is not enough: the spec states what rows lack,
// something was or is about to be changed, or a pass was requested. Reading one group after
// its change is cheaper than re-reading the list for each changed group.
func (o *observation) closely() bool {
	return o.look.closely || o.definition.BeyondSummary() || o.pass.Requested || o.pass.ChangedAt.After(o.memory.provedAt) ||
		o.object.Generation != o.status.ObservedGeneration || o.memory.proved != "" && o.memory.proved != o.memory.sources.Version
}

// Forget drops what is known of a group that does not exist any more.
func (o *observation) Forget() {
	forgetGroup(o.status)
	o.memory.listsSince = time.Now()
}

// Named looks for a name in the list that all groups share.
func (o *observation) Named(ctx context.Context, name string, newerThan time.Time) (continuous.Lookup[group], error) {
	listing, err := o.listing(ctx, name, newerThan)
	if err != nil {
		return continuous.Lookup[group]{}, err
	}
	seen := continuous.Lookup[group]{Began: listing.Began, Hides: mayHide(listing)}
	for _, summary := range named(listing, name) {
		seen.Add(group{summary: summary}, summary.ID)
	}
	return seen, nil
}

// listing reads the list that all groups share, for the groups with a name. Whatever newerThan
// allows, it re-reads a list from before a change that is known: a group was found to be gone,
// or another object knows its group by another name than the list shows. The latter ends a
// wait for the name, and nothing else wakes the object. If the new list still differs, it is
// right, and the other object has yet to see that its group was renamed.
func (o *observation) listing(ctx context.Context, name string, newerThan time.Time) (*directory.Listing[jumpcloud.UserGroupSummary], error) {
	listing, err := o.pass.Session.UserGroups.Read(ctx, continuous.Latest(newerThan, o.memory.listsSince))
	if err != nil {
		return nil, err
	}
	renamed, err := o.renamed(ctx, named(listing, name))
	if err != nil {
		return nil, err
	}
	outdated := renamed != "" && renamed != o.memory.renamed
	o.memory.renamed = renamed
	if outdated {
		o.memory.listsSince = time.Now()
		return o.listing(ctx, name, newerThan)
	}
	return listing, nil
}

// renamed returns which of the listed groups other objects know by other names, and by which;
// "" if none.
func (o *observation) renamed(ctx context.Context, listed []jumpcloud.UserGroupSummary) (string, error) {
	var all []string
	for i := range listed {
		owners, err := o.pass.Contenders(ctx, []string{continuous.IDKey(listed[i].ID)})
		if err != nil {
			return "", err
		}
		for _, owner := range owners {
			if known := knownName(owner); known != "" && known != listed[i].Name {
				all = append(all, fmt.Sprintf("%s %q", listed[i].ID, known))
			}
		}
	}
	return strings.Join(all, " "), nil
}

// Take records that a group is the object's and reads it in full, as what rows lack is not
// known yet.
func (o *observation) Take(ctx context.Context, found *group, adopted bool) (*group, error) {
	o.status.ID, o.status.Adopted = found.summary.ID, adopted
	if adopted {
		o.status.Members = nil
	}
	found, err := o.read(ctx)
	if found == nil && err == nil {
		o.Forget()
		return nil, lifecycle.Stop(lifecycle.Retrying(v1alpha1.ProgressingWithRetryReason,
			"JumpCloud lists the group and does not have it any more. It is checked again.", 0))
	}
	return found, err
}

// nameIsFree fails if another group has, or may have, the declared name.
func (o *observation) nameIsFree(ctx context.Context) error {
	listing, err := o.listing(ctx, o.definition.Name, o.pass.NewerThan)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(named(listing, o.definition.Name), func(s jumpcloud.UserGroupSummary) bool { return s.ID == o.status.ID })
	if len(others) > 0 {
		return nameTaken(o.definition.Name, others[0].ID)
	}
	if mayHide(listing) {
		return continuous.Stalled(v1alpha1.RemoteConflictReason, wording.Explain(continuous.Finding{Result: continuous.Hidden, Name: o.definition.Name}))
	}
	return nil
}

// mayHide reports whether a list may hide a group of any name: it has a record whose name or
// id cannot be read.
func mayHide(listing *directory.Listing[jumpcloud.UserGroupSummary]) bool {
	return listing.Unknown > 0 || slices.ContainsFunc(listing.Items, func(s jumpcloud.UserGroupSummary) bool { return s.Unread.Has("name") })
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

func nameTaken(name, id string) error {
	return continuous.NotMade(lifecycle.Stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
		"The group cannot be renamed to %q: another group has that name (%s). Rename or delete that one, or choose another name.", name, id)))
}
