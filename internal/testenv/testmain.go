package testenv

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// Main is the TestMain of a package whose tests share one control plane. It
// starts the plane, stores it in *plane, runs the tests, stops the plane and
// exits the process. An interrupt stops the plane as well.
//
//	var plane *testenv.ControlPlane
//
//	func TestMain(m *testing.M) { testenv.Main(m, &plane) }
func Main(m *testing.M, plane **ControlPlane) {
	Exec()
	os.Exit(run(m, plane))
}

func run(m *testing.M, plane **ControlPlane) (code int) {
	started, err := Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	*plane = started
	stop := func() {
		if err := started.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	defer stop()

	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		stop()
		os.Exit(1)
	}()
	return m.Run()
}
