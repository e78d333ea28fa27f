package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/usergroup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

// person is who is asked about: what is known of them, by the ledgers of imports.
type person struct{ id, username, email string }

// is reports whether a row or a reference is about the person.
func (p *person) is(reference v1alpha1.UserReference) bool {
	return reference.Names(p.id, p.username, p.email)
}

// acts is how one object acts on a person.
type acts struct {
	objectState

	// What of the object names the person, and what was done about them or will be.
	What []string `json:"what"`
}

func newWhy(env *environment) *cobra.Command {
	var o output
	command := env.command(&cobra.Command{
		Use:   "why USERNAME|EMAIL",
		Short: "Show every object that acts on a person, and what it did or will do",
		Long: `Show every object of a namespace that acts on a person: rows of imports, groups, scheduled
states, devices, and protection by an Organization.

Only the cluster is read. Groups whose members a query decides are listed as such.`,
		Example: `  kubectl jumpcloud why ada.byron -n identity`,
		Args:    cobra.ExactArgs(1),
	}, func(cmd *cobra.Command, c *cluster, args []string) error {
		if err := o.check(); err != nil {
			return err
		}
		found, notes, err := c.why(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if o.format != "" {
			return o.encode(env.Out, found)
		}
		return write(env.Out, whyText(args[0], c.namespace, found, notes))
	})
	o.addTo(command, "json", "yaml")
	return command
}

// why looks through the objects of the namespace. What could not be looked at is in
// the notes: one broken source does not hide the rest.
func (c *cluster) why(ctx context.Context, name string) (found []acts, notes []string, err error) {
	members, err := c.members(ctx, c.namespace)
	if err != nil {
		return nil, nil, err
	}
	p := &person{username: name}
	if strings.Contains(name, "@") {
		p = &person{email: name}
	}
	found, notes = c.runsAbout(ctx, members, p)
	for _, member := range members {
		what, note := c.actsOn(ctx, member, p)
		if note != "" {
			notes = append(notes, note)
		}
		if len(what) > 0 {
			found = append(found, acts{objectStateOf(member), what})
		}
	}
	organizations, err := c.organizations(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	for _, organization := range organizations {
		for _, reference := range organization.Spec.ProtectedUsers {
			if p.is(reference) {
				found = append(found, acts{objectStateOf(organization), []string{"spec.protectedUsers: no object changes, suspends or removes this user"}})
			}
		}
	}
	return found, notes, nil
}

// runsAbout are the runs with rows about the person. It comes first: a row tells the
// person's other names.
func (c *cluster) runsAbout(ctx context.Context, members []lifecycle.Member, p *person) (found []acts, notes []string) {
	found = []acts{}
	for _, member := range members {
		run, ok := member.(runObject)
		if !ok {
			continue
		}
		what, err := c.rowsAbout(ctx, run, p)
		if err != nil {
			notes = append(notes, err.Error())
		}
		if len(what) > 0 {
			found = append(found, acts{objectStateOf(member), what})
		}
	}
	return found, notes
}

// rowsAbout tells of the rows of a run that are about the person, and notes what
// they say of who that is.
func (c *cluster) rowsAbout(ctx context.Context, object runObject, p *person) ([]string, error) {
	read, err := c.rows(ctx, object)
	if err != nil || read == nil {
		return nil, err
	}
	var what []string
	for i := range read.Entries {
		e := &read.Entries[i]
		if !p.is(v1alpha1.UserReference{Username: e.Username}) && !p.is(v1alpha1.UserReference{Email: e.Email}) {
			continue
		}
		// Who it is counts only where the directory showed it: a row that failed may
		// name somebody else's email.
		if e.UserID != "" {
			*p = person{e.UserID, e.Username, e.Email}
		}
		parts := []string{fmt.Sprintf("row %d: %s, %s", e.Row, e.Action, cmp.Or(string(e.Outcome), pendingOutcome)), e.Reason, e.Message}
		what = append(what, strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "; "))
	}
	return what, nil
}

// actsOn tells how an object that is no run names the person.
func (c *cluster) actsOn(ctx context.Context, member lifecycle.Member, p *person) (what []string, note string) {
	switch o := member.(type) {
	case *v1alpha1.UserGroup:
		what, note = c.memberOf(ctx, o, p)
	case *v1alpha1.ScheduledUserState:
		what = scheduled(o, p)
	case *v1alpha1.PushEndpoint:
		if p.is(o.Spec.User) {
			what = append(what, fmt.Sprintf("the device is to be %s; at JumpCloud it is %s", orElse(string(o.Spec.State), "as it is"), orElse(o.Status.State, "not known")))
		}
	}
	if living, ok := member.(livingObject); ok && living.Living().Plan != nil {
		for i := range living.Living().Plan.Changes {
			change := &living.Living().Plan.Changes[i]
			if change.Subject != "" && (change.Subject == p.username || change.Subject == p.email) {
				line := fmt.Sprintf("planned: %s %s", change.Action, strings.Join(change.Fields, ", "))
				if change.Withheld {
					line += " (waits for an approval)"
				}
				what = append(what, strings.TrimSpace(line))
			}
		}
	}
	return what, note
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// memberOf tells where a group names the person.
func (c *cluster) memberOf(ctx context.Context, group *v1alpha1.UserGroup, p *person) (what []string, note string) {
	if group.Spec.MemberQuery != nil {
		return nil, title(group) + ": JumpCloud decides by the query who is a member."
	}
	if group.Spec.Members != nil {
		for i, reference := range *group.Spec.Members {
			if p.is(reference) {
				what = append(what, fmt.Sprintf("spec.members[%d]: member of the group %s", i, group.GroupName()))
			}
		}
	}
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
		members, err := usergroup.ParseMembers(source)
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

// scheduled tells what a schedule does to the person.
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

func whyText(name, namespace string, found []acts, notes []string) string {
	var b strings.Builder
	if len(found) == 0 {
		b.WriteString(paragraph(0, fmt.Sprintf("No object in namespace %s names %s. Names count as they are written: usernames with case.", namespace, name)))
	}
	for i := range found {
		a := &found[i]
		b.WriteString(paragraph(0, fmt.Sprintf("%s %s: %s%s", a.Kind, client.ObjectKey{Namespace: a.Namespace, Name: a.Name}, a.Word, reasonOf(&a.objectState))))
		for _, line := range a.What {
			b.WriteString(paragraph(2, line))
		}
	}
	for _, note := range notes {
		b.WriteString(paragraph(0, "Note: "+note))
	}
	return b.String()
}
