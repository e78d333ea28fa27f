package planapproval

import (
	"context"
	"errors"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

var created = metav1.NewTime(time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))

// world is a fake API server with objects and PlanApprovals for them.
type world struct {
	*WithT
	t          *testing.T
	api        client.Client
	reconciler *lifecycle.Reconciler[*v1alpha1.PlanApproval]
}

func newWorld(t *testing.T, objects ...client.Object) *world {
	t.Helper()
	w := &world{WithT: NewWithT(t), t: t}
	scheme := runtime.NewScheme()
	w.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	w.api = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithStatusSubresource(&v1alpha1.PlanApproval{}).
		WithIndex(&v1alpha1.PlanApproval{}, lifecycle.ApprovalsField, lifecycle.ApprovedObject).Build()
	w.reconciler = lifecycle.NewReconciler(&Actuator{Client: w.api}, lifecycle.Config{Client: w.api, Events: events.NewFakeRecorder(100)})
	return w
}

// approve creates a PlanApproval of this age.
func (w *world) approve(name, kind, plan string, age time.Duration) {
	w.t.Helper()
	p := &v1alpha1.PlanApproval{ObjectMeta: metav1.ObjectMeta{
		Namespace: "identity", Name: name, UID: types.UID(name), CreationTimestamp: metav1.NewTime(created.Add(-age)),
	}}
	p.Spec = v1alpha1.PlanApprovalSpec{ObjectRef: v1alpha1.ApprovableReference{Kind: v1alpha1.ApprovableKind(kind), Name: "object"}, Plan: plan}
	w.Expect(w.api.Create(w.t.Context(), p)).To(Succeed())
}

func (w *world) get(name string) *v1alpha1.PlanApproval {
	w.t.Helper()
	p := &v1alpha1.PlanApproval{}
	w.Expect(w.api.Get(w.t.Context(), types.NamespacedName{Namespace: "identity", Name: name}, p)).To(Succeed())
	return p
}

// look makes a pass and returns status and reason of Ready, and whether the object is Stalled.
func (w *world) look(name string) string {
	w.t.Helper()
	key := types.NamespacedName{Namespace: "identity", Name: name}
	_, err := w.reconciler.Reconcile(w.t.Context(), reconcile.Request{NamespacedName: key})
	w.Expect(err).NotTo(HaveOccurred())
	conditions := w.get(name).Status.Conditions
	ready := apimeta.FindStatusCondition(conditions, v1alpha1.ReadyCondition)
	text := string(ready.Status) + " " + ready.Reason
	if apimeta.IsStatusConditionTrue(conditions, v1alpha1.StalledCondition) {
		text += " Stalled"
	}
	return text
}

func (w *world) message(name string) string {
	w.t.Helper()
	return apimeta.FindStatusCondition(w.get(name).Status.Conditions, v1alpha1.ReadyCondition).Message
}

func group(uid types.UID, plan v1alpha1.ChangePlan) *v1alpha1.UserGroup {
	g := &v1alpha1.UserGroup{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "object", UID: uid}}
	g.Status.Plan = &plan
	return g
}

func (w *world) become(plan v1alpha1.ChangePlan) {
	w.t.Helper()
	g := &v1alpha1.UserGroup{}
	w.Expect(w.api.Get(w.t.Context(), types.NamespacedName{Namespace: "identity", Name: "object"}, g)).To(Succeed())
	g.Status.Plan = &plan
	w.Expect(w.api.Update(w.t.Context(), g)).To(Succeed())
}

func waiting(hash string) v1alpha1.ChangePlan {
	return v1alpha1.ChangePlan{Hash: hash, Grant: v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByGuard}}
}

func TestLifeOfAnApproval(t *testing.T) {
	w := newWorld(t, group("uid", waiting("sha256:a")))
	w.approve("mine", "UserGroup", "sha256:a", 0)
	w.Expect(w.look("mine")).To(Equal("True Granted"))
	owner := w.get("mine").OwnerReferences
	w.Expect(owner).To(HaveLen(1), "it goes with its object")
	w.Expect(owner[0].UID).To(Equal(types.UID("uid")))
	w.Expect(owner[0].Controller).To(BeNil())
	w.Expect(owner[0].BlockOwnerDeletion).To(BeNil())

	version := w.get("mine").ResourceVersion
	w.become(v1alpha1.ChangePlan{Grant: v1alpha1.Grant{ApprovedHash: "sha256:a"}})
	w.Expect(w.look("mine")).To(Equal("True Granted"), "while it is carried out")
	w.Expect(w.get("mine").ResourceVersion).To(Equal(version), "without a write")

	w.become(v1alpha1.ChangePlan{Grant: v1alpha1.Grant{DoneHash: "sha256:a"}})
	w.Expect(w.look("mine")).To(Equal("True Used"))
	w.become(waiting("sha256:a"))
	w.Expect(w.look("mine")).To(Equal("True Used"), "that is final")

	w.become(v1alpha1.ChangePlan{Grant: v1alpha1.Grant{DoneHash: "sha256:a"}})
	w.approve("replayed", "UserGroup", "sha256:a", 0)
	w.Expect(w.look("replayed")).To(Equal("True Used"))
}

// If the API server forbids the owner reference, the PlanApproval counts all the same, for
// this object only. The reference is not tried again and again.
func TestOwnerReferencesAreForbidden(t *testing.T) {
	first := group("uid", waiting("sha256:a"))
	w := newWorld(t, first)
	tried := 0
	api, ok := w.api.(client.WithWatch)
	w.Expect(ok).To(BeTrue())
	w.reconciler.Client = interceptor.NewClient(api, interceptor.Funcs{
		Patch: func(context.Context, client.WithWatch, client.Object, client.Patch, ...client.PatchOption) error {
			tried++
			return apierrors.NewForbidden(schema.GroupResource{Resource: "planapprovals"}, "mine", errors.New("cannot set an ownerRef on a resource you can't delete"))
		},
	})
	w.approve("mine", "UserGroup", "sha256:a", 0)
	w.Expect(w.look("mine")).To(Equal("True Granted"))
	version := w.get("mine").ResourceVersion
	w.Expect(w.look("mine")).To(Equal("True Granted"))
	w.Expect(w.get("mine").OwnerReferences).To(BeEmpty())
	w.Expect(w.get("mine").ResourceVersion).To(Equal(version))
	w.Expect(tried).To(Equal(1))

	w.Expect(w.api.Delete(t.Context(), first)).To(Succeed())
	another := group("another-uid", waiting("sha256:a"))
	w.Expect(w.api.Create(t.Context(), another)).To(Succeed())
	w.Expect(w.look("mine")).To(Equal("False PlanChanged Stalled"))
	counting, err := lifecycle.PlanApprovals(t.Context(), w.api, "UserGroup", another)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(counting).To(BeEmpty())
}

func TestPlanMoves(t *testing.T) {
	w := newWorld(t, group("uid", waiting("sha256:b")))
	w.approve("mine", "UserGroup", "sha256:a", 0)
	w.Expect(w.look("mine")).To(Equal("False PlanChanged Stalled"))
	w.Expect(w.message("mine")).To(And(ContainSubstring("sha256:a"), ContainSubstring("sha256:b waits now")))
	w.become(waiting("sha256:a"))
	w.Expect(w.look("mine")).To(Equal("True Granted"))
	w.become(v1alpha1.ChangePlan{})
	w.Expect(w.look("mine")).To(Equal("False PlanChanged Stalled"))
	w.Expect(w.message("mine")).To(ContainSubstring("nothing of it waits"))
}

// Of two PlanApprovals for the same plan, the older is in force. When it is withdrawn, the
// other one is.
func TestTwoAtOnce(t *testing.T) {
	w := newWorld(t, group("uid", waiting("sha256:a")))
	w.approve("younger", "UserGroup", "sha256:a", 0)
	w.approve("older", "UserGroup", "sha256:a", time.Minute)
	w.approve("another", "UserGroup", "sha256:b", time.Hour)
	w.Expect(w.look("older")).To(Equal("True Granted"))
	w.Expect(w.look("younger")).To(Equal("False RemoteConflict Stalled"))
	w.Expect(w.message("younger")).To(ContainSubstring("PlanApproval older"))
	keys := (&Actuator{}).IdentityKeys
	w.Expect(keys(w.get("older"))).To(Equal(keys(w.get("younger"))), "it wakes when the older one is gone")
	w.Expect(keys(w.get("older"))).NotTo(Equal(keys(w.get("another"))))
	w.Expect(w.api.Delete(t.Context(), w.get("older"))).To(Succeed())
	w.Expect(w.look("younger")).To(Equal("True Granted"))
}

// A new object with the same name is another object.
func TestObjectMadeAnew(t *testing.T) {
	first := group("uid", waiting("sha256:a"))
	w := newWorld(t, first)
	w.approve("mine", "UserGroup", "sha256:a", 0)
	w.Expect(w.look("mine")).To(Equal("True Granted"))
	w.Expect(w.api.Delete(t.Context(), first)).To(Succeed())
	w.Expect(w.look("mine")).To(Equal("False SourceNotFound"))
	w.Expect(w.api.Create(t.Context(), group("another-uid", waiting("sha256:a")))).To(Succeed())
	w.Expect(w.look("mine")).To(Equal("False PlanChanged Stalled"))
	w.Expect(w.get("mine").OwnerReferences).To(HaveLen(1))
}

// A PlanApproval that is deleted with an object whose dependents are deleted first could not
// approve the object's deletion.
func TestForegroundDeletion(t *testing.T) {
	object := group("uid", waiting("sha256:a"))
	object.Finalizers = []string{metav1.FinalizerDeleteDependents, v1alpha1.Finalizer}
	w := newWorld(t, object)
	w.approve("mine", "UserGroup", "sha256:a", 0)
	w.Expect(w.look("mine")).To(Equal("True Granted"))
	w.Expect(w.get("mine").OwnerReferences).To(BeEmpty())
}

func TestRun(t *testing.T) {
	object := &v1alpha1.BulkUserImport{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "object", UID: "uid"}}
	object.Status.Plan = &v1alpha1.PlanStatus{Hash: "sha256:a", Grant: v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByMode}}
	w := newWorld(t, object)
	w.approve("mine", "BulkUserImport", "sha256:a", 0)
	w.approve("other", "UserGroup", "sha256:a", 0)
	w.Expect(w.look("mine")).To(Equal("True Granted"))
	w.Expect(w.look("other")).To(Equal("False SourceNotFound"))
}

func TestOfOrganization(t *testing.T) {
	object := &v1alpha1.Organization{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "object", UID: "uid"}}
	w := newWorld(t, object)
	w.approve("mine", "Organization", "sha256:a", 0)
	status := func(withheld string, released *v1alpha1.ReleasedStatus) {
		o := &v1alpha1.Organization{}
		w.Expect(w.api.Get(t.Context(), client.ObjectKeyFromObject(object), o)).To(Succeed())
		o.Status.Withheld, o.Status.Released = nil, released
		if withheld != "" {
			o.Status.Withheld = &v1alpha1.WithheldStatus{Hash: withheld}
		}
		w.Expect(w.api.Update(t.Context(), o)).To(Succeed())
	}
	w.Expect(w.look("mine")).To(Equal("False PlanChanged Stalled"))
	status("sha256:b", nil)
	w.Expect(w.look("mine")).To(Equal("False PlanChanged Stalled"))
	w.Expect(w.message("mine")).To(ContainSubstring("sha256:b waits now"))
	status("sha256:a", &v1alpha1.ReleasedStatus{Hash: "sha256:before", Plans: "packed"})
	w.Expect(w.look("mine")).To(Equal("False RemoteConflict Stalled"))
	status("sha256:a", nil)
	w.Expect(w.look("mine")).To(Equal("True Granted"))
	status("", &v1alpha1.ReleasedStatus{Hash: "sha256:a", Plans: "packed"})
	w.Expect(w.look("mine")).To(Equal("True Granted"))
	status("sha256:c", &v1alpha1.ReleasedStatus{Hash: "sha256:a"})
	w.Expect(w.look("mine")).To(Equal("True Used"))
}
