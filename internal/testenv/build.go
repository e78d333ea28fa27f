package testenv

import (
	"context"
	"fmt"
	"os/exec"
)

// Build compiles a package of this repository, such as ".", into a file, without debugging
// information, which takes long to link. It uses the race detector if this program does.
func Build(ctx context.Context, output, pkg string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	args := []string{"build", "-ldflags=-w", "-o", output}
	if raceDetector {
		args = append(args, "-race")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, pkg)...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return nil
}
