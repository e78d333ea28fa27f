package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sync/errgroup"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// Names of the control planes that the processes share.
const (
	// empty has no shared operator: every operator belongs to one spec and watches its
	// namespace.
	empty = "empty"
	// watched has one operator that watches the whole cluster.
	watched = "watched"
	// impatient is like watched, but its operator times out jobs after twelve seconds.
	impatient = "impatient"
)

// operators are the flags of the operators that watch a whole cluster.
var operators = map[string][]string{
	watched:   {"--max-concurrent-reconciles=32"},
	impatient: {"--job-timeout=12s"},
}

var (
	planes = map[string]*testenv.ControlPlane{}
	// logs are the log files of the operators that belong to all specs, by control plane.
	logs map[string]string
	// shareDir is a folder that all processes share until the suite ends.
	shareDir string
)

// common is what the first process passes to the others.
type common struct {
	Planes map[string][]byte
	Logs   map[string]string
	Dir    string
}

// The first process starts what all processes use.
var _ = SynchronizedBeforeSuite(func() []byte {
	dir, err := os.MkdirTemp("", "jumpcloud-operator-e2e-")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(os.RemoveAll, dir)
	operator := filepath.Join(dir, testenv.OperatorName)
	started := map[string]*testenv.ControlPlane{empty: nil, watched: nil, impatient: nil}
	var group errgroup.Group
	group.Go(func() error { return testenv.Build(context.Background(), operator, ".") })
	results := make(chan func())
	for name := range started {
		group.Go(func() error {
			plane, err := testenv.Start()
			results <- func() { started[name] = plane }
			if err != nil {
				return err
			}
			return grantRights(plane)
		})
	}
	for range started {
		(<-results)()
	}
	DeferCleanup(func() error {
		var errs []error
		for _, plane := range started {
			if plane != nil {
				errs = append(errs, plane.Stop())
			}
		}
		return errors.Join(errs...)
	})
	Expect(group.Wait()).To(Succeed())
	DeferCleanup(rightsAreNeeded, dir, started)
	shared := common{Planes: map[string][]byte{}, Logs: map[string]string{}, Dir: dir}
	for name, plane := range started {
		plane.UseOperator(operator)
		inForce(plane, "", "events", "tokenreviews")
		if flags, ok := operators[name]; ok {
			shared.Logs[name] = filepath.Join(dir, name+".log")
			startOperator(plane, shared.Logs[name], flags...)
		}
		shared.Planes[name], err = plane.Share()
		Expect(err).NotTo(HaveOccurred())
	}
	data, err := json.Marshal(shared)
	Expect(err).NotTo(HaveOccurred())
	return data
}, func(data []byte) {
	var shared common
	Expect(json.Unmarshal(data, &shared)).To(Succeed())
	logs, shareDir = shared.Logs, shared.Dir
	for name, from := range shared.Planes {
		joined, err := testenv.Join(from)
		Expect(err).NotTo(HaveOccurred())
		planes[name] = joined
	}
})

// startOperator starts an operator that belongs to all specs of a control plane.
func startOperator(plane *testenv.ControlPlane, log string, flags ...string) {
	output, err := os.Create(log)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(output.Close)
	plane.Output = output
	suite := suiteT{TB: GinkgoTB()}
	operator := plane.StartOperator(suite, plane.OperatorConfig, patientFlags(flags...)...)
	operator.WaitReady(suite)
}

// patientFlags returns the flags of operators of stories, for busy machines.
func patientFlags(flags ...string) []string {
	return append([]string{"--request-timeout=3s", "--submission-settle-window=5s", "--job-stall-timeout=4s"}, flags...)
}

// withOperator runs the specs of a container where one operator watches the whole cluster.
func withOperator() { runsOn(watched) }

func runsOn(name string) {
	BeforeEach(func() { plane = planes[name] })
	AfterEach(func() {
		if CurrentSpecReport().Failed() {
			tellLog(logs[name])
		}
	})
}

// tellLog shows the lines of a log about the namespaces of the running spec.
func tellLog(file string) {
	log, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	for line := range strings.Lines(string(log)) {
		if slices.ContainsFunc(running.namespaces, func(n string) bool { return strings.Contains(line, n) }) {
			GinkgoWriter.Print(line)
		}
	}
}

// withClusterToItself runs the specs of an Ordered container on a control plane that no other
// spec uses.
func withClusterToItself() {
	var own *testenv.ControlPlane
	BeforeAll(func() {
		var err error
		own, err = testenv.Start()
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(own.Stop)
		DeferCleanup(keepAccesses, own)
		own.UseOperator(planes[empty].OperatorPath())
	})
	BeforeEach(func() { plane = own })
}
