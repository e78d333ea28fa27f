package testenv_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// timeout bounds every wait of a test.
const timeout = 2 * time.Minute

var plane *testenv.ControlPlane

// childMode is the environment variable that makes this test binary one of the children that
// its tests start.
const childMode = "TESTENV_TEST_CHILD"

func TestMain(m *testing.M) {
	testenv.Exec()
	switch os.Getenv(childMode) {
	case "":
		testenv.Main(m, &plane)
	case "polite":
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		fmt.Println("started")
		<-stop
		fmt.Println("stopping")
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("started")
		<-context.Background().Done()
	case "large":
		memory := make([]byte, childMemory)
		for i := range memory {
			memory[i] = 1
		}
		fmt.Println("started", memory[len(memory)-1])
		<-context.Background().Done()
	case "crashing":
		started, err := testenv.Start()
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("started", started.Config.Host)
		panic("a test panics")
	}
}
