package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/cli/export"
)

// exporting is one invocation of the command export.
type exporting struct {
	remote
	genericiooptions.IOStreams

	dir, usersAs, namespace, organization string
	kinds                                 []string
}

func newExport(streams genericiooptions.IOStreams) *cobra.Command {
	e := &exporting{IOStreams: streams}
	command := &cobra.Command{
		Use:   "export -o DIR",
		Short: "Write a live organization as manifests that change nothing",
		Long: `Read an organization with your own API key, and write it as manifests with a
kustomization. Applying the manifests changes nothing that they state. The command lists
what manifests cannot express. It only reads from JumpCloud, and does not use the cluster.`,
		Example: `  kubectl jumpcloud export -o acme -n identity --api-key-file key.txt
  kubectl jumpcloud export -o acme --users-as CSV --kinds User,UserGroup --api-key-file key.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return e.run(cmd.Context()) },
	}
	flags := command.Flags()
	e.addTo(flags)
	flags.StringVarP(&e.dir, "output", "o", "", "directory to write to; must be new or empty")
	flags.StringVar(&e.usersAs, "users-as", "User", "how to write users: User (an object for each user) or CSV (rows of a BulkUserImport)")
	flags.StringVarP(&e.namespace, "namespace", "n", "default", "namespace of the objects")
	flags.StringVar(&e.organization, "organization", "acme", "name of the Organization to write, to which all objects refer")
	flags.StringSliceVar(&e.kinds, "kinds", export.Kinds, "kinds to export")
	return command
}

func (e *exporting) run(ctx context.Context) error {
	switch {
	case e.dir == "":
		return usagef("--output is required: name a new or empty directory")
	case e.usersAs != "User" && e.usersAs != "CSV":
		return usagef("invalid --users-as %q: must be User or CSV", e.usersAs)
	}
	for _, kind := range e.kinds {
		if !slices.Contains(export.Kinds, kind) {
			return usagef("invalid --kinds %q: must be one or more of %s", kind, strings.Join(export.Kinds, ", "))
		}
	}
	if err := export.Vacant(e.dir); err != nil {
		return err
	}
	s, organization, err := e.connect(ctx, e.In)
	if err != nil {
		return err
	}
	progress := func(text string) { _, _ = fmt.Fprintln(e.ErrOut, text) }
	progress("Reading the users of " + organization.ID + " ...")
	live, err := export.Read(ctx, s, e.kinds, progress)
	if err != nil {
		return err
	}
	spec := e.spec()
	spec.OrganizationID = organization.ID
	made, err := export.Make(ctx, live, export.Options{
		Namespace: e.namespace, Organization: e.organization, Spec: spec, CSV: e.usersAs == "CSV", Users: slices.Contains(e.kinds, "User"),
	})
	if err != nil {
		return err
	}
	if err := made.Write(e.dir); err != nil {
		return err
	}
	return write(e.Out, exportText(e.dir, made))
}

// exportText says what was written, and what was not.
func exportText(dir string, made *export.Export) string {
	var counts []string
	for _, kind := range slices.Sorted(maps.Keys(made.Counts)) {
		counts = append(counts, fmt.Sprintf("%d %s", made.Counts[kind], kind))
	}
	t := table{header: []string{"NOT IN THE MANIFESTS", "WHY"}}
	for _, omission := range made.Omissions {
		t.add(omission.Subject, omission.Why)
	}
	return paragraph(0, fmt.Sprintf("Wrote %s: %s.", dir, strings.Join(counts, ", "))) + "\n" + t.String()
}
