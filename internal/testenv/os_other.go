//go:build !linux

package testenv

import (
	"errors"
	"syscall"
)

// tieSelfToParent does nothing: only Linux signals the children of a process that died.
func tieSelfToParent() error { return nil }

// tieToParent does nothing: only Linux signals the children of a process that died.
func tieToParent(*syscall.SysProcAttr) {}

// peakMemory is supported on Linux only.
func peakMemory(int) (int64, error) { return 0, errors.ErrUnsupported }
