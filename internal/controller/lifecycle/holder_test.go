package lifecycle

import (
	"context"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// held is a Holder over a fake API server that counts its patches.
func held(t *testing.T, objects ...client.Object) (h *Holder, patches *int) {
	t.Helper()
	g := NewWithT(t)
	scheme := runtime.NewScheme()
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	builder := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...)
	for _, kind := range NewHolder(fake.NewClientBuilder().WithScheme(scheme).Build()).kinds {
		builder.WithIndex(kind, finalizedField, finalizedOrganization)
	}
	patches = new(int)
	builder.WithInterceptorFuncs(interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, p client.Patch, o ...client.PatchOption) error {
			*patches++
			return c.Patch(ctx, object, p, o...)
		},
	})
	return NewHolder(builder.Build()), patches
}

var organizationKeyOfTests = client.ObjectKey{Namespace: "identity", Name: "acme"}

func TestAnOrganizationIsHeldByItsObjects(t *testing.T) {
	elsewhere := func(o *v1alpha1.BulkUserImport) { o.Spec.OrganizationRef.Name = "other" }
	kept := func(o *v1alpha1.Organization) { o.Finalizers = append(o.Finalizers, v1alpha1.Finalizer) }
	going := func(o *v1alpha1.Organization) {
		o.Finalizers, o.DeletionTimestamp = append(o.Finalizers, "example.org/other"), anImport(deleting).DeletionTimestamp
	}
	cases := map[string]struct {
		organization *v1alpha1.Organization
		member       *v1alpha1.BulkUserImport
		held         bool
		patches      int
	}{
		"nobody has a finalizer":        {anOrganization(), anImport(), false, 0},
		"another organization's object": {anOrganization(), anImport(finalized, elsewhere), false, 0},
		"begins":                        {anOrganization(), anImport(finalized), true, 1},
		"goes on":                       {anOrganization(kept), anImport(finalized), true, 0},
		"goes on while deleted":         {anOrganization(kept, going), anImport(finalized, deleting), true, 0},
		"ends":                          {anOrganization(kept), anImport(), false, 1},
		"ends while deleted":            {anOrganization(kept, going), anImport(), false, 1},
		"too late":                      {anOrganization(going), anImport(finalized), false, 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			h, patches := held(t, tc.organization, tc.member)
			for range 2 {
				_, err := h.Reconcile(t.Context(), reconcile.Request{NamespacedName: organizationKeyOfTests})
				g.Expect(err).NotTo(HaveOccurred())
			}
			after := &v1alpha1.Organization{}
			g.Expect(h.client.Get(t.Context(), organizationKeyOfTests, after)).To(Succeed())
			if tc.held {
				g.Expect(after.Finalizers).To(ContainElement(v1alpha1.Finalizer))
			} else {
				g.Expect(after.Finalizers).NotTo(ContainElement(v1alpha1.Finalizer))
			}
			g.Expect(*patches).To(Equal(tc.patches), "at rest nothing is written")
		})
	}
}

// Whatever kind belongs to an Organization holds it, whoever adds the kind.
func TestEveryMemberHolds(t *testing.T) {
	g := NewWithT(t)
	group := &v1alpha1.UserGroup{ObjectMeta: anImport(finalized).ObjectMeta, Spec: v1alpha1.UserGroupSpec{OrganizationRef: anImport().Spec.OrganizationRef}}
	h, _ := held(t, anOrganization(), anImport(finalized), group)
	g.Expect(h.Holding(t.Context(), organizationKeyOfTests)).To(Equal([]string{"BulkUserImport identity/hires", "UserGroup identity/hires"}))

	var kinds []string
	for _, kind := range h.kinds {
		kinds = append(kinds, kindOf(kind))
	}
	g.Expect(kinds).To(ContainElements("BulkUserImport", "UserGroup", "ScheduledUserState", "PushEndpoint", "WorkdayInstance", "WorkdayImport"))
	g.Expect(kinds).NotTo(ContainElement("Organization"))
}

func TestTheHolderWakesWithFinalizersOnly(t *testing.T) {
	g := NewWithT(t)
	changed := finalizerChanged(nil)
	g.Expect(changed.Update(event.UpdateEvent{ObjectOld: anImport(), ObjectNew: anImport(finalized)})).To(BeTrue())
	g.Expect(changed.Update(event.UpdateEvent{ObjectOld: anImport(finalized), ObjectNew: anImport()})).To(BeTrue())
	g.Expect(changed.Update(event.UpdateEvent{ObjectOld: anImport(finalized), ObjectNew: anImport(finalized, annotated("a", "b"))})).To(BeFalse())
	g.Expect(changed.Update(event.UpdateEvent{ObjectOld: anImport(finalized), ObjectNew: anImport(finalized, deleting)})).To(BeFalse())
	g.Expect(finalizerChanged(deletionBegins).Update(event.UpdateEvent{ObjectOld: anImport(finalized), ObjectNew: anImport(finalized, deleting)})).To(BeTrue())
	g.Expect(changed.Delete(event.DeleteEvent{Object: anImport(finalized)})).To(BeTrue())
}
