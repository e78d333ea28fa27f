package testenv

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

const (
	// readyTimeout bounds the start of an operator.
	readyTimeout = 3 * time.Minute
	// OperatorName is the file name of the operator binary. In the audit log it distinguishes
	// the operator from tests.
	OperatorName = "manager"
	// logTail is how much of a failed test's operator log is shown, in bytes.
	logTail = 16 << 10
)

// alarms are texts in an operator's log that fail the test: a recovered panic and a data race
// (of a binary built with the detector) do not end the process.
var alarms = []string{"Observed a panic", "panic: ", "WARNING: DATA RACE"}

// operatorBinary is built when the first test needs it.
type operatorBinary struct {
	once sync.Once
	path string
	err  error
}

func (b *operatorBinary) build(ctx context.Context, dir string) (string, error) {
	b.once.Do(func() {
		b.path = filepath.Join(dir, OperatorName)
		b.err = Build(ctx, b.path, ".")
	})
	return b.path, b.err
}

// UseOperator names the operator binary that StartOperator starts, instead of
// one that it builds.
func (p *ControlPlane) UseOperator(path string) {
	p.operator.once.Do(func() { p.operator.path = path })
}

// OperatorPath returns the path of the operator binary that was built or named; "" before
// that.
func (p *ControlPlane) OperatorPath() string { return p.operator.path }

// Operator is a running operator process.
type Operator struct {
	*Process
	// HealthURL serves /healthz and /readyz.
	HealthURL string
	// MetricsURL serves the metrics.
	MetricsURL string
}

// StartOperator starts the real operator binary, which is built once for each control plane,
// with the given connection, without leader election, with endpoint overrides allowed, and
// with plain HTTP metrics and probes on free ports. Further arguments come last and so take
// precedence. The process is killed when the test ends. A panic or a data race in its log
// fails the test; if the test failed, the end of the log is shown. It collects garbage less
// often than the shipped operator: see StartMeasuredOperator.
//
// It does not wait: see WaitReady.
func (p *ControlPlane) StartOperator(t testing.TB, config *rest.Config, args ...string) *Operator {
	t.Helper()
	operator, options := p.prepareOperator(t, config, args)
	return operator.begin(t, options)
}

// StartMeasuredOperator starts an operator as StartOperator does, but with the memory use of
// one in a cluster: it collects garbage as often as the shipped operator.
func (p *ControlPlane) StartMeasuredOperator(t testing.TB, config *rest.Config, args ...string) *Operator {
	t.Helper()
	operator, options := p.prepareOperator(t, config, args)
	options.Env = nil
	return operator.begin(t, options)
}

// begin starts the operator's process, and ends it with the test.
func (o *Operator) begin(t testing.TB, options ProcessOptions) *Operator {
	t.Helper()
	o.start(t, options)
	t.Cleanup(func() { o.end(t) })
	return o
}

// KeepOperator starts an operator as StartOperator does, and restarts it whenever it ends
// before the test does, as a kubelet would. It returns the first one.
func (p *ControlPlane) KeepOperator(t testing.TB, config *rest.Config, args ...string) *Operator {
	t.Helper()
	first, options := p.prepareOperator(t, config, args)
	first.start(t, options)
	all := []*Operator{first}
	var restarts sync.WaitGroup
	restarts.Go(func() {
		for process := first.Process; ; {
			<-process.Done()
			// When the test's context ends, every operator ends, and none can start.
			next, err := StartProcess(t.Context(), options)
			if err != nil {
				if t.Context().Err() == nil {
					t.Errorf("start the operator again: %v", err)
				}
				return
			}
			process = next
			all = append(all, &Operator{Process: next})
		}
	})
	t.Cleanup(func() {
		restarts.Wait()
		for _, operator := range all {
			operator.end(t)
		}
	})
	return first
}

// prepareOperator builds the operator and returns how to start it and where it will answer.
func (p *ControlPlane) prepareOperator(t testing.TB, config *rest.Config, args []string) (*Operator, ProcessOptions) {
	t.Helper()
	binary, err := p.operator.build(t.Context(), p.dir)
	if err != nil {
		t.Fatalf("build the operator: %v", err)
	}
	health, err := FreeAddress(t.Context())
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	metrics, err := FreeAddress(t.Context())
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	return &Operator{HealthURL: "http://" + health, MetricsURL: "http://" + metrics + "/metrics"}, ProcessOptions{
		Path: binary, Output: p.Output,
		// This process's environment comes last and so takes precedence.
		Env: append([]string{collectLate}, os.Environ()...),
		Args: append([]string{
			"--kubeconfig=" + kubeconfig(t, config),
			"--allow-endpoint-override",
			"--leader-elect=false",
			"--health-probe-bind-address=" + health,
			"--metrics-bind-address=" + metrics,
			"--metrics-secure=false",
		}, args...),
	}
}

// start starts the operator's process, which ends with the test at the latest.
func (o *Operator) start(t testing.TB, options ProcessOptions) {
	t.Helper()
	process, err := StartProcess(t.Context(), options)
	if err != nil {
		t.Fatalf("start the operator: %v", err)
	}
	o.Process = process
}

// end kills the operator and looks for alarms in its log. If the test failed, it shows the end
// of the log.
func (o *Operator) end(t testing.TB) {
	t.Helper()
	if err := o.Kill(); err != nil {
		t.Errorf("kill the operator: %v", err)
	}
	log := o.Log()
	for _, alarm := range alarms {
		if strings.Contains(log, alarm) {
			t.Errorf("the operator's log says %q", alarm)
		}
	}
	if t.Failed() {
		t.Logf("the operator's log:\n%s", log[max(0, len(log)-logTail):])
	}
}

// WaitReady waits until the operator reports that it is ready, and fails the test if the
// operator ends or takes too long.
func (o *Operator) WaitReady(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), readyTimeout)
	defer cancel()
	if err := o.WaitOK(ctx, o.HealthURL+"/readyz"); err != nil {
		t.Fatalf("the operator is not ready: %v", err)
	}
}
