// Package cli contains the commands for people, which are one program with the manager, and
// also the plugin "kubectl jumpcloud". They read objects, ledgers and plans with the packages
// that the controllers write them with; all that they write to a cluster is a PlanApproval.
// The command check changes only what it created at JumpCloud itself.
package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

// The exit codes of the commands.
const (
	exitFine   = 0
	exitFailed = 1
	exitUsage  = 2
	// exitDifferences means that the command worked, and that there is something to change.
	exitDifferences = 10
)

const (
	// pluginName is the name of the program as a kubectl plugin.
	pluginName = "kubectl-jumpcloud"
	// displayName is how people call the plugin.
	displayName = "kubectl jumpcloud"
)

// errDifferences ends a command that found something to change.
var errDifferences = errors.New("there are differences")

// usageError is an incorrect use of a command.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Wanted reports whether a command line runs a command for people: the program is called as
// the plugin, or its first argument names a command. All others run the manager, which has
// only flags.
func Wanted(args []string) bool {
	return calledAsPlugin(args[0]) || len(args) > 1 && !strings.HasPrefix(args[1], "-")
}

func calledAsPlugin(program string) bool {
	return strings.TrimSuffix(filepath.Base(program), ".exe") == pluginName
}

// Main runs the command of a command line, including the program's name, and returns the exit
// code. It writes errors to the error stream.
func Main(ctx context.Context, args []string, streams genericiooptions.IOStreams) int {
	out := &sink{Writer: streams.Out}
	streams.Out = out
	root := newRoot(streams) //nolint:contextcheck // commands get their context when they run
	if !calledAsPlugin(args[0]) {
		root.Use = filepath.Base(args[0])
		root.Annotations = nil
	}
	root.SetArgs(args[1:])
	err := root.ExecuteContext(ctx)
	if (err == nil || errors.Is(err, errDifferences)) && out.err != nil {
		err = out.err
	}
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errDifferences):
		return exitDifferences
	}
	_, _ = fmt.Fprintln(streams.ErrOut, "error:", explain(err))
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	return exitFailed
}

// newRoot returns the command that contains all others.
func newRoot(streams genericiooptions.IOStreams) *cobra.Command {
	root := &cobra.Command{
		Use:           pluginName,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: displayName},
		Short:         "Show what the JumpCloud operator would do, did and waits for, and approve plans",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.ErrOut)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	env := &environment{IOStreams: streams, flags: genericclioptions.NewConfigFlags(true)}
	root.AddCommand(newPlan(env), newApprove(env), newResults(env), newStatus(env), newWhy(env))
	root.AddCommand(newExport(streams), newValidate(streams), newCheck(streams), newSimulator(streams), newVersion(streams))
	for _, command := range root.Commands() {
		command.Args = asUsage(command.Args)
	}
	root.Args = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usagef("unknown command %q: run %s --help for a list of commands", args[0], root.CommandPath())
		}
		return nil
	}
	root.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return root
}

// asUsage turns the errors of an argument check into usage errors.
func asUsage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())}
		}
		return nil
	}
}
