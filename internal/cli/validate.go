package cli

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/manifest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/validation"
)

// errInvalid ends a validation that found problems.
var errInvalid = errors.New("the manifests have problems")

// validateOptions are the flags of the command.
type validateOptions struct {
	genericiooptions.IOStreams
	output
	namespace string
	against   against
}

func newValidate(streams genericiooptions.IOStreams) *cobra.Command {
	o := validateOptions{IOStreams: streams}
	command := &cobra.Command{
		Use:   "validate FILE...",
		Short: "Find what would be rejected in manifests, without a cluster",
		Long: `Find what the API server and the operator would reject in manifests, without a cluster.
For the API server, the command checks the schemas and rules of the CRDs. For the operator,
it checks rows and members in ConfigMaps and Secrets of the same files, dates, time zones
and expressions.

FILE is a file, a folder, or - for standard input. The command builds a folder that has a
kustomization; in any other folder, it reads the .yaml, .yml and .json files. If a manifest
refers to something that is not in the files, this is noted, and is not a problem. The exit
code is 1 if there are problems.

With --against, also show what the operator would do if the files were applied as new
objects: what the plan command would show in mode Plan. The command only reads from
JumpCloud, with your own API key. The exit code is 10 if anything would be changed.`,
		Example: `  kubectl jumpcloud validate identity/
  kubectl jumpcloud validate identity/ --against live --region EU --api-key-file key.txt
  kustomize build overlays/prod | kubectl jumpcloud validate -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args) },
	}
	o.addTo(command, "json", "yaml")
	o.against.addTo(command.Flags())
	command.Flags().StringVarP(&o.namespace, "namespace", "n", "default", "namespace of objects that do not state one")
	return command
}

// validateResult is the output for programs.
type validateResult struct {
	*validation.Report
	// Plans are set with --against.
	Plans []plannedObject `json:"plans,omitempty"`
}

func (o *validateOptions) run(ctx context.Context, paths []string) error {
	if err := o.check(); err != nil {
		return err
	}
	if err := o.against.check(paths); err != nil {
		return err
	}
	objects, broken, err := manifest.Read(paths, o.In)
	if err != nil {
		return err
	}
	report, err := validation.Validate(ctx, objects, o.namespace)
	if err != nil {
		return err
	}
	report.Problems = append(broken, report.Problems...)
	if report.Problems == nil {
		report.Problems = []manifest.Problem{}
	}
	plans, failure := o.against.plan(ctx, o.In, report)
	if o.format != "" {
		err = o.encode(o.Out, validateResult{report, plans})
	} else {
		err = write(o.Out, validationText(report)+o.against.text(plans, failure))
	}
	if err := cmp.Or(err, failure); err != nil {
		return err
	}
	if len(report.Problems) > 0 {
		return errInvalid
	}
	return verdict(plans)
}

// validationText returns one line for each problem and note, in the format of compilers, so
// that editors and pipelines find the place.
func validationText(report *validation.Report) string {
	var b strings.Builder
	for _, problem := range report.Problems {
		b.WriteString(problem.String() + "\n")
	}
	for _, note := range report.Notes {
		b.WriteString("note: " + note.String() + "\n")
	}
	b.WriteString(text.Plural(report.Objects, "object") + ", " + text.Plural(len(report.Problems), "problem") + ", " +
		text.Plural(len(report.Notes), "note") + ".\n")
	return b.String()
}
