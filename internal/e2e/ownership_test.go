package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// An object that waits for another object's group is woken by everything that releases the
// group, long before the resync.
var _ = Describe("An object that waits for another's group is woken", Label("groups"), func() {
	withOperator()
	DescribeTable("by", wakes,
		Entry("a rename", v1alpha1.AllowedNamespaces{}, func(w *world, owner *v1alpha1.UserGroup) {
			amend(w, owner, func(g *v1alpha1.UserGroup) { g.Spec.Name = "builders" })
		}),
		Entry("mode Plan", v1alpha1.AllowedNamespaces{}, func(w *world, owner *v1alpha1.UserGroup) {
			amend(w, owner, func(g *v1alpha1.UserGroup) { g.Spec.Mode = v1alpha1.ModePlan })
		}),
		Entry("the Organization's admission", v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromAll}, func(w *world, _ *v1alpha1.UserGroup) {
			w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.AllowedNamespaces.From = v1alpha1.NamespacesFromSame })
		}),
		Entry("a grant that is taken back", v1alpha1.AllowedNamespaces{From: v1alpha1.NamespacesFromAll}, func(w *world, _ *v1alpha1.UserGroup) {
			w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.AllowedNamespaces.Kinds = []string{"BulkUserImport"} })
		}),
		Entry("a label of the owner's namespace", v1alpha1.AllowedNamespaces{
			From: v1alpha1.NamespacesFromSelector, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "it"}},
		}, func(w *world, owner *v1alpha1.UserGroup) { w.label(owner.Namespace, "") }),
	)
})

// wakes makes an object wait for the group of another one, which letGo then releases. admits
// are the allowed namespaces of the Organization if the owner is in another namespace.
func wakes(admits v1alpha1.AllowedNamespaces, letGo func(w *world, owner *v1alpha1.UserGroup)) {
	w := newWorld(spec(), 3)
	w.changeOrganization(func(o *v1alpha1.Organization) {
		o.Spec.ResyncInterval.Duration = time.Hour
		if admits.From != "" {
			o.Spec.AllowedNamespaces = admits
		}
	})
	abroad := *w
	if admits.From != "" {
		abroad.namespace = plane.Namespace(spec())
		w.label(abroad.namespace, "it")
	}
	owner := &v1alpha1.UserGroup{ObjectMeta: abroad.meta("first"), Spec: v1alpha1.UserGroupSpec{
		OrganizationRef: v1alpha1.OrganizationReference{Name: "acme", Namespace: w.namespace}, Name: "engineers",
	}}
	abroad.create(owner)
	isReady(&abroad, owner)
	w.grown(owner)
	waiting := w.group("second", v1alpha1.UserGroupSpec{Name: "engineers"})
	reaches(w, waiting, v1alpha1.RemoteConflictReason)
	letGo(w, owner)
	isReady(w, waiting)
	w.Expect(w.members("engineers")).To(BeEmpty())
}

// label sets the team label of a namespace.
func (w *world) label(namespace, team string) {
	w.Helper()
	object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"team":"`+team+`"}}}`))
	w.Expect(plane.Client.Patch(w.Context(), object, patch)).To(Succeed())
}
