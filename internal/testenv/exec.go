package testenv

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Exec must be the first call of a program that calls Start; Main does it for
// test binaries. Where the program was started in the place of etcd or
// kube-apiserver it never returns: it ties itself to the life of its parent
// and becomes the real binary. So a panic in a test, a test timeout or a kill
// leaves no control plane behind.
func Exec() {
	name := filepath.Base(os.Args[0])
	if name != etcdName && name != apiServerName {
		return
	}
	fmt.Fprintln(os.Stderr, execChild(name))
	os.Exit(1)
}

// relaxed has the control plane trade memory for time: a fifth of the API
// server's would go into collecting garbage. What the environment says wins.
var relaxed = []string{collectLate, "GOMEMLIMIT=1536MiB"}

// collectLate has a program collect garbage late.
const collectLate = "GOGC=400"

func execChild(name string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	assets, err := controlPlaneBinaries(root)
	if err != nil {
		return err
	}
	// The tie belongs to a thread, and the thread that calls exec remains.
	runtime.LockOSThread()
	if err := tieSelfToParent(); err != nil {
		return err
	}
	return syscall.Exec(filepath.Join(assets, name), os.Args, append(os.Environ(), relaxed...))
}

// TieToParent has this process killed when the process that started it dies.
// Call it in main, before anything else runs. Linux only.
func TieToParent() error {
	// The tie belongs to the calling thread: main's lives as long as the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return tieSelfToParent()
}
