package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// acts says how one object acts on a person.
type acts struct {
	objectState

	// What says what in the object names the person, and what was done about them or will be.
	What []string `json:"what"`
}

func newWhy(env *environment) *cobra.Command {
	var o output
	command := env.command(&cobra.Command{
		Use:   "why USERNAME|EMAIL",
		Short: "Show every object that acts on a person, and what it did or will do",
		Long: `Show every object in a namespace that acts on a person: Users, rows of imports, groups,
scheduled states, devices, and protection by an Organization.

The command reads only the cluster. It reports which groups have their members decided by
a query.`,
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
			_, _ = io.WriteString(env.ErrOut, notesText(notes))
			return o.encode(env.Out, found)
		}
		return write(env.Out, whyText(args[0], c.namespace, found)+notesText(notes))
	})
	o.addTo(command, "json", "yaml")
	return command
}

// why searches the objects of the namespace. The notes say what could not be read: one broken
// source does not hide the rest.
func (c *cluster) why(ctx context.Context, name string) (found []acts, notes []string, err error) {
	members, err := c.members(ctx, c.namespace)
	if err != nil {
		return nil, nil, err
	}
	p := &person{username: name}
	if strings.Contains(name, "@") {
		p = &person{email: name}
	}
	for _, user := range p.usersOf(members) {
		p.learn(user)
	}
	found, notes = c.runsAbout(ctx, members, p)
	users := p.usersOf(members)
	for _, member := range members {
		what, note := c.actsOn(ctx, member, p, users)
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

// runsAbout returns the runs with rows about the person. It must run before groups are
// searched: rows reveal the person's other names.
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

// rowsAbout describes the rows of a run that are about the person, and learns from them who
// the person is.
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
		// The row identifies the person only if the directory showed the user: a row that
		// failed may name another user's email.
		if e.UserID != "" {
			*p = person{e.UserID, e.Username, e.Email}
		}
		parts := []string{fmt.Sprintf("row %d: %s, %s", e.Row, e.Action, cmp.Or(string(e.Outcome), pendingOutcome)), e.Reason, e.Message}
		what = append(what, strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "; "))
	}
	return what, nil
}

func whyText(name, namespace string, found []acts) string {
	var b strings.Builder
	if len(found) == 0 {
		b.WriteString(paragraph(0, fmt.Sprintf("No object in namespace %s names %s. Check the spelling: usernames are case-sensitive.", namespace, name)))
	}
	for i := range found {
		a := &found[i]
		b.WriteString(paragraph(0, fmt.Sprintf("%s %s: %s%s", a.Kind, client.ObjectKey{Namespace: a.Namespace, Name: a.Name}, a.Word, reasonOf(&a.objectState))))
		for _, line := range a.What {
			b.WriteString(paragraph(2, line))
		}
	}
	return b.String()
}

// notesText returns the notes for people.
func notesText(notes []string) string {
	var b strings.Builder
	for _, note := range notes {
		b.WriteString(paragraph(0, "Note: "+note))
	}
	return b.String()
}
