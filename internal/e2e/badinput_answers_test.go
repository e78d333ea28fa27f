package e2e

import (
	"net/http"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// badAnswers are answers, of JumpCloud or of something in between, that an API should not
// give.
var badAnswers = map[string]func(*badWorld){
	"An HTML page where the user list should be": func(w *badWorld) {
		w.spoiledRead(jumpcloudtest.Fault{Status: 200, BodyKind: jumpcloudtest.BodyHTML})
	},
	"A user list that is cut off": func(w *badWorld) {
		w.spoiledRead(jumpcloudtest.Fault{Kind: jumpcloudtest.FaultTruncate})
	},
	"429 to every read": func(w *badWorld) {
		w.spoiledRead(jumpcloudtest.Fault{Status: 429, Header: http.Header{"Retry-After": {"1"}}})
	},
	"An HTML page as the answer to a job": func(w *badWorld) {
		w.spoiledJob(jumpcloudtest.Fault{Status: 200, BodyKind: jumpcloudtest.BodyHTML})
	},
	"An answer to a job that is cut off": func(w *badWorld) {
		w.spoiledJob(jumpcloudtest.Fault{Kind: jumpcloudtest.FaultTruncate})
	},
	"A job that JumpCloud refuses": func(w *badWorld) {
		w.org.Configure(func(b *jumpcloudtest.Behavior) { b.MaxRows = 2 })
		w.hires(v1alpha1.BulkUserImportSpec{}, people(3)...)
		w.told()
		w.Expect(w.org.Jobs()).To(BeEmpty())
	},
	"A job whose results never end": func(w *badWorld) {
		w.org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckUnapplied })
		w.hires(v1alpha1.BulkUserImportSpec{}, people(3)...)
		timedOut := w.told()
		w.Expect(timedOut.Status.Summary).To(HaveValue(HaveField("Pending", int32(3))))
		w.annotate("hires", v1alpha1.ResolveSubmissionAnnotation, "1/1=Abandon")
		abandoned := w.await("hires", v1alpha1.RowsFailedReason)
		w.Expect(abandoned.Status.Failures).To(HaveEach(HaveField("Reason", v1alpha1.RowAbandonedReason)))
		w.once()
	},
}

// spoiledRead is a story in which reads of the user list fail for a while.
func (w *badWorld) spoiledRead(fault jumpcloudtest.Fault) {
	w.Helper()
	w.organizationIs(v1alpha1.SucceededReason)
	fault.Match = jumpcloudtest.Match{Method: "GET", Path: userList, Times: -1}
	script := w.sim.Script(fault)
	w.hires(v1alpha1.BulkUserImportSpec{}, people(3)...)
	w.refused()
	script.Remove()
	w.Expect(message(w.await("hires", v1alpha1.SucceededReason))).To(Equal("3 users: 3 created"))
	w.once()
}

// spoiledJob is a story in which JumpCloud accepts a job but its answer is spoiled.
func (w *badWorld) spoiledJob(fault jumpcloudtest.Fault) {
	w.Helper()
	fault.Match, fault.Commit = jumpcloudtest.Match{Method: "POST", Path: bulkUsers}, true
	w.sim.Script(fault)
	w.hires(v1alpha1.BulkUserImportSpec{}, people(3)...)
	w.told()
	w.Expect(message(w.await("hires", v1alpha1.SucceededReason))).To(Equal("3 users: 3 created"))
	w.once()
}

// badMoments are changes while a job is open.
var badMoments = map[string]func(*badWorld){
	"The source changes while a job is open": func(w *badWorld) {
		w.runs()
		w.setCSV("hires", "username,email", "late,late@example.org")
		w.told()
		w.finished()
		w.Expect(w.org.UserByUsername("late")).NotTo(BeNil())
	},
	"The source is deleted while a job is open": func(w *badWorld) {
		w.runs()
		w.Expect(plane.Client.Delete(w.Context(), get(w.world, &corev1.ConfigMap{}, "hires"))).To(Succeed())
		w.told()
		w.finished()
		w.csv("hires", people(3)...)
		w.Expect(message(w.await("hires", v1alpha1.SucceededReason))).To(Equal("3 users: 3 created"), "the run that ended is not run again")
		w.once()
	},
	"The source becomes invalid while a job is open": func(w *badWorld) {
		w.runs()
		w.setCSV("hires", "username,email", "late,late at example.org")
		w.told()
		w.finished()
	},
	"The API key is revoked while a job is open": func(w *badWorld) {
		w.runs()
		w.sim.RevokeCredential(apiKey)
		w.told()
		w.setKey(w.key(jumpcloudtest.Credential{APIKey: "renewed", Organizations: []string{w.org.ID()}}))
		w.Expect(message(w.await("hires", v1alpha1.SucceededReason))).To(Equal("3 users: 3 created"))
		w.finished()
	},
	"The Organization is deleted while a job is open": func(w *badWorld) {
		object := w.runs()
		organization := get(w.world, &v1alpha1.Organization{}, "acme")
		w.Expect(plane.Client.Delete(w.Context(), organization)).To(Succeed())
		w.told()
		w.Expect(plane.Client.Delete(w.Context(), object)).To(Succeed())
		w.disappears(object)
		w.disappears(organization)
		w.finished()
		w.once()
	},
	"The import is deleted while a job is open": func(w *badWorld) {
		object := w.runs()
		w.Expect(plane.Client.Delete(w.Context(), object)).To(Succeed())
		w.told()
		w.Eventually(func() error { return plane.Client.Get(w.Context(), client.ObjectKeyFromObject(object), object) }).Should(
			Satisfy(apierrors.IsNotFound))
		w.finished()
		w.once()
	},
}

// runs creates an import of three users and waits until its job, which takes a moment, is
// open.
func (w *badWorld) runs() *v1alpha1.BulkUserImport {
	w.Helper()
	w.org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration = 3 * time.Second })
	w.hires(v1alpha1.BulkUserImportSpec{}, people(3)...)
	w.Eventually(func() []v1alpha1.JobStatus { return get(w.world, &v1alpha1.BulkUserImport{}, "hires").Status.Jobs }).Should(
		ConsistOf(HaveField("State", v1alpha1.JobSubmitted)))
	return get(w.world, &v1alpha1.BulkUserImport{}, "hires")
}

// finished asserts that the job of runs was carried out, once.
func (w *badWorld) finished() {
	w.Helper()
	for _, username := range []string{"new00001", "new00002", "new00003"} {
		w.Expect(w.org.UserByUsername(username)).NotTo(BeNil())
	}
	w.once()
}
