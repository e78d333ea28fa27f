package oneshot_test

import (
	"strings"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// approve approves the plan that the status shows.
func (w *world) approve() {
	w.T.Helper()
	w.Expect(w.Get().Status.Plan).NotTo(BeNil())
	w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.ApprovedPlan = o.Status.Plan.Hash })
}

// source replaces the lines of the CSV.
func (w *world) source(lines ...string) {
	w.T.Helper()
	source := configMap(w.Key.Namespace, "hires", map[string]string{"users.csv": strings.Join(lines, "\n")})
	w.Expect(w.API.Update(w.T.Context(), source)).To(Succeed())
}

// batches limits the rows of a job.
func (w *world) batches(size int32) {
	w.T.Helper()
	w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits.BulkBatchSize = size })
}

// console changes a user as somebody does in JumpCloud's console.
func (w *world) console(username string, change jumpcloudtest.User) {
	w.T.Helper()
	w.Expect(w.Org.UpdateUser(w.id(username), change)).To(BeTrue())
}
