// Package buildinfo identifies the build of the running program.
package buildinfo

import "runtime/debug"

// Version is set by the linker in builds of releases and images.
var Version = "development"

// Revision returns the commit that the program was built from, or "unknown" if the build did
// not record it.
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
