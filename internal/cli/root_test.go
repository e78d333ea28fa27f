package cli

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/buildinfo"
)

func TestWhichCommandLinesAreTheManagers(t *testing.T) {
	for _, tc := range []struct {
		args   []string
		wanted bool
	}{
		{[]string{"/manager"}, false},
		{[]string{"/manager", "--leader-elect=false"}, false},
		{[]string{"/manager", "-leader-elect=false"}, false},
		{[]string{"/manager", "--help"}, false},
		{[]string{"/manager", "plan", "jcimport/hires"}, true},
		{[]string{"/manager", "simulator"}, true},
		{[]string{"/usr/local/bin/kubectl-jumpcloud"}, true},
		{[]string{"kubectl-jumpcloud.exe", "--help"}, true},
		{[]string{"kubectl-jumpcloud", "-n", "identity", "plan"}, true},
	} {
		NewWithT(t).Expect(Wanted(tc.args)).To(Equal(tc.wanted), strings.Join(tc.args, " "))
	}
}

// run runs a command line and returns what it printed.
func run(t *testing.T, stdin string, args ...string) (code int, out, errs string) {
	t.Helper()
	var outBuffer, errBuffer bytes.Buffer
	code = Main(t.Context(), append([]string{pluginName}, args...),
		genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: &outBuffer, ErrOut: &errBuffer})
	return code, outBuffer.String(), errBuffer.String()
}

func TestWithoutACommandTheHelpIsShown(t *testing.T) {
	g := NewWithT(t)
	code, out, errs := run(t, "")
	g.Expect(code).To(Equal(exitFine))
	g.Expect(out).To(ContainSubstring("kubectl jumpcloud [command]"))
	g.Expect(errs).To(BeEmpty())
}

func TestAnUnknownCommandIsAWrongUse(t *testing.T) {
	g := NewWithT(t)
	code, out, errs := run(t, "", "plna", "jcimport/hires")
	g.Expect(code).To(Equal(exitUsage))
	g.Expect(out).To(BeEmpty())
	g.Expect(errs).To(ContainSubstring(`unknown command "plna"`))
}

func TestVersion(t *testing.T) {
	g := NewWithT(t)
	code, out, _ := run(t, "", "version")
	g.Expect(code).To(Equal(exitFine))
	g.Expect(out).To(Equal(fmt.Sprintf("version: %s\ncommit:  %s\ngo:      %s\nAPI:     jumpcloud-operator.io/v1alpha1\n",
		buildinfo.Version, buildinfo.Revision(), runtime.Version())))
}

func TestCompletion(t *testing.T) {
	g := NewWithT(t)
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		code, out, _ := run(t, "", "completion", shell)
		g.Expect(code).To(Equal(exitFine), shell)
		g.Expect(out).NotTo(BeEmpty(), shell)
	}
	code, out, _ := run(t, "", "__complete", "ver")
	g.Expect(code).To(Equal(exitFine))
	g.Expect(out).To(ContainSubstring("version\t"))
}
