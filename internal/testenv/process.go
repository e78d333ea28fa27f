package testenv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// ProcessOptions say how to start a process.
type ProcessOptions struct {
	// Path is that of the program.
	Path string
	Args []string
	// Env is the whole environment; nil means that of this process.
	Env []string
	// Output receives a copy of what the process prints; may be nil.
	Output io.Writer
}

// Process is a running program in a process group of its own.
// Its methods may be called from several goroutines.
type Process struct {
	pid  int
	log  lockedBuffer
	done chan struct{}
	err  error // of Wait; valid once done is closed

	mu   sync.Mutex
	peak int64
}

// StartProcess starts a program. Its process group is killed when ctx ends,
// and on Linux also when this process dies.
func StartProcess(ctx context.Context, options ProcessOptions) (*Process, error) {
	p := &Process{done: make(chan struct{})}
	cmd := exec.CommandContext(ctx, options.Path, options.Args...)
	cmd.Env = options.Env
	cmd.Stdout = io.Writer(&p.log)
	if options.Output != nil {
		cmd.Stdout = io.MultiWriter(&p.log, options.Output)
	}
	cmd.Stderr = cmd.Stdout
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	tieToParent(cmd.SysProcAttr)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

	started := make(chan error)
	go func() {
		// The child dies with the thread that started it, so that thread must not end before
		// the child does.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// Kill ends the process at once (SIGKILL) and waits until it is gone. It does nothing if the
// process has ended.
func (p *Process) Kill() error {
	p.notePeakMemory()
	if err := p.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.done
	return nil
}

// Stop asks the process to end (SIGTERM) and waits until it is gone. If ctx ends first, it
// kills the process. It returns an error in that case, and if the process exited with another
// code than 0.
func (p *Process) Stop(ctx context.Context) error {
	p.notePeakMemory()
	// A frozen process would not see the request.
	if err := errors.Join(p.Signal(syscall.SIGCONT), p.Signal(syscall.SIGTERM)); err != nil {
		return err
	}
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("process %d did not stop: %w", p.pid, ctx.Err()), p.Kill())
	}
}

// Freeze suspends the process (SIGSTOP) until Continue.
func (p *Process) Freeze() error { return p.Signal(syscall.SIGSTOP) }

// Continue resumes a frozen process (SIGCONT).
func (p *Process) Continue() error { return p.Signal(syscall.SIGCONT) }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Log returns what the process has printed so far.
func (p *Process) Log() string { return p.log.String() }

// PeakMemory returns the peak of the resident memory so far, in bytes; for a process that has
// ended, the peak when Stop or Kill was called. Linux only.
func (p *Process) PeakMemory() (int64, error) {
	peak, err := peakMemory(p.pid)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil && p.peak > 0 {
		return p.peak, nil
	}
	return peak, err
}

// notePeakMemory keeps the peak, which cannot be read once the process is gone. For a process
// that has ended it keeps nothing.
func (p *Process) notePeakMemory() {
	if peak, err := peakMemory(p.pid); err == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.peak = peak
	}
}

// Signal sends a signal to the whole process group. It does nothing if the process has ended.
func (p *Process) Signal(signal syscall.Signal) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	if err := syscall.Kill(-p.pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal %v to process %d: %w", signal, p.pid, err)
	}
	return nil
}

// lockedBuffer is a buffer that can be read while a process writes to it.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(data)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
