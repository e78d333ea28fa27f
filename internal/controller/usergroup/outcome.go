package usergroup

import (
	"fmt"
	"slices"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/groups/membership"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// shown is how many users a message names.
const shown = 5

// outcome returns the outcome for a group in which nothing is to be changed.
func (o *observation) outcome(found *group, d membership.Difference) lifecycle.Outcome {
	missing := slices.Concat(d.Missing, o.definition.Unknown)
	switch {
	case len(missing) > 0:
		return lifecycle.Waiting(v1alpha1.UsersNotFoundReason, missingText(missing, d))
	case len(d.Replaced) > 0:
		return lifecycle.Stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
			"%s (%s): the declared name belongs to another user now. Declare the new name to keep the member; otherwise the member is removed at a later resync.",
			text.Count(len(d.Replaced), "member was renamed", "members were renamed"), someOf(d.Replaced)))
	case d.Unreadable > 0:
		return lifecycle.Stalled(v1alpha1.RemoteConflictReason, fmt.Sprintf(
			"The group %q (%s) has %s whose id cannot be read: whether that is a declared user is not known. The rest is done. Remove and add that member in JumpCloud.",
			o.definition.Name, o.status.ID, text.Count(d.Unreadable, "member", "members")))
	case found.full != nil && o.definition.QueryTrouble(found.full) != "":
		return lifecycle.Stalled(v1alpha1.RemoteConflictReason, o.definition.QueryTrouble(found.full))
	case o.status.Adopted:
		return lifecycle.Done(v1alpha1.AdoptedReason, doneText(o.status, o.definition.Name, "was there before and is as declared"))
	default:
		return lifecycle.Done(v1alpha1.UpToDateReason, doneText(o.status, o.definition.Name, "is as declared"))
	}
}

func doneText(status *v1alpha1.UserGroupStatus, name, state string) string {
	said := fmt.Sprintf("The group %q (%s) %s", name, status.ID, state)
	switch members, suggestions := status.Members, status.Suggestions; {
	case suggestions != nil && suggestions.Add+suggestions.Remove > 0:
		return fmt.Sprintf("%s. Its query suggests to add %s and to remove %d: review that in JumpCloud, or set spec.membershipMethod to DynamicAutomated to have it done.",
			said, text.Plural(int(suggestions.Add), "user"), suggestions.Remove)
	case members == nil:
		return said + "."
	case members.Protected > 0:
		return fmt.Sprintf("%s, with %s; %s though not declared.", said, text.Plural(int(members.Current), "member"),
			text.Count(int(members.Protected), "protected user stays", "protected users stay"))
	default:
		return fmt.Sprintf("%s, with %s.", said, text.Plural(int(members.Current), "member"))
	}
}

func missingText(missing []v1alpha1.UserReference, d membership.Difference) string {
	names := make([]string, 0, min(len(missing), shown+1))
	for _, reference := range missing[:cap(names)] {
		names = append(names, reference.String())
	}
	said := fmt.Sprintf("%s not in the directory: %s. The rest is done; they are added when they appear.",
		text.Count(len(missing), "declared user is", "declared users are"), text.First(names, shown, len(missing)))
	if len(d.Held) > 0 {
		said += fmt.Sprintf(" %s but not declared, and may be one of these under another name: none is removed (%s). "+
			"Correct the names, or remove those that will not appear.",
			text.Count(len(d.Held), "user is a member", "users are members"), someOf(d.Held))
	}
	return said
}

// someOf lists the usernames of the first few.
func someOf(people []directory.User) string {
	names := make([]string, len(people))
	for i := range people {
		names[i] = people[i].Username
	}
	return text.First(names, shown, len(names))
}
