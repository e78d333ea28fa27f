package testenv_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/rest"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// KeepOperator restarts the operator each time it ends, but not after the test has ended.
func TestKeepOperator(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	starts, binary := filepath.Join(dir, "starts"), filepath.Join(dir, testenv.OperatorName)
	g.Expect(os.WriteFile(binary, []byte("#!/bin/sh\necho started >> "+starts+"\nexec sleep 1000\n"), 0o700)).To(Succeed())
	started := func() int {
		data, _ := os.ReadFile(starts)
		return strings.Count(string(data), "started")
	}
	plane := &testenv.ControlPlane{}
	plane.UseOperator(binary)

	t.Run("while the test runs", func(t *testing.T) {
		g := NewWithT(t)
		operator := plane.KeepOperator(t, &rest.Config{Host: "http://127.0.0.1:1"})
		g.Eventually(started).WithTimeout(timeout).Should(Equal(1))
		g.Expect(operator.Kill()).To(Succeed())
		g.Eventually(started).WithTimeout(timeout).Should(Equal(2))
	})
	g.Expect(started()).To(Equal(2))
}

// Operators collect garbage late, except where their memory is measured.
func TestOperatorCollectsGarbage(t *testing.T) {
	t.Setenv("GOGC", "") // restored in the end
	NewWithT(t).Expect(os.Unsetenv("GOGC")).To(Succeed())
	binary := filepath.Join(t.TempDir(), testenv.OperatorName)
	script := "#!/bin/sh\necho \"GOGC is ${GOGC-not set}\"\nexec sleep 1000\n"
	NewWithT(t).Expect(os.WriteFile(binary, []byte(script), 0o700)).To(Succeed())
	plane, config := &testenv.ControlPlane{}, &rest.Config{Host: "http://127.0.0.1:1"}
	plane.UseOperator(binary)

	NewWithT(t).Eventually(plane.StartOperator(t, config).Log).WithTimeout(timeout).Should(ContainSubstring("GOGC is 400"))
	NewWithT(t).Eventually(plane.StartMeasuredOperator(t, config).Log).WithTimeout(timeout).Should(ContainSubstring("GOGC is not set"))
}
