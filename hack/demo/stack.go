package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

const (
	// simulatorAddress is the address in config/samples/organization.yaml.
	simulatorAddress = "127.0.0.1:18080"
	simulatorURL     = "http://" + simulatorAddress
	// control is the path of the simulator's control API.
	control = "/_simulator/"
	// stopTimeout is how long the processes may take to stop.
	stopTimeout = 20 * time.Second
)

// stack is everything that the demo runs.
type stack struct {
	root      string // of the repository
	dir       string // for programs, logs and kubeconfigs
	plane     *testenv.ControlPlane
	simulator *testenv.Process
	operator  *testenv.Process
	logs      []*os.File
}

// program returns the path of the operator; the simulator is one of its commands.
func (s *stack) program() string { return filepath.Join(s.dir, "manager") }

func (s *stack) build(ctx context.Context) error { return testenv.Build(ctx, s.program(), ".") }

func (s *stack) operatorLog() string { return filepath.Join(s.dir, "operator.log") }

// start starts the parts one after the other, and prints how long each takes.
func (s *stack) start(ctx context.Context) error {
	var err error
	if s.root, err = testenv.Root(); err != nil {
		return err
	}
	s.dir = filepath.Join(s.root, ".demo")
	if err := os.MkdirAll(s.dir, 0o750); err != nil {
		return err
	}
	heading("Starting")
	for _, part := range []struct {
		name  string
		start func(context.Context) error
	}{
		{"etcd and kube-apiserver", s.startControlPlane},
		{"go build", s.build},
		{"a simulated JumpCloud at " + simulatorURL, s.startSimulator},
		{"the operator", s.startOperator},
	} {
		began := time.Now()
		if err := part.start(ctx); err != nil {
			return fmt.Errorf("start %s: %w", part.name, err)
		}
		fmt.Printf("  %-46s %5.1f s\n", part.name, time.Since(began).Seconds())
	}
	return nil
}

func (s *stack) startControlPlane(ctx context.Context) (err error) {
	s.plane, err = testenv.Start()
	return errors.Join(err, ctx.Err())
}

// startSimulator starts a JumpCloud that has an administrator, a service user, a leaver, and
// some of the sample's employees; every third of these differs from the sample.
func (s *stack) startSimulator(ctx context.Context) error {
	// Another simulator on this port would answer instead of this one.
	port, err := (&net.ListenConfig{}).Listen(ctx, "tcp", simulatorAddress)
	if err != nil {
		return fmt.Errorf("config/samples/organization.yaml names this address: %w", err)
	}
	if err := port.Close(); err != nil {
		return err
	}
	process, err := s.launch(ctx, "simulator", "simulator", "--listen="+simulatorAddress, "--seed="+filepath.Join(s.root, "hack", "demo", "seed.json"))
	if err != nil {
		return err
	}
	s.simulator = process
	return ready(ctx, process, simulatorURL+control+"healthz")
}

func (s *stack) startOperator(ctx context.Context) error {
	health, err := testenv.FreeAddress(ctx)
	if err != nil {
		return err
	}
	kubeconfig := filepath.Join(s.dir, "operator.kubeconfig")
	if err := testenv.WriteKubeconfig(kubeconfig, s.plane.Config); err != nil {
		return err
	}
	process, err := s.launch(ctx, "operator",
		"--kubeconfig="+kubeconfig, "--allow-endpoint-override", "--leader-elect=false",
		"--metrics-bind-address=0", "--health-probe-bind-address="+health)
	if err != nil {
		return err
	}
	s.operator = process
	return ready(ctx, process, "http://"+health+"/readyz")
}

// ready waits until a process answers, or returns an error with what it printed.
func ready(ctx context.Context, process *testenv.Process, url string) error {
	if err := process.WaitOK(ctx, url); err != nil {
		return fmt.Errorf("%w:\n%s", err, process.Log())
	}
	return nil
}

// launch starts the program of this repository with a log file. The process runs until it is
// stopped, even if ctx ends.
func (s *stack) launch(ctx context.Context, name string, args ...string) (*testenv.Process, error) {
	log, err := os.Create(filepath.Join(s.dir, name+".log"))
	if err != nil {
		return nil, err
	}
	s.logs = append(s.logs, log)
	return testenv.StartProcess(context.WithoutCancel(ctx), testenv.ProcessOptions{Path: s.program(), Args: args, Output: log})
}

// stop stops what was started, in reverse order, even if ctx has ended.
func (s *stack) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	heading("Stopping")
	var errs []error
	for _, process := range []*testenv.Process{s.operator, s.simulator} {
		if process != nil {
			errs = append(errs, process.Stop(ctx))
		}
	}
	if s.plane != nil {
		errs = append(errs, s.plane.Stop())
	}
	for _, log := range s.logs {
		errs = append(errs, log.Close())
	}
	return errors.Join(errs...)
}
