package user_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// counting counts status writes from now on.
func (w *world) counting() (writes *int) {
	writes = new(int)
	w.OnCall = func(c enginetest.Call, do func() error) error {
		if _, ok := c.Object.(*v1alpha1.User); ok && c.Writes() {
			*writes++
		}
		return do()
	}
	return writes
}

// requests returns how many requests were made so far.
func (w *world) requests() int { return len(w.Sim.History()) }

// New Users cost two bulk jobs, and lists that all of them share. A BulkUserImport of the same
// people takes 47 requests: see docs/benchmarks.md.
func TestWhatNewUsersCost(t *testing.T) {
	const users, ofAnImport = 1000, 47
	fleet(t, users, func(w *world, keys []client.ObjectKey) {
		w.Org.Generate(1000)
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration = 2 * time.Second })
		writes := w.counting()
		w.restAll(keys)
		w.Expect(w.ready(keys)).To(Equal(all(users, "True/UpToDate")))
		w.Expect(w.jobs(http.MethodPost)).To(Equal([]int{500, 500}))
		t.Logf("%d requests, %d writes", w.requests(), *writes)
		w.Expect(w.requests()).To(BeNumerically("<=", ofAnImport*3/2))
		w.Expect(*writes).To(BeNumerically("<=", 2*users))
	})
}

// Users at rest cost the list of the directory once per interval, and nothing else.
func TestWhatUsersAtRestCost(t *testing.T) {
	const users, pages = 1000, 11
	fleet(t, users, func(w *world, keys []client.ObjectKey) {
		for _, key := range keys {
			w.add(key.Name, nil)
		}
		w.restAll(keys)
		w.Expect(w.ready(keys)).To(Equal(all(users, "True/UpToDate")))
		writes := w.counting()
		for _, happens := range []func(){func() {}, func() {}, w.Restart} {
			happens()
			w.Sim.ForgetHistory()
			<-time.After(2 * enginetest.ResyncInterval)
			w.restAll(keys)
			w.Expect(w.requests()).To(BeNumerically("<=", pages+1), "the list, and how many users there are")
			w.Expect(*writes).To(BeZero())
			w.Expect(w.Sent()).To(BeEmpty())
		}
		w.oneChanges("u00100")
	})
}

// oneChanges changes one User of many. The change must be live within 3 seconds, with few
// requests besides those of the job.
func (w *world) oneChanges(name string) {
	w.T.Helper()
	w.Sim.ForgetHistory()
	w.TurnTo(name)
	w.Edit(working("Looms"))
	began := time.Now()
	w.Rest()
	w.ExpectReady("True/UpToDate")
	made := w.Org.Jobs()[len(w.Org.Jobs())-1].EndedAt.Sub(began)
	w.Expect(w.live(name, "department")).To(Equal([]any{"Looms"}))
	w.Expect(made).To(BeNumerically("<=", 3*time.Second))
	ofTheJob := 0
	for _, r := range w.Sim.History() {
		if strings.HasPrefix(r.Path, "/api/v2/bulk/users") {
			ofTheJob++
		}
	}
	w.T.Logf("one changed: %d requests, %d of the job, after %s", w.requests(), ofTheJob, made)
	w.Expect(w.requests() - ofTheJob).To(BeNumerically("<=", 5))
}
