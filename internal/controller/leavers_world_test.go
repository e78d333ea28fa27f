package controller_test

import (
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/setup"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// imports is a kind of import. Leavers are treated alike in all of them.
type imports struct {
	// staff runs a test of an import of these people, in a bubble of fake time. The reconciler
	// is the operator's own, which reads whom other objects name.
	staff func(t *testing.T, people []person, tell func(w *staff), changes ...func(spec))
	// stories runs stories of an import of these people.
	stories func(t *testing.T, people []person, stories map[string]enginetest.Story[*staff], changes ...func(spec))
}

// allImports are all kinds of imports.
var allImports = map[string]imports{"BulkUserImport": importsOf(bulkUserImports), "WorkdayImport": importsOf(workdayImports)}

// eachImport runs a test with each kind of import.
func eachImport(t *testing.T, test func(t *testing.T, k imports)) {
	t.Helper()
	for kind, k := range allImports {
		t.Run(kind, func(t *testing.T) { test(t, k) })
	}
}

// world is the part of an enginetest.World that does not depend on the kind.
type world interface {
	Expect(actual any, extra ...any) Assertion
	Rest()
	Restart()
	Resync()
	Until(so func() bool)
	Request()
	EditOrganization(change func(*v1alpha1.Organization))
	ExpectReady(ready string)
	Message() string
	Describe() string
	About(what string) func() string
	Counted() enginetest.Count
	Die(d enginetest.Death)
}

// staff is a world with an import of people, and an organization with 50 users.
type staff struct {
	world
	T   *testing.T
	Sim *jumpcloudtest.Server
	Org *jumpcloudtest.Organization
	API client.Client
	// onCall intercepts the operator's calls.
	onCall func(happens func(c enginetest.Call, do func() error) error)
	// object returns the stored import and its status.
	object func() (lifecycle.Member, *v1alpha1.RunStatus)
	// spec returns a copy of the import's spec, and edit changes the spec.
	spec func() spec
	edit func(change func(spec))
	// names makes the source name these people, and asks the import to look at it.
	names func(people ...person)
	// gone are the ways in which the source can be gone; each returns how it comes back.
	gone map[string]func() (back func())
	// without returns a filter that leaves out a user.
	without func(username string) string
	// results and members are the suffixes of the import's ConfigMaps.
	results, members string
}

// told is a staff together with the world of its kind.
type told[T oneshot.Object] struct {
	*staff
	of *enginetest.World[T]
}

func (w told[T]) Base() *enginetest.World[T] { return w.of }

func importsOf[T oneshot.Object](f fixture[T]) imports {
	begin := func(t *testing.T, people []person, tell func(w told[T]), changes []func(spec)) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			object := f.object()
			for _, change := range changes {
				change(f.spec(object))
			}
			w := enginetest.New(t, object, reconcilerOf[T], enginetest.Options[T]{})
			w.Org.Generate(50)
			f.name(w, people)
			tell(told[T]{f.staff(w), w})
		})
	}
	return imports{
		staff: func(t *testing.T, people []person, tell func(w *staff), changes ...func(spec)) {
			t.Helper()
			begin(t, people, func(w told[T]) { tell(w.staff) }, changes)
		},
		stories: func(t *testing.T, people []person, stories map[string]enginetest.Story[*staff], changes ...func(spec)) {
			t.Helper()
			all := map[string]enginetest.Story[told[T]]{}
			for name, s := range stories {
				all[name] = enginetest.Story[told[T]]{
					In:    func(t *testing.T, test func(told[T])) { t.Helper(); begin(t, people, test, changes) },
					Begin: func(w told[T]) { s.Begin(w.staff) },
					Steps: func(w told[T]) { s.Steps(w.staff) },
					End:   func(w told[T]) { s.End(w.staff) },
				}
				if s.Harmed != nil {
					harmed := all[name]
					harmed.Harmed = func(w told[T]) int { return s.Harmed(w.staff) }
					all[name] = harmed
				}
			}
			enginetest.RunStories(t, all)
		},
	}
}

func (f *fixture[T]) staff(w *enginetest.World[T]) *staff {
	s := &staff{
		world: w, T: w.T, Sim: w.Sim, Org: w.Org, API: w.API, without: f.filter, results: f.results, members: f.members, gone: map[string]func() func(){},
		object: func() (lifecycle.Member, *v1alpha1.RunStatus) { object := w.Get(); return object, object.Run() },
		onCall: func(happens func(enginetest.Call, func() error) error) { w.OnCall = happens },
		spec:   func() spec { return f.spec(w.Get()) },
		edit:   func(change func(spec)) { w.T.Helper(); w.Edit(func(object T) { change(f.spec(object)) }) },
		names:  func(people ...person) { w.T.Helper(); f.name(w, people); w.Request() },
	}
	for way, gone := range f.gone {
		s.gone[way] = func() func() { return gone(w) }
	}
	return s
}

// reconcilerOf returns the operator's reconciler for a kind.
func reconcilerOf[T lifecycle.Object](config lifecycle.Config) *lifecycle.Reconciler[T] {
	for _, r := range controller.Reconcilers(lifecycle.Cluster{Client: config.Client, Live: config.Live, Events: config.Events}, setup.Options{
		Pool: config.Pool, Clock: config.Clock, Counters: noCounters{}, Carry: func(batch.Step) {},
		RequestTimeout: enginetest.RequestTimeout, Limits: enginetest.JobLimits(),
	}) {
		if reconciler, ok := r.Reconciler.(*lifecycle.Reconciler[T]); ok {
			return reconciler
		}
	}
	panic("there is no such kind")
}

type noCounters struct{}

func (noCounters) Rows(string, string, string, int)  {}
func (noCounters) Submission(string, string, string) {}
func (noCounters) DriftCorrection(string, string)    {}
