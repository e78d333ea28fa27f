package run_test

import (
	"strconv"
	"strings"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func (w *world) get() *v1alpha1.BulkUserImport {
	w.t.Helper()
	object := &v1alpha1.BulkUserImport{}
	w.Expect(w.api.Get(w.t.Context(), w.key, object)).To(Succeed())
	return object
}

// edit changes the import as a person does.
func (w *world) edit(change func(*v1alpha1.BulkUserImport)) {
	w.t.Helper()
	object := w.get()
	before := object.Spec.DeepCopy()
	change(object)
	if !equality.Semantic.DeepEqual(before, &object.Spec) {
		object.Generation++
	}
	w.Expect(w.api.Update(w.t.Context(), object)).To(Succeed())
}

func (w *world) annotate(key, value string) {
	w.t.Helper()
	w.edit(func(o *v1alpha1.BulkUserImport) { metav1.SetMetaDataAnnotation(&o.ObjectMeta, key, value) })
}

// request asks for a pass, by a token that was not used before.
func (w *world) request() {
	w.t.Helper()
	w.requests++
	w.annotate(v1alpha1.ReconcileRequestedAtAnnotation, strconv.Itoa(w.requests))
}

// approve approves the plan that the status shows.
func (w *world) approve() {
	w.t.Helper()
	w.Expect(w.get().Status.Plan).NotTo(BeNil())
	w.edit(func(o *v1alpha1.BulkUserImport) { o.Spec.ApprovedPlan = o.Status.Plan.Hash })
}

// organization changes the Organization, and lets its controller notice.
func (w *world) organization(change func(*v1alpha1.Organization)) {
	w.t.Helper()
	object := &v1alpha1.Organization{}
	w.Expect(w.api.Get(w.t.Context(), client.ObjectKey{Namespace: "identity", Name: "acme"}, object)).To(Succeed())
	change(object)
	object.Generation++
	w.Expect(w.api.Update(w.t.Context(), object)).To(Succeed())
	w.connect()
}

// source changes the lines of the CSV.
func (w *world) source(lines ...string) {
	w.t.Helper()
	source := configMap(w.key.Namespace, "hires", map[string]string{"users.csv": strings.Join(lines, "\n")})
	w.Expect(w.api.Update(w.t.Context(), source)).To(Succeed())
}

// batches limits the rows of a job.
func (w *world) batches(size int32) {
	w.t.Helper()
	w.organization(func(o *v1alpha1.Organization) { o.Spec.Limits.BulkBatchSize = size })
}

// console changes a user as somebody does at JumpCloud's console.
func (w *world) console(username string, change jumpcloudtest.User) {
	w.t.Helper()
	w.Expect(w.org.UpdateUser(w.id(username), change)).To(BeTrue())
}
