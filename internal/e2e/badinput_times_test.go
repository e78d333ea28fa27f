package e2e

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// Names may be so long that a message about them does not fit into the status.
func (w *badWorld) longNames() {
	name, key := strings.Repeat("n", 253), strings.Repeat("k", 249)+".csv"
	lines := []string{"username,email"}
	for range 5 {
		lines = append(lines, "ada,ada@example.org")
	}
	w.create(&corev1.ConfigMap{ObjectMeta: w.meta(name), Data: map[string]string{key: strings.Join(lines, "\n")}})
	w.hires(v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{configMapKey(name, key)}})
	invalid := w.await("hires", v1alpha1.InvalidRowsReason)
	w.Expect(message(invalid)).To(MatchRegexp(`^5 of 5 rows are invalid.*Correct them`))
}

// A source that was invalid for a while leaves no trace in the status of a run that succeeded
// before and succeeds again.
func (w *badWorld) rightAgain() {
	w.hires(v1alpha1.BulkUserImportSpec{}, people(2)...)
	w.await("hires", v1alpha1.SucceededReason)
	w.setCSV("hires", "username,email", "ada,ada at example.org")
	invalid := w.await("hires", v1alpha1.InvalidRowsReason)
	w.Expect(invalid.Status.Summary).To(HaveValue(Equal(v1alpha1.RunSummary{Total: 1, Failed: 1})))
	w.setCSV("hires", people(2)...)
	right := w.await("hires", v1alpha1.SucceededReason)
	w.Expect(message(right)).To(Equal("2 users: 2 unchanged"))
	w.Expect(right.Status.Failures).To(BeEmpty())
}

// A job that ends late needs no decision by a person.
func (w *badWorld) endsAfterAll() {
	w.org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckUnapplied })
	w.hires(v1alpha1.BulkUserImportSpec{}, people(2)...)
	w.await("hires", v1alpha1.JobTimedOutReason)
	w.org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckNot })
	w.annotate("hires", v1alpha1.ReconcileRequestedAtAnnotation, "look")
	w.Expect(message(w.await("hires", v1alpha1.SucceededReason))).To(Equal("2 users: 2 created"))
	w.once()
}

var _ = DescribeTable("Bad times:", Label("bad-input"), func(story func(*badWorld)) {
	w := &badWorld{world: newWorld(spec(), 1)}
	w.startOperator("--job-timeout=4s")
	story(w)
},
	Entry("long names", (*badWorld).longNames),
	Entry("right again", (*badWorld).rightAgain),
	Entry("a job that ends after all", (*badWorld).endsAfterAll),
)
