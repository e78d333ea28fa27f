// Package e2e tests what is shipped, from the outside: the manifests by
// kubectl against a real API server, and the operator's binary as a process.
package e2e

import (
	"testing"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

var plane *testenv.ControlPlane

func TestMain(m *testing.M) { testenv.Main(m, &plane) }
