package oneshot_test

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// id returns the id of the user, who must exist.
func (w *world) id(username string) string {
	w.T.Helper()
	return w.value(username, "_id")
}

// value returns a text field of the user, who must exist; "" if it is not set.
func (w *world) value(username, field string) string {
	w.T.Helper()
	user := w.Org.UserByUsername(username)
	w.Expect(user).NotTo(BeNil(), w.About("user "+username))
	text, _ := user[field].(string)
	return text
}

// entries returns the rows of the latest run from the ledger, by username.
func (w *world) entries() map[string]ledger.Entry {
	w.T.Helper()
	store := &ledger.Store{Reader: w.API, Writer: w.API}
	read, err := store.Read(w.T.Context(), ledger.OwnerOf(w.Get(), v1alpha1.GroupVersion.WithKind("BulkUserImport"), ledger.ImportSuffix))
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(read).NotTo(BeNil(), w.About("no ledger"))
	entries := map[string]ledger.Entry{}
	for _, entry := range read.Entries {
		entries[entry.Username] = entry
	}
	return entries
}

// outcomes returns the outcomes of the rows of the latest run, by username.
func (w *world) outcomes() map[string]ledger.Outcome {
	w.T.Helper()
	outcomes := map[string]ledger.Outcome{}
	for username, entry := range w.entries() {
		outcomes[username] = entry.Outcome
	}
	return outcomes
}

// expectEachSentOnce expects that no row was sent twice.
func (w *world) expectEachSentOnce() {
	w.T.Helper()
	for username, submissions := range w.Org.Submissions() {
		w.Expect(submissions).To(HaveLen(1), w.About("submissions of "+username))
	}
}

// expectNobodyCreatedTwice expects that no create was sent while an earlier one of the same
// user had taken effect, or still could.
func (w *world) expectNobodyCreatedTwice() {
	w.T.Helper()
	for username, submissions := range w.Org.Submissions() {
		for _, s := range submissions {
			w.Expect(s.Kind == jumpcloudtest.JobCreate && s.Repeats).To(BeFalse(), w.About("submissions of "+username))
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
