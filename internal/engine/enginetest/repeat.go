package enginetest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// Death is the death of a process at one of its calls that change something.
type Death struct {
	n     int
	after bool
	died  *bool
}

// EachDeath runs a test in which a process dies at each of its calls that change something,
// before it and after it, until there are no more such calls. The test calls World.Die to
// start counting calls.
func EachDeath(t *testing.T, test func(t *testing.T, d Death)) {
	t.Helper()
	for n, reached := 0, true; reached; n++ {
		if n == manyCalls {
			t.Fatal("there is no end to it")
		}
		reached = false
		for _, after := range []bool{false, true} {
			died := false
			t.Run(fmt.Sprintf("call %d, after it %v", n, after), func(t *testing.T) {
				test(t, Death{n: n, after: after, died: &died})
			})
			reached = reached || died
		}
	}
}

// Died reports whether there was such a call.
func (d Death) Died() bool { return *d.died }

// Die makes the process die as d says.
func (w *World[T]) Die(d Death) { w.DieAt(d.n, d.after, d.died) }

// Histories runs a test once for each seed of its random numbers.
func Histories(t *testing.T, seeds, stream uint64, test func(t *testing.T, random *rand.Rand)) {
	t.Helper()
	for seed := range seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			test(t, rand.New(rand.NewPCG(seed, stream)))
		})
	}
}

// Live makes this many random things happen, with a few passes after each.
func (w *World[T]) Live(random *rand.Rand, things int, happen, passed func()) {
	for range things {
		happen()
		for range random.IntN(4) {
			w.Pass()
			passed()
			<-time.After(time.Duration(random.Int64N(int64(10 * time.Second))))
		}
	}
}

// Lose makes the next request of a method and path lose its answer, carried out or not. An
// empty method or path matches any.
func (w *World[T]) Lose(method, path string, carriedOut bool) {
	w.Sim.Script(jumpcloudtest.Fault{
		Match: jumpcloudtest.Match{Method: method, Path: path, Times: 1}, Kind: jumpcloudtest.FaultReset, Commit: carriedOut,
	})
}

// Sent returns the methods of the requests so far that change something at JumpCloud.
func (w *World[T]) Sent() []string {
	methods := []string{}
	for _, r := range w.Sim.MutatingRequests() {
		methods = append(methods, r.Method)
	}
	return methods
}

// TurnTo makes the following passes go over another object.
func (w *World[T]) TurnTo(name string) { w.Key.Name = name }
