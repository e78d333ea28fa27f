package testenv

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// tieSelfToParent makes the kernel kill this process when its parent dies.
func tieSelfToParent() error {
	return unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
}

// tieToParent makes the kernel kill a child when the thread that starts it ends.
func tieToParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }

// peakMemory returns the peak of the resident memory of a running process, in bytes. The value
// that wait4 reports would include the parent's memory at the time of the fork.
func peakMemory(pid int) (int64, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	return parsePeakMemory(file)
}
