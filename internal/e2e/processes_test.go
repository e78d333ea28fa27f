package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

const (
	// processes is how many processes run specs at the same time, one spec each.
	processes = 12
	// folderVariable passes the folder of this package to the processes.
	folderVariable = "E2E_FOLDER"
	// flagsVariable contains additional flags of the ginkgo command.
	flagsVariable = "GINKGO_FLAGS"
	// stopTime is how long processes may clean up before go test ends itself.
	stopTime = time.Minute
	// collectAt is by how much the heap of a process grows, in percent, before it collects
	// garbage: it trades memory for time.
	collectAt = 400
)

// runInProcesses runs the suite in parallel processes of this test binary.
func runInProcesses(t *testing.T) {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ginkgo := filepath.Join(t.TempDir(), "ginkgo")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", ginkgo, "github.com/onsi/ginkgo/v2/ginkgo")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build ginkgo: %v\n%s", err, out)
	}
	process, err := testenv.StartProcess(context.WithoutCancel(t.Context()), testenv.ProcessOptions{
		Path: ginkgo, Args: arguments(t, self), Env: append(os.Environ(), folderVariable+"="+folder), Output: os.Stdout,
	})
	if err != nil {
		t.Fatal(err)
	}
	interrupted, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	select {
	case <-process.Done():
	case <-interrupted.Done():
	}
	patient, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), stopTime)
	defer cancel()
	if err := process.Stop(patient); err != nil {
		t.Fatalf("the suite failed: %v", err)
	}
}

// arguments returns those of the ginkgo command. The last one of several equal flags counts.
func arguments(t *testing.T, self string) []string {
	t.Helper()
	args := []string{"run", fmt.Sprintf("--procs=%d", processes), "--output-interceptor-mode=none", "--randomize-all", "--no-color"}
	if deadline, ok := t.Deadline(); ok {
		args = append(args, "--timeout="+(time.Until(deadline)-2*stopTime).String())
	}
	if testing.Verbose() {
		args = append(args, "-v")
	}
	flag.Visit(func(f *flag.Flag) {
		if name, ok := strings.CutPrefix(f.Name, "ginkgo."); ok && f.Value.String() != "" {
			args = append(args, fmt.Sprintf("--%s=%s", name, f.Value))
		}
	})
	// The flag package does not show the values of flags that may be repeated.
	suite, _ := GinkgoConfiguration()
	for name, values := range map[string][]string{
		"focus": suite.FocusStrings, "skip": suite.SkipStrings, "focus-file": suite.FocusFiles, "skip-file": suite.SkipFiles,
	} {
		for _, value := range values {
			args = append(args, fmt.Sprintf("--%s=%s", name, value))
		}
	}
	args = append(args, strings.Fields(os.Getenv(flagsVariable))...)
	return append(args, self, "--", "-test.run=^TestE2E$")
}

// becomeProcess prepares one of the parallel processes: it runs in the folder of this package,
// as under go test, ends with the ginkgo command, collects garbage late, and uses ports that
// no other process uses.
func becomeProcess() error {
	flag.Parse()
	folder := os.Getenv(folderVariable)
	if folder == "" {
		return nil
	}
	debug.SetGCPercent(collectAt)
	suite, _ := GinkgoConfiguration()
	testenv.SharePorts(suite.ParallelProcess, suite.ParallelTotal)
	return errors.Join(testenv.TieToParent(), os.Chdir(folder))
}
