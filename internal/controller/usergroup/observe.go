package usergroup

import (
	"context"
	"errors"
	"slices"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/groups/definition"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/groups/membership"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// look is an observation in progress. It may take several passes.
type look struct {
	newerThan time.Time
	// closely is set if the group itself is read, and before its members.
	closely bool
	// groupID is the group whose members are read. members is nil until that begins.
	groupID string
	members *directory.Pages[jumpcloud.GraphObject]
	// client is that of the present pass: credentials may be rotated between passes.
	client *jumpcloud.Client
}

// observation is one pass of a look.
type observation struct {
	kind       *Kind
	pass       *pass
	object     *v1alpha1.UserGroup
	status     *v1alpha1.UserGroupStatus
	memory     *Memory
	look       *look
	definition *definition.Definition
	roster     *membership.Roster
}

func (k *Kind) observation(pass *pass) *observation {
	m := pass.Memory
	if m.look == nil || !m.look.newerThan.Equal(pass.NewerThan) {
		m.look = &look{newerThan: pass.NewerThan}
	}
	m.look.client = pass.Session.Client
	return &observation{
		kind: k, pass: pass, object: pass.Object, status: &pass.Object.Status, memory: m, look: m.look,
		definition: &definition.Definition{Spec: &pass.Object.Spec, Name: pass.Object.GroupName(), TextFilters: m.textFilters},
	}
}

// Observe finds the group and plans its creation, or the changes that make it and its members
// as declared.
func (k *Kind) Observe(ctx context.Context, pass *pass) (*plan, error) {
	plan, err := k.observation(pass).plan(ctx)
	if !resumes(err) {
		pass.Memory.look = nil
	}
	return plan, err
}

// resumes reports whether the next pass continues the look after an error.
func resumes(err error) bool {
	_, remote := errors.AsType[*jumpcloud.Error](err)
	return remote || errors.Is(err, directory.ErrReading) || errors.Is(err, directory.ErrIncomplete)
}

func (o *observation) plan(ctx context.Context) (*plan, error) {
	found, err := o.find(ctx)
	if err != nil {
		return nil, err
	}
	if err := o.resolve(ctx); err != nil {
		return nil, err
	}
	if found == nil {
		return o.creation(), nil
	}
	changes, err := o.update(ctx, found)
	if err != nil {
		return nil, err
	}
	o.noteSuggestions(found)
	p := &plan{Changes: changes}
	if !o.managed() {
		o.status.Members = nil
		p.Outcome = o.outcome(found, membership.Difference{})
		return o.concluded(p), nil
	}
	d, err := o.members(ctx, found)
	if errors.Is(err, errCloser) {
		o.look = &look{newerThan: o.look.newerThan, closely: true, client: o.look.client}
		o.memory.look = o.look
		return o.plan(ctx)
	}
	if err != nil {
		return nil, err
	}
	p.Changes = append(p.Changes, o.memberChanges(found, &d)...)
	p.Outcome = o.outcome(found, d)
	return o.concluded(p), nil
}

// managed reports whether the members are declared.
func (o *observation) managed() bool {
	spec := &o.object.Spec
	return (spec.Members != nil || len(spec.MembersFrom) > 0) && o.definition.Static()
}

// resolve finds out who the declared users are.
func (o *observation) resolve(ctx context.Context) error {
	references, exemptions := o.memory.sources.References, o.object.Spec.MemberQueryExemptions
	if !o.managed() {
		references = nil
	}
	var find membership.Find
	if all := slices.Concat(references, exemptions); len(all) > 0 {
		resolution, err := o.pass.Resolve(ctx, all, o.peopleNewerThan())
		if err != nil {
			return err
		}
		find = resolution.Find
	}
	o.roster = membership.NewRoster(references, find)
	exempt := membership.NewRoster(exemptions, find)
	o.definition.Exempt, o.definition.Unknown = exempt.IDs(), exempt.Missing
	return nil
}

func (o *observation) peopleNewerThan() time.Time {
	return continuous.Latest(o.pass.NewerThan, o.memory.peopleSince)
}

// creation plans a new group and its members.
func (o *observation) creation() *plan {
	edit, absent := o.definition.Create(), &group{}
	p := &plan{Changes: []change{{
		Action: v1alpha1.ChangeCreate, Subject: edit.Input.Name, Fields: edit.Fields,
		Class: v1alpha1.HarmNone, Gated: o.protected(absent) || edit.QueryGivesSudo(), Do: create(edit.Input),
	}}}
	if o.managed() {
		d := o.compare(nil, nil)
		p.Changes = append(p.Changes, o.memberChanges(absent, &d)...)
	}
	return p
}

// update plans one call that changes what differs.
func (o *observation) update(ctx context.Context, found *group) ([]change, error) {
	if found.full == nil {
		return nil, nil // its row is as defined, and nothing is stated beyond it
	}
	if problem := definition.Unwritable(found.full); problem != "" {
		return nil, continuous.Stalled(v1alpha1.RemoteConflictReason, problem)
	}
	if present := o.definition.POSIXConflict(found.full.Attributes); present != "" {
		return nil, continuous.Stalled(v1alpha1.RemoteConflictReason,
			"JumpCloud never changes posixGroups that are set, and the group has "+present+". Declare exactly these, or make a new group.")
	}
	edit := o.definition.Over(found.full.Input())
	if len(edit.Fields) == 0 {
		return nil, nil
	}
	planned := change{
		Action: v1alpha1.ChangeUpdate, Subject: o.definition.Name, UserID: found.summary.ID, Fields: edit.Fields,
		Class: v1alpha1.HarmNone, Gated: o.protected(found) || edit.QueryGivesSudo(), Do: update(o.definition, edit.Fields),
	}
	if err := o.judge(ctx, &planned, edit); err != nil {
		return nil, err
	}
	if found.full.Name != o.definition.Name {
		if err := o.nameIsFree(ctx); err != nil {
			return nil, err
		}
	}
	return []change{planned}, nil
}

// noteSuggestions records how many suggestions wait for a review, if that is known.
func (o *observation) noteSuggestions(found *group) {
	o.status.Suggestions = nil
	if found.full != nil && found.full.MembershipMethod == jumpcloud.MembershipDynamicReviewRequired && !found.full.Unread.Has("suggestionCounts") {
		counts := found.full.SuggestionCounts
		o.status.Suggestions = &v1alpha1.SuggestionsStatus{Add: text.Int32(counts.Add), Remove: text.Int32(counts.Remove)}
	}
}

// concluded records what the group matches, if nothing is to be changed.
func (o *observation) concluded(p *plan) *plan {
	if len(p.Changes) == 0 {
		o.memory.proved, o.memory.provedAt = o.memory.sources.Version, o.pass.Now
	}
	return p
}

// resting reports whether the object was as declared when its status was written.
func (o *observation) resting() bool {
	conditions := o.status.Conditions
	return apimeta.IsStatusConditionTrue(conditions, v1alpha1.ReadyCondition) &&
		!apimeta.IsStatusConditionTrue(conditions, v1alpha1.ReconcilingCondition)
}
