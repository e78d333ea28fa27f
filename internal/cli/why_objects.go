package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/groups/membership"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/references"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// actsOn describes how an object that is no run names the person.
func (c *cluster) actsOn(ctx context.Context, member lifecycle.Member, p *person, users []*v1alpha1.User) (what []string, note string) {
	switch o := member.(type) {
	case *v1alpha1.User:
		if p.declaredBy(o) {
			what = declares(o)
		}
	case *v1alpha1.UserGroup:
		what, note = c.memberOf(ctx, o, p, users)
	case *v1alpha1.ScheduledUserState:
		what = scheduled(o, p)
	case *v1alpha1.PushEndpoint:
		if p.is(o.Spec.User) {
			what = append(what, fmt.Sprintf("declared state of the device: %s; state in JumpCloud: %s", orElse(string(o.Spec.State), "left as it is"), orElse(o.Status.State, "not known")))
		}
	}
	if living, ok := member.(livingObject); ok {
		planned, err := c.plannedFor(ctx, living, p)
		if err != nil {
			note = strings.TrimSpace(note + " " + err.Error())
		}
		what = append(what, planned...)
	}
	return what, note
}

// plannedFor describes the changes of an object's plan that are about the person.
func (c *cluster) plannedFor(ctx context.Context, object livingObject, p *person) (what []string, err error) {
	changes, err := c.plannedChanges(ctx, object)
	for i := range changes {
		change := &changes[i]
		if change.Subject == "" || change.Subject != p.username && change.Subject != p.email {
			continue
		}
		line := strings.TrimSpace(fmt.Sprintf("planned: %s %s", change.Action, change.Details))
		if change.Withheld {
			line += " (waits for an approval)"
		}
		what = append(what, line)
	}
	return what, err
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// memberOf describes where a group names the person.
func (c *cluster) memberOf(ctx context.Context, group *v1alpha1.UserGroup, p *person, users []*v1alpha1.User) (what []string, note string) {
	if group.Spec.MemberQuery != nil {
		return nil, title(group) + ": JumpCloud determines the members with the query in spec.memberQuery."
	}
	if group.Spec.Members != nil {
		for i, reference := range *group.Spec.Members {
			if p.is(reference) {
				what = append(what, fmt.Sprintf("spec.members[%d]: member of the group %s", i, group.GroupName()))
			}
		}
	}
	for _, user := range users {
		for _, selector := range membership.SelectedBy(group, user) {
			what = append(what, fmt.Sprintf("%s selects User %s: member of the group %s", selector, user.Name, group.GroupName()))
		}
	}
	listed, note := c.listedIn(ctx, group, p)
	return append(what, listed...), note
}

// listedIn describes where the ConfigMaps of a group name the person.
func (c *cluster) listedIn(ctx context.Context, group *v1alpha1.UserGroup, p *person) (what []string, note string) {
	keys := make([]v1alpha1.KeyReference, 0, len(group.Spec.MembersFrom))
	for _, source := range group.Spec.MembersFrom {
		if source.ConfigMapKeyRef != nil {
			keys = append(keys, *source.ConfigMapKeyRef)
		}
	}
	texts, err := (&rows.Loader{Reader: c}).Texts(ctx, group.Namespace, keys)
	if err != nil {
		return what, fmt.Sprintf("%s: the members of spec.membersFrom cannot be read: %v", title(group), err)
	}
	for _, source := range texts {
		members, err := references.Parse(source)
		if err != nil {
			return what, fmt.Sprintf("%s: %v", title(group), err)
		}
		for _, reference := range members {
			if p.is(reference) {
				what = append(what, fmt.Sprintf("%s: member of the group %s", source.Origin, group.GroupName()))
			}
		}
	}
	return what, ""
}

// scheduled describes what a schedule does to the person.
func scheduled(o *v1alpha1.ScheduledUserState, p *person) []string {
	var what []string
	for i, reference := range o.Spec.Users {
		if !p.is(reference) {
			continue
		}
		line := fmt.Sprintf("spec.users[%d]: %s at %s %s", i, o.Spec.State, o.Spec.StartDate, o.Spec.TimeZone)
		if o.Spec.EndDate != "" {
			line = strings.TrimSpace(line) + fmt.Sprintf(", %s at %s", o.Spec.State.Opposite(), o.Spec.EndDate)
		}
		for j := range o.Status.Users {
			user := &o.Status.Users[j]
			if p.is(v1alpha1.UserReference{ID: user.ID}) || user.Username == reference.String() {
				line = strings.TrimSpace(line) + "; now " + string(user.Phase)
			}
		}
		what = append(what, strings.TrimSpace(line))
	}
	return what
}
