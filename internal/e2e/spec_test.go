package e2e

import (
	"context"
	"iter"
	"maps"
	"slices"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
)

// longest is the priority of specs that take so long that they start first.
const longest = 1

// inOrder goes through a map in the order of its keys: every process must make
// the same specs in the same order.
func inOrder[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !yield(name, m[name]) {
				return
			}
		}
	}
}

// expects returns what fails a test or the running spec, at the line that expects.
func expects(t testing.TB) *WithT {
	t.Helper()
	if _, ok := t.(specT); ok {
		return expecting(Fail)
	}
	g := NewWithT(t)
	g.SetDefaultEventuallyTimeout(patience)
	g.SetDefaultEventuallyPollingInterval(pollInterval)
	return g
}

// expecting returns what calls fail. It is patient.
func expecting(fail types.GomegaFailHandler) *WithT {
	g := NewGomega(fail).(*WithT)
	g.SetDefaultEventuallyTimeout(patience)
	g.SetDefaultEventuallyPollingInterval(pollInterval)
	return g
}

// suiteT is the whole suite as a testing.TB.
type suiteT struct{ testing.TB }

// Context ends with the process.
func (suiteT) Context() context.Context { return context.Background() }

// specT is the running spec as a testing.TB.
type specT struct {
	testing.TB
	ctx context.Context
	// namespaces of its worlds.
	namespaces []string
}

var (
	running specT
	// endContext ends the context of the running spec, before the spec's cleanup
	// begins, as that of a test ends.
	endContext context.CancelFunc
)

var _ = BeforeEach(func() {
	plane = planes[empty]
	ctx, cancel := context.WithCancel(context.Background())
	running, endContext = specT{TB: GinkgoTB(), ctx: ctx}, cancel
})

var _ = AfterEach(func() { endContext() })

// spec returns the running spec, for what takes a test.
func spec() testing.TB { return running }

// Context ends when the spec does.
func (t specT) Context() context.Context { return t.ctx }

// Errorf fails the spec and lets it go on, as that of a test does: it is called
// from goroutines and while cleaning up.
func (specT) Errorf(format string, args ...any) {
	defer GinkgoRecover()
	GinkgoT().Errorf(format, args...)
}
