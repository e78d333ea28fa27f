package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// version is set when a release is built.
var version = "development"

func newVersion(streams genericiooptions.IOStreams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the version of this program and of the API that it knows",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(streams.Out, "version: %s\ncommit:  %s\ngo:      %s\nAPI:     %s\n",
				version, commit(), runtime.Version(), v1alpha1.GroupVersion)
			return err
		},
	}
}

// commit that the program was built from, where the build recorded it.
func commit() string {
	build, _ := debug.ReadBuildInfo()
	if build != nil {
		for _, setting := range build.Settings {
			if setting.Key == "vcs.revision" {
				return setting.Value
			}
		}
	}
	return "unknown"
}
