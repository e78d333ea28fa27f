package lifecycle

import (
	"context"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle/fakestatus"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/session"
)

// held returns an OrganizationFinalizer over a fake API server that counts its patches.
func held(t *testing.T, objects ...client.Object) (h *OrganizationFinalizer, patches *int) {
	t.Helper()
	return heldBy(t, nil, objects...)
}

// heldBy is held with status writes that are pruned.
func heldBy(t *testing.T, prune func(body map[string]any), objects ...client.Object) (h *OrganizationFinalizer, patches *int) {
	t.Helper()
	g := NewWithT(t)
	scheme := runtime.NewScheme()
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	builder := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(&v1alpha1.Organization{})
	for _, kind := range NewOrganizationFinalizer(fake.NewClientBuilder().WithScheme(scheme).Build(), nil, nil).kinds {
		builder.WithIndex(kind, finalizedField, finalizedOrganization)
	}
	patches = new(int)
	builder.WithInterceptorFuncs(interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, p client.Patch, o ...client.PatchOption) error {
			*patches++
			return c.Patch(ctx, object, p, o...)
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, _ string, object client.Object, o ...client.SubResourceUpdateOption) error {
			return fakestatus.Update(ctx, c, object, o, prune)
		},
	})
	c := builder.Build()
	return NewOrganizationFinalizer(c, NewWindow(c, nil, session.NewPool(session.PoolOptions{}), clocktesting.NewFakePassiveClock(time.Unix(1700000000, 0))), NewSchemas(nil)), patches
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

// What an Organization counts outlives it if another one connects to the same organization.
func TestWhatAnOrganizationCountsOutlivesIt(t *testing.T) {
	counting := func(o *v1alpha1.Organization) {
		o.Status.OrganizationID = organizationID
		o.Status.Guard = &v1alpha1.GuardStatus{Harmed: []v1alpha1.HarmBucket{{Hour: metav1.NewTime(time.Unix(1700000000, 0)), Harmful: 7}}}
	}
	twin := func(changes ...func(*v1alpha1.Organization)) *v1alpha1.Organization {
		return anOrganization(append([]func(*v1alpha1.Organization){func(o *v1alpha1.Organization) {
			o.Name, o.UID, o.Status.OrganizationID = "second", "second-uid", organizationID
		}}, changes...)...)
	}
	going := func(o *v1alpha1.Organization) {
		o.Finalizers, o.DeletionTimestamp = append(o.Finalizers, "example.org/other"), anImport(deleting).DeletionTimestamp
	}
	elsewhere := func(o *v1alpha1.Organization) { o.Status.OrganizationID = "65f1c0ffee65f1c0ffee9001" }
	reconcileOnce := func(g Gomega, h *OrganizationFinalizer) *v1alpha1.Organization {
		_, err := h.Reconcile(t.Context(), reconcile.Request{NamespacedName: organizationKeyOfTests})
		g.Expect(err).NotTo(HaveOccurred())
		o := &v1alpha1.Organization{}
		g.Expect(h.client.Get(t.Context(), organizationKeyOfTests, o)).To(Succeed())
		return o
	}
	for name, c := range map[string]struct {
		objects []client.Object
		want    bool
	}{
		"two":                    {[]client.Object{anOrganization(counting), twin()}, true},
		"alone":                  {[]client.Object{anOrganization(counting)}, false},
		"another organization's": {[]client.Object{anOrganization(counting), twin(elsewhere)}, false},
		"the other one is going": {[]client.Object{anOrganization(counting), twin(going)}, false},
		"nothing is counted":     {[]client.Object{anOrganization(), twin(counting)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			h, _ := held(t, c.objects...)
			g.Expect(reconcileOnce(g, h).Finalizers).To(HaveLen(map[bool]int{true: 1, false: 0}[c.want]))
		})
	}

	finalized := func(o *v1alpha1.Organization) { o.Finalizers = append(o.Finalizers, v1alpha1.Finalizer) }
	// While the CRD is older than the operator, the Organization stays and gives nothing; then
	// it gives once.
	for _, lacking := range [][]string{{"status", "guard"}, {"status", "guard", "lastWrite"}, {"status", "guard", "harmed"}} {
		t.Run("is deleted while the CRD has no "+strings.Join(lacking, "."), func(t *testing.T) {
			g := NewWithT(t)
			outdated := true
			h, _ := heldBy(t, func(body map[string]any) {
				if outdated {
					unstructured.RemoveNestedField(body, lacking...)
				}
			}, anOrganization(counting, finalized, going), twin(counting))
			harmful := func() []v1alpha1.HarmBucket {
				second := &v1alpha1.Organization{}
				g.Expect(h.client.Get(t.Context(), client.ObjectKeyFromObject(twin()), second)).To(Succeed())
				return second.Status.Guard.Harmed
			}
			for range 3 {
				_, err := h.Reconcile(t.Context(), reconcile.Request{NamespacedName: organizationKeyOfTests})
				g.Expect(isOutdated(err)).To(BeTrue(), "%v", err)
				g.Expect(h.schemas.known("Organization")).NotTo(Succeed())
				g.Expect(harmful()).To(ConsistOf(HaveField("Harmful", Equal(int32(7)))))
			}
			outdated = false
			g.Expect(reconcileOnce(g, h).Finalizers).To(ContainElement(v1alpha1.Finalizer))
			g.Expect(reconcileOnce(g, h).Finalizers).NotTo(ContainElement(v1alpha1.Finalizer))
			g.Expect(harmful()).To(ConsistOf(HaveField("Harmful", Equal(int32(14)))))
		})
	}
	t.Run("is deleted alone while the CRD is old", func(t *testing.T) {
		g := NewWithT(t)
		h, _ := heldBy(t, func(body map[string]any) { unstructured.RemoveNestedField(body, "status", "guard") },
			anOrganization(counting, finalized, going))
		g.Expect(reconcileOnce(g, h).Finalizers).NotTo(ContainElement(v1alpha1.Finalizer))
	})

	t.Run("is deleted", func(t *testing.T) {
		g := NewWithT(t)
		h, patches := held(t, anOrganization(counting, finalized, going), twin(counting))
		reconcileOnce(g, h)
		second := &v1alpha1.Organization{}
		g.Expect(h.client.Get(t.Context(), client.ObjectKeyFromObject(twin()), second)).To(Succeed())
		g.Expect(second.Status.Guard.Harmed).To(ConsistOf(HaveField("Harmful", Equal(int32(14)))))
		g.Expect(reconcileOnce(g, h).Finalizers).NotTo(ContainElement(v1alpha1.Finalizer))
		reconcileOnce(g, h)
		g.Expect(*patches).To(Equal(1))
	})
}

func TestTheHolderWakesWithWhatIsCounted(t *testing.T) {
	g := NewWithT(t)
	counting := func(harmful int32) *v1alpha1.Organization {
		o := anOrganization()
		if harmful > 0 {
			o.Status.Guard = &v1alpha1.GuardStatus{Harmed: []v1alpha1.HarmBucket{{Harmful: harmful}}}
		}
		return o
	}
	changed := countingChanged()
	g.Expect(changed.Update(event.UpdateEvent{ObjectOld: counting(0), ObjectNew: counting(1)})).To(BeTrue())
	g.Expect(changed.Update(event.UpdateEvent{ObjectOld: counting(1), ObjectNew: counting(2)})).To(BeFalse())
	g.Expect(changed.Update(event.UpdateEvent{ObjectOld: counting(1), ObjectNew: counting(0)})).To(BeTrue())
	led := counting(1)
	led.Status.OrganizationID = organizationID
	g.Expect(changed.Update(event.UpdateEvent{ObjectOld: counting(1), ObjectNew: led})).To(BeTrue())

	second := led.DeepCopy()
	second.Name, second.UID = "second", "second-uid"
	h, _ := held(t, led, second)
	g.Expect(h.twins(t.Context(), led)).To(ConsistOf(
		reconcile.Request{NamespacedName: organizationKeyOfTests}, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(second)}))
}

// Every kind that belongs to an Organization holds it, including kinds that are added.
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
