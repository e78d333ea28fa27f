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

// longest is the priority of specs that start first because they take long.
const longest = 1

// inOrder iterates over a map in the order of its keys: every process must define the same
// specs in the same order.
func inOrder[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !yield(name, m[name]) {
				return
			}
		}
	}
}

// expects returns a WithT that fails a test or the running spec, at the line of the
// expectation.
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

// expecting returns a WithT that calls fail and has the suite's timeouts.
func expecting(fail types.GomegaFailHandler) *WithT {
	g := NewGomega(fail).(*WithT)
	g.SetDefaultEventuallyTimeout(patience)
	g.SetDefaultEventuallyPollingInterval(pollInterval)
	return g
}

// suiteT is the whole suite as a testing.TB.
type suiteT struct{ testing.TB }

// Context returns a context that ends with the process.
func (suiteT) Context() context.Context { return context.Background() }

// specT is the running spec as a testing.TB.
type specT struct {
	testing.TB
	ctx context.Context
	// namespaces are those of its worlds.
	namespaces []string
}

var (
	running specT
	// endContext ends the context of the running spec before the spec's cleanup begins, as the
	// context of a test does.
	endContext context.CancelFunc
)

var _ = BeforeEach(func() {
	plane = planes[empty]
	ctx, cancel := context.WithCancel(context.Background())
	running, endContext = specT{TB: GinkgoTB(), ctx: ctx}, cancel
})

var _ = AfterEach(func() { endContext() })

// spec returns the running spec, for functions that take a test.
func spec() testing.TB { return running }

// Context returns a context that ends with the spec.
func (t specT) Context() context.Context { return t.ctx }

// Errorf fails the spec but lets it continue, as that of a test does: it is called from
// goroutines and during cleanup.
func (specT) Errorf(format string, args ...any) {
	defer GinkgoRecover()
	GinkgoT().Errorf(format, args...)
}
