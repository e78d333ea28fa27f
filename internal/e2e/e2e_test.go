// Package e2e tests what is shipped, from the outside: the manifests by
// kubectl against a real API server, and the operator's binary as a process.
package e2e

import (
	"flag"
	"testing"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

var plane *testenv.ControlPlane

func TestMain(m *testing.M) {
	// Stories mostly wait: more of them go at once than there are cores.
	_ = flag.Set("test.parallel", "12")
	testenv.Main(m, &plane)
}
