package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// These stories lose writes and answers between a running operator and the API server, and let
// others write in between.
var _ = Describe("The API server fails", Label("crash"), func() {
	tellAll([]story{
		{name: "the finalizer cannot be set", tell: func(c *crash) {
			c.lose(1, addFinalizer)
			c.hireGuarded()
		}},
		{name: "the answer to the finalizer is lost", tell: func(c *crash) {
			c.loseAnswer(addFinalizer)
			c.hireGuarded()
		}},
		{name: "the manifest cannot be written", tell: func(c *crash) {
			c.lose(1, manifest)
			c.hireGuarded()
		}},
		{name: "the answer to the manifest is lost", tell: func(c *crash) {
			c.loseAnswer(manifest)
			c.hireGuarded()
		}},
		{name: "the intent cannot be written", tell: func(c *crash) {
			c.lose(1, jobIs(1, v1alpha1.JobIntended))
			c.hireGuarded()
		}},
		{name: "the answer to the intent is lost", tell: func(c *crash) {
			c.loseAnswer(jobIs(1, v1alpha1.JobIntended))
			c.hire(5)
			done := c.await("hires", v1alpha1.SucceededReason)
			c.ended(done, "5 users: 5 created")
			c.Expect(c.org.Jobs()).To(HaveLen(1))
		}},
		{name: "the id cannot be written for a while", tell: func(c *crash) {
			c.lose(3, jobIs(1, v1alpha1.JobSubmitted))
			c.hire(5)
			c.finished(5)
		}},
		{name: "the id cannot be written for longer than a pass may take", tell: func(c *crash) {
			// The next pass finds the answer in memory, writes it, and polls the job that is
			// still running.
			c.org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration = 30 * time.Second })
			c.lose(200, jobIs(1, v1alpha1.JobSubmitted))
			c.hire(5)
			c.finished(5)
		}},
		{name: "the answer to the id is lost", tell: func(c *crash) {
			c.loseAnswer(jobIs(1, v1alpha1.JobSubmitted))
			c.hire(5)
			c.finished(5)
		}},
		{name: "somebody edits the import before the id is written", tell: func(c *crash) {
			c.editBefore(jobIs(1, v1alpha1.JobSubmitted), func(i *v1alpha1.BulkUserImport) {
				metav1.SetMetaDataAnnotation(&i.ObjectMeta, "example.org/note", "edited")
				i.Spec.SuppressAdminEmail = new(false)
			})
			c.hire(5)
			c.finished(5)
		}},
		{name: "somebody edits the rows before the id is written", tell: func(c *crash) {
			c.editBefore(jobIs(1, v1alpha1.JobSubmitted), func(i *v1alpha1.BulkUserImport) {
				i.Spec.Users = []v1alpha1.UserRow{{Username: new("late"), Email: new("late@example.org")}}
			})
			c.hire(5)
			done := c.await("hires", v1alpha1.SucceededReason)
			c.Expect(message(done)).To(Equal("6 users: 1 created, 5 unchanged"))
			c.Expect(done.Status.RunNumber).To(Equal(int64(2)))
			c.Expect(c.org.Jobs()).To(HaveLen(2))
			c.once()
		}},
		{name: "the results cannot be written for a while", tell: func(c *crash) {
			c.lose(2, resultsLedger)
			c.hire(5)
			c.finished(5)
		}},
		{name: "the answer to the results is lost", tell: func(c *crash) {
			c.loseAnswer(resultsLedger)
			c.hire(5)
			c.finished(5)
		}},
		{name: "the answer to the final status is lost", tell: func(c *crash) {
			c.loseAnswer(finalStatus)
			c.hire(5)
			c.finished(5)
		}},
		{name: "a run that finds nothing to send cannot be written", tell: func(c *crash) {
			c.lose(1, resultsLedger)
			c.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{
				c.csv("hires", "username,email", "user000001,user000001@example.org")}})
			c.ended(c.await("hires", v1alpha1.SucceededReason), "1 user: 1 unchanged")
			c.Expect(c.mutations()).To(BeZero())
		}},
		{name: "the manifest of a requested run cannot be written", tell: func(c *crash) {
			c.hire(5)
			c.finished(5)
			c.org.UpdateUser(c.org.UserByUsername("new00003")["_id"].(string), jumpcloudtest.User{"department": "Elsewhere"})
			c.lose(1, manifest)
			c.annotate("hires", v1alpha1.ReconcileRequestedAtAnnotation, "now")
			c.Eventually(func() string { return message(c.await("hires", v1alpha1.SucceededReason)) }).Should(Equal("5 users: 1 updated, 4 unchanged"))
			c.Expect(get(c.world, &v1alpha1.BulkUserImport{}, "hires").Status.RunNumber).To(Equal(int64(2)))
		}},
		{name: "the namespace is being deleted", tell: func(c *crash) {
			hold := c.sim.Hold(listing, jumpcloudtest.BeforeEffect)
			c.hire(5)
			c.Eventually(hold.Arrived()).Should(Receive())
			c.Expect(plane.Client.Delete(c.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: c.namespace}})).To(Succeed())
			hold.Release()
			c.Eventually(func() string {
				return readyOrReconciling(get(c.world, &v1alpha1.BulkUserImport{}, "hires"))
			}).Should(Equal(v1alpha1.DeletingReason))
			c.Consistently(c.mutations, "2s").Should(BeZero())
		}},
	})
})

// hireGuarded creates an import and checks that nothing is sent before finalizer and manifest
// are stored.
func (c *crash) hireGuarded() {
	c.Helper()
	hold := c.sim.Hold(startCreate, jumpcloudtest.BeforeEffect)
	c.hire(5)
	c.Eventually(hold.Arrived()).Should(Receive())
	c.Expect(get(c.world, &v1alpha1.BulkUserImport{}, "hires").Finalizers).To(ConsistOf(v1alpha1.Finalizer))
	c.Expect(get(c.world, &corev1.ConfigMap{}, "hires-import-results-000").Data).To(HaveKey("manifest.csv"))
	hold.Release()
	c.finished(5)
}

// editBefore edits the import right before the next matching write.
func (c *crash) editBefore(match testenv.Match, edit func(*v1alpha1.BulkUserImport)) {
	c.proxy.Intercept(testenv.BeforeForward, 1, match, func(testenv.Write) testenv.Action {
		object := &v1alpha1.BulkUserImport{}
		err := plane.Client.Get(c.Context(), client.ObjectKey{Namespace: c.namespace, Name: "hires"}, object)
		if err == nil {
			edit(object)
			err = plane.Client.Update(c.Context(), object)
		}
		if err != nil {
			c.Errorf("edit the import: %v", err)
		}
		return testenv.Pass
	})
}
