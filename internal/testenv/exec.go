package testenv

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Exec must be the first call of a program that calls Start; Main does it for test binaries.
// If the program was started in place of etcd or kube-apiserver, Exec never returns: it ties
// the process to the life of its parent and becomes the real binary. So a panic in a test, a
// test timeout or a kill leaves no control plane behind.
func Exec() {
	name := filepath.Base(os.Args[0])
	if name != etcdName && name != apiServerName {
		return
	}
	fmt.Fprintln(os.Stderr, execChild(name))
	os.Exit(1)
}

// relaxed makes the control plane trade memory for time: collecting garbage would take a fifth
// of the API server's CPU time. The process's environment comes first and takes precedence.
var relaxed = []string{collectLate, "GOMEMLIMIT=1536MiB"}

// collectLate makes a program collect garbage late.
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
	// The tie belongs to a thread: exec keeps the thread that calls it.
	runtime.LockOSThread()
	if err := tieSelfToParent(); err != nil {
		return err
	}
	return syscall.Exec(filepath.Join(assets, name), os.Args, append(os.Environ(), relaxed...))
}

// TieToParent makes the kernel kill this process when its parent dies. Call it in main, before
// anything else runs. Linux only.
func TieToParent() error {
	// The tie belongs to the calling thread: main's lives as long as the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return tieSelfToParent()
}
