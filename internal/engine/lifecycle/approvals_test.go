package lifecycle

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/guard"
)

// approvals makes a pass and returns what is approved in it.
func (w *world) approvals(approvedPlan string) (found approval.Approvals) {
	w.t.Helper()
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		var err error
		found, err = pass.Approvals(ctx, approvedPlan)
		w.Expect(err).NotTo(HaveOccurred())
		return done
	}
	w.pass()
	return found
}

func (w *world) changeOrganization(change func(*v1alpha1.Organization)) {
	w.t.Helper()
	o := &v1alpha1.Organization{}
	w.Expect(w.api.Get(w.t.Context(), client.ObjectKeyFromObject(anOrganization()), o)).To(Succeed())
	change(o)
	status := o.DeepCopy()
	w.Expect(w.api.Update(w.t.Context(), o)).To(Succeed())
	status.ResourceVersion = o.ResourceVersion
	w.Expect(w.api.Status().Update(w.t.Context(), status)).To(Succeed())
	w.connect(anOrganization(), organizationID)
}

// aPlanApproval returns a PlanApproval for the import.
func aPlanApproval(name, plan string, changes ...func(*v1alpha1.PlanApproval)) *v1alpha1.PlanApproval {
	p := &v1alpha1.PlanApproval{ObjectMeta: metav1.ObjectMeta{Namespace: importKey.Namespace, Name: name, UID: types.UID(name)}}
	p.Spec = v1alpha1.PlanApprovalSpec{ObjectRef: v1alpha1.ApprovableReference{Kind: "BulkUserImport", Name: importKey.Name}, Plan: plan}
	for _, change := range changes {
		change(p)
	}
	return p
}

func TestWhatApproves(t *testing.T) {
	owned := func(uid types.UID) func(*v1alpha1.PlanApproval) {
		return func(p *v1alpha1.PlanApproval) {
			p.OwnerReferences = []metav1.OwnerReference{{Kind: "BulkUserImport", Name: importKey.Name, UID: uid}}
		}
	}
	w := newWorld(t, anImport(), anOrganization(),
		aPlanApproval("mine", "sha256:mine"),
		aPlanApproval("owned", "sha256:owned", owned("import-uid")),
		aPlanApproval("of-an-earlier-object", "sha256:earlier", owned("earlier-uid")),
		aPlanApproval("used", "sha256:used", func(p *v1alpha1.PlanApproval) {
			setConditions(p.Common(), 1, Done(v1alpha1.UsedReason, "done"))
		}),
		aPlanApproval("being-deleted", "sha256:deleted", func(p *v1alpha1.PlanApproval) {
			p.DeletionTimestamp, p.Finalizers = new(metav1.NewTime(time.Unix(1700000000, 0))), []string{"example.org/other"}
		}),
		aPlanApproval("of-another-object", "sha256:other", func(p *v1alpha1.PlanApproval) { p.Spec.ObjectRef.Name = "others" }),
		aPlanApproval("of-another-kind", "sha256:group", func(p *v1alpha1.PlanApproval) { p.Spec.ObjectRef.Kind = "UserGroup" }),
		aPlanApproval("elsewhere", "sha256:elsewhere", func(p *v1alpha1.PlanApproval) { p.Namespace = "other" }),
	)
	w.connect(anOrganization(), organizationID)
	found := w.approvals("sha256:spec")
	w.Expect(found.Hashes).To(ConsistOf("sha256:mine", "sha256:owned", "sha256:spec"))
	w.Expect(found.Include("")).To(BeFalse())
	w.Expect(w.approvals("").Hashes).To(ConsistOf("sha256:mine", "sha256:owned"))

	object := w.get()
	object.Status.Plan = &v1alpha1.PlanStatus{Grant: v1alpha1.Grant{DoneHash: "sha256:mine"}}
	w.Expect(w.api.Status().Update(t.Context(), object)).To(Succeed())
	w.Expect(w.approvals("").Hashes).To(ConsistOf("sha256:owned"), "an approval of what is done counts no more")

	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Approvals = v1alpha1.ApprovalsFromObjects })
	found = w.approvals("sha256:spec")
	w.Expect(found.Include("sha256:spec")).To(BeFalse())
	w.Expect(found.Include("sha256:owned")).To(BeTrue())
	w.Expect(found.ObjectsOnly).To(BeTrue())
}

func TestWhatTheOrganizationReleased(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	plans := approval.Pack([]string{
		approval.ReleasedPlan("BulkUserImport", importKey.Namespace, importKey.Name, "import-uid", "sha256:plan"),
		approval.ReleasedPlan("BulkUserImport", importKey.Namespace, importKey.Name, "earlier-uid", "sha256:earlier"),
	})
	w.changeOrganization(func(o *v1alpha1.Organization) {
		o.Status.Released = &v1alpha1.ReleasedStatus{Hash: "sha256:all", Plans: plans}
	})
	w.Expect(w.approvals("").Include("sha256:plan")).To(BeFalse(), "nobody approves that any more")

	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.ApprovedPlan = "sha256:all" })
	w.Expect(w.approvals("").Include("sha256:plan")).To(BeTrue())
	w.Expect(w.approvals("").Include("sha256:earlier")).To(BeFalse())
	w.Expect(w.approvals("").Include("sha256:all")).To(BeFalse())

	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Approvals = v1alpha1.ApprovalsFromObjects })
	w.Expect(w.approvals("").Include("sha256:plan")).To(BeFalse())
	p := aPlanApproval("all", "sha256:all", func(p *v1alpha1.PlanApproval) {
		p.Spec.ObjectRef = v1alpha1.ApprovableReference{Kind: "Organization", Name: "acme"}
	})
	w.Expect(w.api.Create(t.Context(), p)).To(Succeed())
	w.Expect(w.approvals("").Include("sha256:plan")).To(BeTrue())
	w.Expect(w.api.Delete(t.Context(), p)).To(Succeed())
	w.Expect(w.approvals("").Include("sha256:plan")).To(BeFalse(), "it was withdrawn")
}

func TestRoomInTheWindow(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization(func(o *v1alpha1.Organization) {
		o.Spec.Guard.Window.MaxHarmful = new(int32(12))
		o.Status.OrganizationID = organizationID
	}))
	w.connect(anOrganization(), organizationID)
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		reserve := func(harmful int) bool {
			answer, err := pass.Reserve(ctx, harmful, 0)
			w.Expect(err).NotTo(HaveOccurred())
			return !answer.Harmful
		}
		w.Expect(reserve(12)).To(BeTrue())
		w.Expect(reserve(1)).To(BeFalse())
		w.Expect(pass.Release(ctx, 2, 0)).To(Succeed())
		w.Expect(reserve(2)).To(BeTrue())
		return done
	}
	w.pass()
	w.Expect(w.transport.calls).To(BeZero(), "JumpCloud is not asked")
}

// An object that found no room wakes when enough of what is counted has left the window, if
// that is before its resync.
func TestThePassAfterTheWindowWasFull(t *testing.T) {
	inMinutes := func(minutes int) metav1.Time {
		expired := time.Unix(1700000000, 0).Add(time.Duration(minutes) * time.Minute)
		return metav1.NewTime(expired.Add(-25 * time.Hour))
	}
	for name, c := range map[string]struct {
		harmful  int
		min, max time.Duration
	}{
		"room soon":     {1, 20 * time.Minute, 20 * time.Minute},
		"room later":    {3, 40 * time.Minute, 40 * time.Minute},
		"after long":    {10, time.Hour, 72 * time.Minute},
		"never":         {13, time.Hour, 72 * time.Minute},
		"there is room": {0, time.Hour, 72 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, anImport(), anOrganization(func(o *v1alpha1.Organization) {
				o.Spec.Guard.Window.MaxHarmful = new(int32(12))
				o.Status.OrganizationID = organizationID
				o.Status.Guard = &v1alpha1.GuardStatus{Harmed: []v1alpha1.HarmBucket{
					{Hour: inMinutes(20), Harmful: 2}, {Hour: inMinutes(40), Harmful: 2}, {Hour: inMinutes(600), Harmful: 8},
				}}
			}))
			w.connect(anOrganization(), organizationID)
			w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
				answer, err := pass.Reserve(ctx, c.harmful, 0)
				w.Expect(err).NotTo(HaveOccurred())
				w.Expect(answer.Harmful).To(Equal(c.harmful > 0))
				return Stalled(v1alpha1.ApprovalRequiredReason, "no room")
			}
			w.Expect(w.pass().RequeueAfter).To(And(BeNumerically(">=", c.min), BeNumerically("<=", c.max)))
			w.Expect(w.writes).To(Equal([]string{"status"}))
			w.pass()
			w.Expect(w.writes).To(HaveLen(1), "at rest nothing is written")
			w.Expect(w.transport.calls).To(BeZero(), "nor is JumpCloud asked")
		})
	}
}

// Room that is given back, by whatever object, wakes the objects that wait for it.
func TestRoomThatIsGivenBack(t *testing.T) {
	g := NewWithT(t)
	counting := func(harmful, created int32) *v1alpha1.Organization {
		return anOrganization(func(o *v1alpha1.Organization) {
			if harmful+created > 0 {
				o.Status.Guard = &v1alpha1.GuardStatus{Harmed: []v1alpha1.HarmBucket{{Harmful: harmful, Created: created}}}
			}
		})
	}
	looser := counting(3, 3)
	looser.Spec.Guard.Window.MaxHarmful = new(int32(100))
	for _, c := range []struct {
		after *v1alpha1.Organization
		wakes bool
	}{
		{counting(3, 3), false}, {counting(4, 3), false}, {counting(2, 3), true}, {counting(4, 2), true}, {counting(0, 0), true}, {looser, true},
	} {
		g.Expect(roomChanged().Update(event.UpdateEvent{ObjectOld: counting(3, 3), ObjectNew: c.after})).To(Equal(c.wakes))
	}
	g.Expect(roomChanged().Delete(event.DeleteEvent{Object: counting(3, 3)})).To(BeTrue())

	waiting := anImport()
	setConditions(waiting.Common(), 1, Stalled(v1alpha1.ApprovalRequiredReason, ""))
	plan := &v1alpha1.PlanStatus{Hash: "sha256:a", Grant: v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByWindow}}
	waiting.Status.Plan = plan
	g.Expect(waitingForRoom(waiting)).To(HaveLen(1))
	for name, change := range map[string]func(*v1alpha1.BulkUserImport){
		"by the guard":   func(o *v1alpha1.BulkUserImport) { o.Status.Plan.WithheldBy = v1alpha1.WithheldByGuard },
		"nothing waits":  func(o *v1alpha1.BulkUserImport) { o.Status.Plan = nil },
		"is tried again": func(o *v1alpha1.BulkUserImport) { setConditions(o.Common(), 1, Retrying("Failing", "", time.Minute)) },
	} {
		other := waiting.DeepCopy()
		change(other)
		g.Expect(waitingForRoom(other)).To(BeEmpty(), name)
	}
}

// Neither what an Organization counts nor what it withholds wakes its members; what it
// releases does.
func TestWhatOfAnOrganizationWakes(t *testing.T) {
	g := NewWithT(t)
	update := func(change func(*v1alpha1.Organization)) event.UpdateEvent {
		after := anOrganization(ready)
		change(after)
		return event.UpdateEvent{ObjectOld: anOrganization(ready), ObjectNew: after}
	}
	counts := update(func(o *v1alpha1.Organization) {
		o.Status.Guard = &v1alpha1.GuardStatus{Harmed: []v1alpha1.HarmBucket{{Harmful: 1}}}
		o.Status.Withheld = &v1alpha1.WithheldStatus{Hash: "sha256:all"}
	})
	released := update(func(o *v1alpha1.Organization) { o.Status.Released = &v1alpha1.ReleasedStatus{Hash: "sha256:all"} })
	for _, p := range []interface{ Update(event.UpdateEvent) bool }{relevant(), organizationChanged(), releaseChanged()} {
		g.Expect(p.Update(counts)).To(BeFalse())
	}
	g.Expect(releaseChanged().Update(released)).To(BeTrue())
	g.Expect(organizationChanged().Update(released)).To(BeFalse(), "not all of them")
}

func TestBelong(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization())
	w.connect(anOrganization(), organizationID)
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		pass.Object.Status.RunNumber = 7
		for range 2 {
			w.Expect(pass.AddOwnerReference(ctx, anOrganization())).To(Succeed())
		}
		return done
	}
	w.pass()
	w.Expect(w.get().OwnerReferences).To(ConsistOf(metav1.OwnerReference{
		APIVersion: "jumpcloud-operator.io/v1alpha1", Kind: "Organization", Name: "acme", UID: "organization-uid",
	}))
	w.Expect(w.get().Status.RunNumber).To(Equal(int64(7)), "the status is neither written nor lost")
	w.Expect(w.writes).To(Equal([]string{"patch", "status"}))
}

// If a reservation is not kept, nothing is sent, and it is not repeated with each attempt:
// that would fill the window.
func TestAWindowThatIsNotKept(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization(func(o *v1alpha1.Organization) { o.Status.OrganizationID = organizationID }))
	w.connect(anOrganization(), organizationID)
	writes := 0
	w.reconciler.Window = guard.NewWindow(guard.Config{
		Cache: w.api, Pool: w.reconciler.Pool,
		Update: func(context.Context, *v1alpha1.Organization) error {
			writes++
			return &OutdatedError{Kind: "Organization", Field: "status.guard"}
		},
	})
	w.actuator.reconcile = func(ctx context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		_, err := pass.Reserve(ctx, 1, 0)
		w.Expect(err).To(HaveOccurred())
		return Failed(err)
	}
	w.pass()
	w.Expect(shown(w.get().Common())).To(ContainElement("Stalled=True/SchemaOutdated"))
	w.Expect(w.reconciler.Schemas.known("Organization")).NotTo(Succeed())
	w.pass()
	w.Expect(w.actuator.passes).To(Equal(2))
	connected, ok := w.reconciler.Pool.Get(organizationKeyOfTests)
	w.Expect(ok).To(BeTrue())
	_, err := w.reconciler.room(connected).Take(t.Context(), 1)
	w.Expect(isOutdated(err)).To(BeTrue())
	w.Expect(writes).To(Equal(1))
}
