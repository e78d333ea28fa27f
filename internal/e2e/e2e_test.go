// Package e2e tests what is shipped, from the outside: the manifests by kubectl against a real
// API server, and the operator's binary as a process.
//
// The specs are one Ginkgo suite. They mostly wait: for polls, leases and settle windows. So
// many more of them run at the same time than there are cores, each in one of Ginkgo's
// parallel processes. A plain go test starts these: TestE2E runs the ginkgo command, in the
// version of the module, on this very test binary. It passes flags on:
//
//	go test ./internal/e2e -ginkgo.label-filter='crash && groups' -ginkgo.v
//	GINKGO_FLAGS='--procs=4 --junit-report=e2e.xml' go test ./...
//
// Specs share control planes, and have a namespace each. What an operator may watch decides on
// which control plane a spec runs:
//
//   - by default, operators belong to one spec and watch its namespace only;
//   - withOperator is for specs that share an operator of the whole cluster;
//   - withClusterToItself is for specs that install something in the cluster, or
//     change what is installed. They run one after the other.
package e2e

import (
	"flag"
	"os"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// plane is the control plane of the running spec.
var plane *testenv.ControlPlane

func TestMain(m *testing.M) {
	testenv.Exec()
	if err := becomeProcess(); err != nil {
		panic(err)
	}
	if flag.Lookup("test.bench").Value.String() != "" {
		testenv.Main(m, &plane) // benchmarks are not specs
	}
	os.Exit(m.Run())
}

func TestE2E(t *testing.T) {
	suite, reporter := GinkgoConfiguration()
	if suite.ParallelTotal == 1 && flag.Lookup("ginkgo.dry-run").Value.String() != "true" {
		runInProcesses(t)
		return
	}
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(patience)
	SetDefaultEventuallyPollingInterval(pollInterval)
	SetDefaultConsistentlyPollingInterval(pollInterval)
	RunSpecs(t, "The operator from the outside", suite, reporter)
}
