package testenv_test

import (
	"context"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// childMemory is how much the large child allocates, in bytes.
const childMemory = 64 << 20

// child starts this test binary in one of its modes and waits until it reports that it
// started.
func child(t *testing.T, ctx context.Context, mode string) *testenv.Process {
	t.Helper()
	g := NewWithT(t)
	self, err := os.Executable()
	g.Expect(err).NotTo(HaveOccurred())
	p, err := testenv.StartProcess(ctx, testenv.ProcessOptions{
		Path: self,
		Env:  append(os.Environ(), childMode+"="+mode, "TMPDIR="+t.TempDir()),
	})
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { _ = p.Kill() })
	g.Eventually(p.Log).WithTimeout(3 * timeout).Should(ContainSubstring("started"))
	return p
}

func TestStopAsksTheProcessToEnd(t *testing.T) {
	g := NewWithT(t)
	p := child(t, t.Context(), "polite")

	g.Expect(p.Stop(t.Context())).To(Succeed())

	g.Expect(p.Done()).To(BeClosed())
	g.Expect(p.Log()).To(HaveSuffix("stopping\n"))
	g.Expect(p.Kill()).To(Succeed(), "killing a process that has ended does nothing")
}

func TestStopReachesAFrozenProcess(t *testing.T) {
	g := NewWithT(t)
	p := child(t, t.Context(), "polite")
	g.Expect(p.Freeze()).To(Succeed())

	g.Expect(p.Stop(t.Context())).To(Succeed())

	g.Expect(p.Log()).To(HaveSuffix("stopping\n"))
}

func TestStopKillsAProcessThatIgnoresIt(t *testing.T) {
	g := NewWithT(t)
	p := child(t, t.Context(), "stubborn")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()

	g.Expect(p.Stop(ctx)).To(MatchError(context.DeadlineExceeded))

	g.Expect(p.Done()).To(BeClosed())
}

func TestKillEndsAFrozenProcess(t *testing.T) {
	g := NewWithT(t)
	p := child(t, t.Context(), "polite")
	g.Expect(p.Freeze()).To(Succeed())

	g.Expect(p.Kill()).To(Succeed())

	g.Expect(p.Done()).To(BeClosed())
	g.Expect(p.Log()).NotTo(ContainSubstring("stopping"))
}

func TestContinueResumesAFrozenProcess(t *testing.T) {
	g := NewWithT(t)
	p := child(t, t.Context(), "polite")
	g.Expect(p.Freeze()).To(Succeed())
	g.Expect(p.Signal(syscall.SIGTERM)).To(Succeed())
	g.Consistently(p.Done()).WithTimeout(200 * time.Millisecond).ShouldNot(BeClosed())

	g.Expect(p.Continue()).To(Succeed())

	g.Eventually(p.Done()).WithTimeout(timeout).Should(BeClosed())
}

func TestProcessEndsWithItsContext(t *testing.T) {
	g := NewWithT(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := child(t, ctx, "stubborn")

	cancel()

	g.Eventually(p.Done()).WithTimeout(timeout).Should(BeClosed())
}

func TestPeakMemory(t *testing.T) {
	g := NewWithT(t)
	p := child(t, t.Context(), "large")

	running, err := p.PeakMemory()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(running).To(And(BeNumerically(">", childMemory), BeNumerically("<", 10*childMemory)))

	g.Expect(p.Kill()).To(Succeed())
	g.Expect(p.PeakMemory()).To(BeNumerically(">=", running), "the peak is still known")
}

// A test that panics or times out does no clean-up.
func TestControlPlaneDiesWithTheProcessThatStartedIt(t *testing.T) {
	g := NewWithT(t)
	p := child(t, t.Context(), "crashing")
	g.Eventually(p.Done()).WithTimeout(timeout).Should(BeClosed())
	_, rest, ok := strings.Cut(p.Log(), "started ")
	g.Expect(ok).To(BeTrue())
	line, _, _ := strings.Cut(rest, "\n")
	server, err := url.Parse(line)
	g.Expect(err).NotTo(HaveOccurred())

	g.Eventually(func() error {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Host)
		if err == nil {
			_ = conn.Close()
		}
		return err
	}).WithTimeout(timeout).Should(MatchError(syscall.ECONNREFUSED))
}
