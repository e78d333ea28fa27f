package usergroup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/groups/definition"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/groups/membership"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// userType is JumpCloud's name for users in its graph.
const userType = "user"

// errCloser reports that the cheap reading is not enough to plan changes: the look must start
// over and read the group itself first. A group that somebody made dynamic accepts calls and
// does nothing, and members that were read while it was dynamic prove nothing.
var errCloser = errors.New("the group itself is to be read")

// members compares the live members with the declared ones.
func (o *observation) members(ctx context.Context, found *group) (membership.Difference, error) {
	closely := o.look.closely
	live, err := o.readMembers(ctx, found.summary.ID)
	if jumpcloud.IsNotFound(err) && !closely {
		return membership.Difference{}, errCloser // the group was deleted after the list was read
	}
	if err != nil {
		return membership.Difference{}, err
	}
	strangers, err := o.strangers(ctx, live)
	if err != nil {
		return membership.Difference{}, err
	}
	d := o.compare(live, strangers)
	if found.full != nil && !definition.IsStatic(found.full.MembershipMethod) {
		// The group is about to become static. Removals wait for the members that it has then.
		d.Remove, d.Held, d.Replaced = nil, nil, nil
	}
	if d.Changes() > 0 && !closely {
		return membership.Difference{}, errCloser
	}
	err = o.mayEmpty(&d)
	return d, err
}

// readMembers returns the ids of all direct members. It may take several passes.
func (o *observation) readMembers(ctx context.Context, groupID string) ([]string, error) {
	if o.look.members == nil || o.look.groupID != groupID {
		look := o.look
		look.groupID = groupID
		look.members = directory.NewPages(
			func(member jumpcloud.GraphObject) string { return member.ID },
			func(ctx context.Context, skip int) (*jumpcloud.Page[jumpcloud.GraphObject], error) {
				return directory.FirstPage(look.client.UserGroupMemberPages(ctx, groupID, skip))
			}).Trusting() // a missed member is added in vain, or removed later
	}
	if err := o.look.members.Advance(ctx); err != nil {
		return nil, err
	}
	var live []string
	for _, member := range o.look.members.Items() {
		if strings.EqualFold(member.Type, userType) || member.Unread.Has("type") {
			live = append(live, member.ID)
		}
	}
	return live, nil
}

// strangers looks up the undeclared members. It returns nil if nobody may be removed.
func (o *observation) strangers(ctx context.Context, live []string) (membership.Find, error) {
	undeclared := o.roster.Undeclared(live)
	if len(undeclared) == 0 || o.object.Spec.MemberPolicy == v1alpha1.MemberPolicyAddOnly {
		return nil, nil
	}
	resolution, err := o.pass.Session.Users.Resolve(ctx, undeclared, o.peopleNewerThan())
	if err != nil {
		return nil, err
	}
	return resolution.Find, nil
}

// compare computes the difference between the declared and the live members and records it in
// the status. If strangers is nil, it removes no one.
func (o *observation) compare(live []string, strangers membership.Find) membership.Difference {
	look := &membership.Look{
		Roster: o.roster, Pending: o.memory.sources.Pending, Live: live, Find: strangers, Protected: o.pass.Session.Protected,
		Before: o.status.Members, Now: o.pass.Now, Grace: o.pass.Session.Spec.ResyncInterval.Duration,
	}
	if o.look.members != nil {
		look.Unreadable = o.look.members.Unknown()
	}
	d, status := o.memory.names.Compare(look)
	if o.resting() && d.Changes() > 0 {
		status.Added, status.Removed = 0, 0
	}
	o.status.Members = status
	return d
}

// mayEmpty fails if members would be removed while a source names no user.
func (o *observation) mayEmpty(d *membership.Difference) error {
	empty := o.memory.sources.Empty
	if len(d.Remove) == 0 || empty == "" || o.object.Annotations[v1alpha1.AllowEmptyAnnotation] == "true" {
		return nil
	}
	return continuous.Stalled(v1alpha1.InvalidSpecReason, fmt.Sprintf(
		`%s names no user, and %s would be removed. Nothing was changed. Set the annotation %s="true" if that is meant.`,
		empty, text.Plural(len(d.Remove), "member"), v1alpha1.AllowEmptyAnnotation))
}

// memberChanges returns the calls that add and remove members, one each. Removals from an
// adopted group wait until a person has seen who is removed. Whoever is added to a privileged
// group gains what it gives.
func (o *observation) memberChanges(found *group, d *membership.Difference) []change {
	removals, protected := removalsGated(o.status), o.protected(found)
	class, harm := v1alpha1.HarmNone, 0
	if protected || o.definition.GivesSudo(found.full) {
		class, harm = v1alpha1.HarmAccessGained, 1
	}
	changes := make([]change, 0, d.Changes())
	for _, person := range d.Add {
		changes = append(changes, change{
			Action: v1alpha1.ChangeAddMember, Subject: person.Username, UserID: person.ID,
			Class: class, Harm: harm, Gated: protected, Needs: continuous.NeedsNothing, Do: addMember(person.ID),
		})
	}
	for _, person := range d.Remove {
		changes = append(changes, change{
			Action: v1alpha1.ChangeRemoveMember, Subject: person.Username, UserID: person.ID,
			Class: v1alpha1.HarmAccessLost, Harm: 1, Gated: removals || protected, Approved: removalsApproved(v1alpha1.HarmAccessLost),
			Needs: continuous.NeedsNothing, Do: removeMember(person.ID),
		})
	}
	return changes
}

func addMember(id string) func(context.Context, *pass, jumpcloud.Submission) error {
	return func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
		err := pass.Session.Client.AddUserGroupMember(ctx, submission, pass.Object.Status.ID, id)
		switch members := pass.Object.Status.Members; {
		case err == nil:
			members.Added++
			members.Current++
			return nil
		case jumpcloud.IsNotFound(err):
			pass.Memory.peopleSince = time.Now()
			return again("A declared user was deleted at JumpCloud meanwhile.")
		default:
			return memberError(err)
		}
	}
}

func removeMember(id string) func(context.Context, *pass, jumpcloud.Submission) error {
	return func(ctx context.Context, pass *pass, submission jumpcloud.Submission) error {
		if err := pass.Session.Client.RemoveUserGroupMember(ctx, submission, pass.Object.Status.ID, id); err != nil {
			return memberError(err)
		}
		pass.Object.Status.Members.Removed++
		pass.Object.Status.Members.Current--
		return nil
	}
}

func memberError(err error) error {
	if jumpcloud.IsGroupNotFound(err) {
		return again("The group was deleted at JumpCloud while its members were changed.")
	}
	return err
}
