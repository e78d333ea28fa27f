package withheld

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle/fakestatus"
)

var acmeKey = types.NamespacedName{Namespace: "identity", Name: "acme"}

// world is a fake API server and a Reconciler.
type world struct {
	*WithT
	t          *testing.T
	api        client.Client
	reconciler *Reconciler
	events     *events.FakeRecorder
	writes     int
	refuse     error
	// prune drops parts of a written status, as an older CRD does; nil: none.
	prune func(body map[string]any)
	// atWrite makes the Reconciler's writes instead; nil: they are made directly.
	atWrite func(do func() error) error
}

func newWorld(t *testing.T, objects ...client.Object) *world {
	t.Helper()
	w := &world{WithT: NewWithT(t), t: t, events: events.NewFakeRecorder(100)}
	scheme := runtime.NewScheme()
	w.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	kinds := []lifecycle.Member{&v1alpha1.UserGroup{}, &v1alpha1.BulkUserImport{}}
	b := fake.NewClientBuilder().WithScheme(scheme).
		WithObjects(&v1alpha1.Organization{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "acme", UID: acme}}).
		WithObjects(objects...).
		WithStatusSubresource(&v1alpha1.Organization{}, &v1alpha1.PlanApproval{}, &v1alpha1.UserGroup{}).
		WithIndex(&v1alpha1.PlanApproval{}, lifecycle.ApprovalsField, lifecycle.ApprovedObject)
	for _, kind := range kinds {
		b = b.WithIndex(kind, lifecycle.ConcernedField, lifecycle.Concerned)
	}
	w.api = b.WithInterceptorFuncs(interceptor.Funcs{
		SubResourceUpdate: func(ctx context.Context, c client.Client, _ string, object client.Object, o ...client.SubResourceUpdateOption) error {
			if w.refuse != nil {
				return w.refuse
			}
			w.writes++
			write := func() error { return fakestatus.Update(ctx, c, object, o, w.prune) }
			if w.atWrite != nil {
				return w.atWrite(write)
			}
			return write()
		},
	}).Build()
	w.reconciler = &Reconciler{Client: w.api, Events: w.events, Kinds: kinds, Schemas: lifecycle.NewSchemas(nil)}
	return w
}

func (w *world) pass() reconcile.Result {
	w.t.Helper()
	result, err := w.reconciler.Reconcile(w.t.Context(), reconcile.Request{NamespacedName: acmeKey})
	w.Expect(err).NotTo(HaveOccurred())
	return result
}

func (w *world) organization() *v1alpha1.Organization {
	w.t.Helper()
	o := &v1alpha1.Organization{}
	w.Expect(w.api.Get(w.t.Context(), acmeKey, o)).To(Succeed())
	return o
}

func (w *world) edit(change func(*v1alpha1.Organization)) {
	w.t.Helper()
	o := w.organization()
	change(o)
	w.Expect(w.api.Update(w.t.Context(), o)).To(Succeed())
}

// told returns the next event, or "".
func (w *world) told() string {
	select {
	case text := <-w.events.Events:
		return text
	default:
		return ""
	}
}

// What waits cannot be recorded if the CRD of Organizations is too old: readiness and the
// Organizations themselves say so.
func TestACRDThatKeepsNothingOfWhatWaits(t *testing.T) {
	w := newWorld(t, group("staff", "acme", v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByGuard}))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", http.NoBody)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(w.reconciler.Schemas.Check(request)).To(Succeed())
	w.prune = func(body map[string]any) { unstructured.RemoveNestedField(body, "status", "withheld") }
	_, err = w.reconciler.Reconcile(t.Context(), reconcile.Request{NamespacedName: acmeKey})
	w.Expect(err).To(BeAssignableToTypeOf(&lifecycle.OutdatedError{}))
	w.Expect(w.reconciler.Schemas.Check(request)).To(MatchError(ContainSubstring("older than this operator: Organization")))
}

func group(name, organization string, grant v1alpha1.Grant) *v1alpha1.UserGroup {
	g := &v1alpha1.UserGroup{ObjectMeta: metav1.ObjectMeta{Namespace: "staff", Name: name, UID: types.UID(name)}}
	g.Spec.OrganizationRef = v1alpha1.OrganizationReference{Namespace: "identity", Name: organization}
	g.Status.Plan = &v1alpha1.ChangePlan{Hash: "sha256:" + name, Withheld: 2, Harmful: 2, Grant: grant}
	return g
}

func planApproval(name, plan string) *v1alpha1.PlanApproval {
	p := &v1alpha1.PlanApproval{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: name, UID: types.UID(name)}}
	p.Spec = v1alpha1.PlanApprovalSpec{ObjectRef: v1alpha1.ApprovableReference{Kind: "Organization", Name: "acme"}, Plan: plan}
	return p
}

var byWindow = v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByWindow}

func TestReconcile(t *testing.T) {
	hires := &v1alpha1.BulkUserImport{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "hires", UID: "hires"}}
	hires.Spec.OrganizationRef.Name = "acme"
	hires.Status.Plan = &v1alpha1.PlanStatus{Hash: "sha256:hires", Withheld: 5, Harmful: 4, Grant: v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByGuard}}
	w := newWorld(t, group("a", "acme", byWindow), group("b", "other", byWindow), group("c", "acme", v1alpha1.Grant{}), hires)
	w.pass()
	status := w.organization().Status.Withheld
	w.Expect(status.Changes).To(Equal(int32(7)))
	w.Expect(status.Objects).To(Equal([]v1alpha1.WithheldObject{
		{Kind: "BulkUserImport", Namespace: "identity", Name: "hires", Hash: "sha256:hires", Harmful: 4},
		{Kind: "UserGroup", Namespace: "staff", Name: "a", Hash: "sha256:a", Harmful: 2},
	}))
	w.pass()
	w.Expect(w.writes).To(Equal(1), "at rest nothing is written")

	w.edit(func(o *v1alpha1.Organization) { o.Spec.ApprovedPlan = status.Hash })
	w.pass()
	w.Expect(w.organization().Status.Withheld).To(BeNil())
	w.Expect(w.organization().Status.Released.Hash).To(Equal(status.Hash))
	w.Expect(w.told()).To(BeEmpty())

	w.edit(func(o *v1alpha1.Organization) { o.Spec.ApprovedPlan = "" })
	w.pass()
	w.Expect(w.organization().Status.Withheld).To(Equal(status), "it was withdrawn")
	w.Expect(w.organization().Status.Released).To(BeNil())
}

func TestPlanApprovalReleases(t *testing.T) {
	w := newWorld(t, group("a", "acme", byWindow))
	w.edit(func(o *v1alpha1.Organization) { o.Spec.Approvals = v1alpha1.ApprovalsFromObjects })
	w.pass()
	hash := w.organization().Status.Withheld.Hash

	w.edit(func(o *v1alpha1.Organization) { o.Spec.ApprovedPlan = hash })
	w.pass()
	w.Expect(w.organization().Status.Released).To(BeNil(), "spec.approvedPlan is ignored")
	w.Expect(w.told()).To(ContainSubstring("spec.approvals is Objects"))

	foreign := planApproval("foreign", hash)
	foreign.OwnerReferences = []metav1.OwnerReference{{Kind: "Organization", Name: "acme", UID: "earlier"}}
	w.Expect(w.api.Create(t.Context(), foreign)).To(Succeed())
	w.pass()
	w.Expect(w.organization().Status.Released).To(BeNil(), "that was made for an earlier Organization")

	p := planApproval("mine", hash)
	w.Expect(w.api.Create(t.Context(), p)).To(Succeed())
	w.pass()
	w.Expect(w.organization().Status.Released.Hash).To(Equal(hash))
	w.Expect(w.api.Delete(t.Context(), p)).To(Succeed())
	w.pass()
	w.Expect(w.organization().Status.Released).To(BeNil())
	w.Expect(w.organization().Status.Withheld.Hash).To(Equal(hash))
}

// That spec.approvedPlan has no effect is reported once.
func TestTell(t *testing.T) {
	w := newWorld(t, group("a", "acme", byWindow))
	w.edit(func(o *v1alpha1.Organization) { o.Spec.ApprovedPlan = "sha256:mistyped" })
	w.pass()
	hash := w.organization().Status.Withheld.Hash
	w.Expect(w.told()).To(And(HavePrefix("Warning PlanChanged"), ContainSubstring("sha256:mistyped"), ContainSubstring(hash)))
	w.pass()
	w.Expect(w.told()).To(BeEmpty())

	w.Expect(w.api.Delete(t.Context(), group("a", "acme", byWindow))).To(Succeed())
	w.edit(func(o *v1alpha1.Organization) { o.Spec.ApprovedPlan = hash })
	w.pass()
	w.Expect(w.told()).To(ContainSubstring("nothing waits"))
}

// Writes of others to the Organization are not lost.
func TestConflict(t *testing.T) {
	w := newWorld(t, group("a", "acme", byWindow))
	w.refuse = apierrors.NewConflict(schema.GroupResource{Resource: "organizations"}, "acme", errors.New("somebody wrote it"))
	w.Expect(w.pass().RequeueAfter).To(BeNumerically(">", 0))
	w.refuse = nil
	w.pass()
	w.Expect(w.organization().Status.Withheld).NotTo(BeNil())
}

func TestConcerned(t *testing.T) {
	g := NewWithT(t)
	key := []string{"identity/acme"}
	g.Expect(lifecycle.Concerned(group("a", "acme", byWindow))).To(Equal(key))
	g.Expect(lifecycle.Concerned(group("a", "acme", v1alpha1.Grant{ApprovedHash: "sha256:x"}))).To(Equal(key))
	g.Expect(lifecycle.Concerned(group("a", "acme", v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByMode}))).To(BeEmpty())
	g.Expect(lifecycle.Concerned(&v1alpha1.UserGroup{})).To(BeEmpty())
	g.Expect(lifecycle.Concerned(&v1alpha1.Organization{})).To(BeEmpty())
}

func TestPlanChanged(t *testing.T) {
	g := NewWithT(t)
	changes := planChanged()
	update := func(before, after *v1alpha1.UserGroup) bool {
		return changes.Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after})
	}
	waits, idle := group("a", "acme", byWindow), group("a", "acme", v1alpha1.Grant{})
	g.Expect(update(idle, waits)).To(BeTrue())
	g.Expect(update(waits, idle)).To(BeTrue())
	g.Expect(update(idle, group("b", "acme", v1alpha1.Grant{}))).To(BeFalse(), "nobody waits")
	relabelled := waits.DeepCopy()
	relabelled.Labels = map[string]string{"a": "b"}
	g.Expect(update(waits, relabelled)).To(BeFalse())
	g.Expect(strings.Join(lifecycle.Concerned(waits), "")).NotTo(BeEmpty())
}
