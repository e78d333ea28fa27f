// Package buildinfo says which build of the program runs.
package buildinfo

import "runtime/debug"

// Version is set by the linker where a release or an image is built.
var Version = "development"

// Revision returns the commit that the program was built from, or "unknown"
// where the build did not record it.
func Revision() string {
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
