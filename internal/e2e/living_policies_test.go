package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// livingObject is an object of a kind that lives.
type livingObject interface {
	reported
	Living() *v1alpha1.LivingStatus
}

// livingKind is what the stories that are the same for every kind that lives need to know
// about a kind.
type livingKind struct {
	// object returns an object that changes something at JumpCloud, both now and when it is
	// deleted. It does not create the object.
	object func(w *world, name string, mode v1alpha1.Mode) livingObject
	// approve sets the plan that may run; nil for a kind without ApplyAfterApproval.
	approve func(object livingObject, hash string)
	// keep makes the operator leave JumpCloud unchanged when the object is deleted.
	keep func(object livingObject)
	// changed reports whether JumpCloud is as the object declares.
	changed func(w *world) bool
	// undo reverts the change at JumpCloud, as somebody in the console would.
	undo func(w *world)
	// cleaned reports whether JumpCloud is as it must be after the object's deletion.
	cleaned func(w *world) bool
}

// nextYear is a time that no test reaches.
var nextYear = time.Now().AddDate(1, 0, 0).UTC().Truncate(time.Second)

// livingKinds are the kinds by name.
var livingKinds = map[string]livingKind{
	"group":           groupKind,
	"scheduled state": scheduleKind,
	"push endpoint":   pushKind,
}

// kindLabels are the labels of the kinds' specs.
var kindLabels = map[string]string{"group": "groups", "scheduled state": "schedules", "push endpoint": "push"}

// These policies hold for every kind that lives.
var _ = Describe("Policies of", Label("policies"), func() {
	withOperator()
	for kindName, kind := range inOrder(livingKinds) {
		stories := map[string]func(*world, livingKind){
			"mode Plan":                         plansOnly,
			"an Organization in mode Plan":      organizationPlansOnly,
			"paused":                            pausesLiving,
			"deleted while paused":              pausesDeletion,
			"drift":                             putsRight,
			"two objects for one thing":         ownsOnce,
			"two objects in two namespaces":     ownsOnceOverOrganizations,
			"a namespace that is being deleted": endsWithNamespace,
			"deleted without its Organization":  blocksWithoutOrganization,
			"kept without its Organization":     retainsWithoutOrganization,
			"a pass on request":                 passesOnRequest,
			"another organization than before":  changesOrganization,
			"a status that somebody edits":      restoresStatus,
		}
		if kind.approve != nil {
			stories["mode ApplyAfterApproval"] = appliesAfterApproval
		}
		Context(kindName, Label(kindLabels[kindName]), func() {
			for name, story := range inOrder(stories) {
				It(name, func() { story(newWorld(spec(), 20, often), kind) })
			}
		})
	}
})

// declare creates an object of a kind.
func (w *world) declare(kind livingKind, mode v1alpha1.Mode) livingObject {
	w.Helper()
	object := kind.object(w, "thing", mode)
	w.create(object)
	return object
}

// isDone waits until the object is ready, and asserts that JumpCloud is as it declares.
func (w *world) isDone(kind livingKind, object livingObject) livingObject {
	w.Helper()
	done := isReady(w, object)
	w.Expect(kind.changed(w)).To(BeTrue())
	return done
}

func plansOnly(w *world, kind livingKind) {
	object := w.declare(kind, v1alpha1.ModePlan)
	planned := reaches(w, object, v1alpha1.PlannedReason)
	w.Expect(planned.Living().Plan).To(HaveValue(And(HaveField("Total", int32(1)), HaveField("Hash", HavePrefix("sha256:")), HaveField("Changes", HaveLen(1)))))
	w.silent()
	w.Expect(w.mutations()).To(BeZero())
	w.Expect(planned.GetFinalizers()).To(BeEmpty())
	w.remove(object)
	w.Expect(w.mutations()).To(BeZero())
}

func organizationPlansOnly(w *world, kind livingKind) {
	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModePlan })
	isReady(w, &v1alpha1.Organization{ObjectMeta: w.meta("acme")}) // watches of different kinds have no common order
	object := w.declare(kind, v1alpha1.ModeApply)
	reaches(w, object, v1alpha1.PlanOnlyReason)
	w.silent()
	w.Expect(w.mutations()).To(BeZero())
	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModeApply })
	w.isDone(kind, object)
}

func appliesAfterApproval(w *world, kind livingKind) {
	object := w.declare(kind, v1alpha1.ModeApplyAfterApproval)
	waiting := reaches(w, object, v1alpha1.ApprovalRequiredReason)
	hash := waiting.Living().Plan.Hash
	w.Expect(apimeta.FindStatusCondition(waiting.Common().Conditions, v1alpha1.ReadyCondition).Message).To(ContainSubstring(hash))
	w.silent()
	w.Expect(w.mutations()).To(BeZero())
	approve := func(hash string) {
		amend(w, object, func(o livingObject) { kind.approve(o, hash) })
	}
	approve("sha256:0000000000000000000000000000000000000000000000000000000000000000")
	reaches(w, object, v1alpha1.PlanChangedReason)
	w.Expect(w.mutations()).To(BeZero())
	approve(hash)
	w.isDone(kind, object)
}

func pausesLiving(w *world, kind livingKind) {
	object := kind.object(w, "thing", v1alpha1.ModeApply)
	object.SetAnnotations(map[string]string{v1alpha1.PausedAnnotation: "true"})
	w.create(object)
	w.isPaused(object)
	w.silent()
	w.Expect(w.mutations()).To(BeZero())
	mark(w, object, v1alpha1.PausedAnnotation, "")
	done := w.isDone(kind, object)
	w.Expect(apimeta.FindStatusCondition(done.Common().Conditions, v1alpha1.PausedCondition)).To(BeNil())
}

func (w *world) isPaused(object livingObject) {
	w.Helper()
	w.Eventually(func() bool {
		paused, err := read(w, object)
		w.Expect(err).NotTo(HaveOccurred())
		return apimeta.IsStatusConditionTrue(paused.Common().Conditions, v1alpha1.PausedCondition)
	}).Should(BeTrue())
}

func pausesDeletion(w *world, kind livingKind) {
	object := w.declare(kind, v1alpha1.ModeApply)
	w.isDone(kind, object)
	mark(w, object, v1alpha1.PausedAnnotation, "true")
	w.isPaused(object)
	w.Expect(plane.Client.Delete(w.Context(), object)).To(Succeed())
	w.silent()
	w.Expect(kind.cleaned(w)).To(BeFalse())
	mark(w, object, v1alpha1.PausedAnnotation, "")
	w.disappears(object)
	w.Expect(kind.cleaned(w)).To(BeTrue())
}

func putsRight(w *world, kind livingKind) {
	object := w.declare(kind, v1alpha1.ModeApply)
	w.isDone(kind, object)
	kind.undo(w)
	w.Eventually(func() bool { return kind.changed(w) }).Should(BeTrue())
	w.isDone(kind, object)
	w.told(object, "DriftCorrected")
	w.silent()
}

func ownsOnce(w *world, kind livingKind) {
	older := kind.object(w, "older", v1alpha1.ModeApply)
	w.create(older)
	w.isDone(kind, older)
	sent := w.mutations()
	w.grown(older)
	younger := kind.object(w, "younger", v1alpha1.ModeApply)
	w.create(younger)
	stalled := reaches(w, younger, v1alpha1.RemoteConflictReason)
	w.Expect(apimeta.FindStatusCondition(stalled.Common().Conditions, v1alpha1.ReadyCondition).Message).To(ContainSubstring(w.namespace + "/older"))
	w.silent()
	w.Expect(w.mutations()).To(Equal(sent))
	w.Expect(stalled.GetFinalizers()).To(BeEmpty())

	// The younger object is woken when the older one is gone, and takes over what that left.
	mark(w, older, v1alpha1.AbandonAnnotation, "true")
	w.remove(older)
	w.Expect(kind.changed(w)).To(BeTrue())
	w.isDone(kind, younger)
}

// grown waits until any object that is created later is younger: creation times are whole
// seconds.
func (w *world) grown(object livingObject) {
	w.Helper()
	w.Eventually(func() bool { return time.Since(object.GetCreationTimestamp().Time) > time.Second }).Should(BeTrue())
}

func ownsOnceOverOrganizations(w *world, kind livingKind) {
	older := kind.object(w, "older", v1alpha1.ModeApply)
	w.create(older)
	w.isDone(kind, older)
	elsewhere := *w
	elsewhere.namespace = plane.Namespace(w.TB)
	elsewhere.create(&corev1.Secret{ObjectMeta: elsewhere.meta("jumpcloud"), StringData: map[string]string{"api-key": apiKey}})
	organization := get(w, &v1alpha1.Organization{}, "acme")
	elsewhere.create(&v1alpha1.Organization{ObjectMeta: elsewhere.meta("acme"), Spec: organization.Spec})
	w.grown(older)
	younger := kind.object(&elsewhere, "younger", v1alpha1.ModeApply)
	elsewhere.create(younger)
	reaches(&elsewhere, younger, v1alpha1.RemoteConflictReason)
	w.silent()
}

func endsWithNamespace(w *world, kind livingKind) {
	object := w.declare(kind, v1alpha1.ModeApply)
	w.isDone(kind, object)
	sent := w.mutations()
	w.Expect(plane.Client.Delete(w.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}})).To(Succeed())
	kind.undo(w)
	w.resyncs(2)
	if _, push := object.(*v1alpha1.PushEndpoint); !push {
		w.Expect(w.mutations()).To(Equal(sent), "nothing is created")
	}
	// The deletion of the namespace does this next.
	w.remove(object)
}

// abandonOrganization deletes the Organization before its objects.
func (w *world) abandonOrganization() {
	w.Helper()
	organization := &v1alpha1.Organization{ObjectMeta: w.meta("acme")}
	mark(w, organization, v1alpha1.AbandonAnnotation, "true")
	w.remove(organization)
}

func blocksWithoutOrganization(w *world, kind livingKind) {
	object := w.declare(kind, v1alpha1.ModeApply)
	w.isDone(kind, object)
	w.abandonOrganization()
	w.Expect(plane.Client.Delete(w.Context(), object)).To(Succeed())
	reaches(w, object, v1alpha1.OrganizationNotReadyReason)
	mark(w, object, v1alpha1.AbandonAnnotation, "true")
	w.disappears(object)
	w.Expect(kind.changed(w)).To(BeTrue(), "nothing was sent")
}

func retainsWithoutOrganization(w *world, kind livingKind) {
	object := w.declare(kind, v1alpha1.ModeApply)
	w.isDone(kind, object)
	amend(w, object, kind.keep)
	w.Eventually(func() []string { kept, _ := read(w, object); return kept.GetFinalizers() }).Should(BeEmpty())
	w.abandonOrganization()
	w.remove(object)
	w.Expect(kind.changed(w)).To(BeTrue())
}

func passesOnRequest(w *world, kind livingKind) {
	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.ResyncInterval.Duration = time.Hour })
	object := w.declare(kind, v1alpha1.ModeApply)
	w.isDone(kind, object)
	kind.undo(w)
	mark(w, object, v1alpha1.ReconcileRequestedAtAnnotation, "now")
	w.Eventually(func() bool { return kind.changed(w) }).Should(BeTrue())
	w.Eventually(func() string { handled, _ := read(w, object); return handled.Common().LastHandledReconcileAt }).Should(Equal("now"))
}

func restoresStatus(w *world, kind livingKind) {
	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.ResyncInterval.Duration = time.Hour })
	object := w.declare(kind, v1alpha1.ModeApply)
	w.isDone(kind, object)
	w.Eventually(func() error {
		edited, err := read(w, object)
		if err != nil {
			return err
		}
		apimeta.SetStatusCondition(&edited.Common().Conditions, metav1.Condition{
			Type: v1alpha1.ReadyCondition, Status: metav1.ConditionFalse, Reason: "Edited", Message: "Somebody edited this.",
		})
		return plane.Client.Status().Update(w.Context(), edited)
	}).Should(Succeed())
	w.isDone(kind, object)
}

func changesOrganization(w *world, kind livingKind) {
	object := w.declare(kind, v1alpha1.ModeApply)
	w.isDone(kind, object)
	other := w.sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "another-key-0123456789abcdef", Users: 20})
	secret := get(w, &corev1.Secret{}, "jumpcloud")
	secret.StringData = map[string]string{"api-key": "another-key-0123456789abcdef"}
	w.abandonOrganization()
	w.Expect(plane.Client.Update(w.Context(), secret)).To(Succeed())
	w.create(&v1alpha1.Organization{ObjectMeta: w.meta("acme"), Spec: v1alpha1.OrganizationSpec{
		Credentials: &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "jumpcloud"}},
		Endpoint:    &v1alpha1.Endpoint{URL: w.url}, ResyncInterval: metav1.Duration{Duration: time.Second},
	}})
	reaches(w, object, v1alpha1.OrganizationMismatchReason)
	w.Expect(other.UserGroups()).To(BeEmpty())
	w.Expect(other.ScheduledJobs()).To(BeEmpty())
}
