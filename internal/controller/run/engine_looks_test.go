package run_test

import (
	"slices"
	"strings"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// id is the id of the user, who must be there.
func (w *world) id(username string) string {
	w.t.Helper()
	return w.value(username, "_id")
}

// value is a text of the user, who must be there; "" if it is not set.
func (w *world) value(username, field string) string {
	w.t.Helper()
	user := w.org.UserByUsername(username)
	w.Expect(user).NotTo(BeNil(), "user %s: %s", username, w.describe())
	text, _ := user[field].(string)
	return text
}

// expect says what Ready must be, such as "True/Succeeded".
func (w *world) expect(ready string) {
	w.t.Helper()
	condition := apimeta.FindStatusCondition(w.get().Status.Conditions, v1alpha1.ReadyCondition)
	w.Expect(condition).NotTo(BeNil())
	w.Expect(string(condition.Status)+"/"+condition.Reason).To(Equal(ready), "%s", w.describe())
}

// message is what Ready says.
func (w *world) message() string {
	w.t.Helper()
	condition := apimeta.FindStatusCondition(w.get().Status.Conditions, v1alpha1.ReadyCondition)
	w.Expect(condition).NotTo(BeNil())
	return condition.Message
}

// describe tells the import's status for a message.
func (w *world) describe() string {
	object := &v1alpha1.BulkUserImport{}
	if err := w.api.Get(w.t.Context(), w.key, object); err != nil {
		return err.Error()
	}
	var all []string
	for _, c := range object.Status.Conditions {
		all = append(all, c.Type+"="+string(c.Status)+" "+c.Reason+": "+c.Message)
	}
	for _, job := range object.Status.Jobs {
		all = append(all, "job "+string(job.Operation)+" "+string(job.State))
	}
	return strings.Join(all, "\n")
}

// finalized tells whether a deletion would wait for the operator.
func (w *world) finalized() bool {
	w.t.Helper()
	return slices.Contains(w.get().Finalizers, v1alpha1.Finalizer)
}

// entries are the rows of the latest run by username, as the ledger has them.
func (w *world) entries() map[string]ledger.Entry {
	w.t.Helper()
	store := &ledger.Store{Reader: w.api, Writer: w.api}
	read, err := store.Read(w.t.Context(), ledger.OwnerOf(w.get(), v1alpha1.GroupVersion.WithKind("BulkUserImport"), ledger.ImportSuffix))
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(read).NotTo(BeNil(), "no ledger: %s", w.describe())
	entries := map[string]ledger.Entry{}
	for _, entry := range read.Entries {
		entries[entry.Username] = entry
	}
	return entries
}

// outcomes are those of the rows of the latest run by username.
func (w *world) outcomes() map[string]ledger.Outcome {
	w.t.Helper()
	outcomes := map[string]ledger.Outcome{}
	for username, entry := range w.entries() {
		outcomes[username] = entry.Outcome
	}
	return outcomes
}

// expectEachSentOnce says that no row went out twice.
func (w *world) expectEachSentOnce() {
	w.t.Helper()
	for username, submissions := range w.org.Submissions() {
		w.Expect(submissions).To(HaveLen(1), "submissions of %s: %s", username, w.describe())
	}
}

// expectNobodyCreatedTwice says that no create went out while one before could
// still take effect, or had.
func (w *world) expectNobodyCreatedTwice() {
	w.t.Helper()
	for username, submissions := range w.org.Submissions() {
		for _, s := range submissions {
			w.Expect(s.Kind == jumpcloudtest.JobCreate && s.Repeats).To(BeFalse(), "submissions of %s: %s", username, w.describe())
		}
	}
}

// reads counts the requests about the directory in a history.
func reads(history []jumpcloudtest.Request) int {
	n := 0
	for _, request := range history {
		if request.Path == "/api/systemusers" || request.Path == "/api/search/systemusers" {
			n++
		}
	}
	return n
}

func configMap(namespace, name string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Data: data}
}

// noCounters counts nothing.
type noCounters struct{}

func (noCounters) Rows(string, string, string, int)  {}
func (noCounters) Submission(string, string, string) {}
