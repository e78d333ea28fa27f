package lifecycle

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

var (
	notReady = []string{"Ready=False/OrganizationNotReady", "Reconciling=True/OrganizationNotReady"}
	admitted = []string{"Ready=True/Succeeded"}
	refused  = []string{"Ready=False/NamespaceNotAllowed", "Stalled=True/NamespaceNotAllowed"}
	mismatch = []string{"Ready=False/OrganizationMismatch", "Stalled=True/OrganizationMismatch"}
)

func TestAMemberNeedsASession(t *testing.T) {
	elsewhere := func(o *v1alpha1.BulkUserImport) { o.Spec.OrganizationRef.Namespace = "central" }
	inCentral := func(o *v1alpha1.Organization) { o.Namespace = "central" }
	admitting := func(from v1alpha1.NamespacesFrom) func(*v1alpha1.Organization) {
		return func(o *v1alpha1.Organization) {
			o.Spec.AllowedNamespaces.From = from
			if from == v1alpha1.NamespacesFromSelector {
				o.Spec.AllowedNamespaces.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"team": "hr"}}
			}
		}
	}
	namespace := func(labels map[string]string) client.Object {
		return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "identity", Labels: labels}}
	}
	recorded := func(o *v1alpha1.BulkUserImport) { o.Status.OrganizationID = "65f1c0ffee65f1c0ffee9999" }

	cases := map[string]struct {
		object       *v1alpha1.BulkUserImport
		organization *v1alpha1.Organization
		namespace    client.Object
		connected    bool
		watch        []string
		want         []string
	}{
		"no Organization":           {anImport(), nil, nil, false, nil, notReady},
		"not ready":                 {anImport(), anOrganization(), nil, false, nil, notReady},
		"connected":                 {anImport(), anOrganization(), nil, true, nil, admitted},
		"connected, check fails":    {anImport(), anOrganization(func(o *v1alpha1.Organization) { setConditions(o.Common(), 1, retrying) }), nil, true, nil, admitted},
		"another organization":      {anImport(recorded), anOrganization(), nil, true, nil, mismatch},
		"other namespace, Same":     {anImport(elsewhere), anOrganization(inCentral), nil, true, nil, refused},
		"other namespace, All":      {anImport(elsewhere), anOrganization(inCentral, admitting(v1alpha1.NamespacesFromAll)), nil, true, nil, admitted},
		"selected":                  {anImport(elsewhere), anOrganization(inCentral, admitting(v1alpha1.NamespacesFromSelector)), namespace(map[string]string{"team": "hr"}), true, nil, admitted},
		"not selected":              {anImport(elsewhere), anOrganization(inCentral, admitting(v1alpha1.NamespacesFromSelector)), namespace(nil), true, nil, refused},
		"selected, namespaced mode": {anImport(elsewhere), anOrganization(inCentral, admitting(v1alpha1.NamespacesFromSelector)), namespace(map[string]string{"team": "hr"}), true, []string{"identity", "central"}, refused},
		"own namespace, selector":   {anImport(), anOrganization(admitting(v1alpha1.NamespacesFromSelector)), namespace(nil), true, nil, admitted},
		"namespace not watched":     {anImport(elsewhere), anOrganization(inCentral, admitting(v1alpha1.NamespacesFromAll)), nil, true, []string{"identity"}, notReady},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			objects := []client.Object{tc.object}
			if tc.organization != nil {
				objects = append(objects, tc.organization)
			}
			if tc.namespace != nil {
				objects = append(objects, tc.namespace)
			}
			w := newWorld(t, objects...)
			w.reconciler.WatchNamespaces = tc.watch
			if tc.connected {
				w.connect(tc.organization, organizationID)
			}
			w.answer(done)
			w.pass()
			w.Expect(shown(w.get().Common())).To(Equal(tc.want))
			w.Expect(w.transport.calls).To(BeZero())
			if tc.want[0] != admitted[0] {
				w.Expect(w.actuator.passes).To(BeZero())
			}
		})
	}
}

// After a restart there is no session yet, and after a change of the Organization its session
// is for the old spec: neither is worth a write.
func TestAReadyOrganizationIsAwaitedSilently(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization(ready))
	w.answer(done)
	result := w.pass()
	w.Expect(w.writes).To(BeEmpty())
	w.Expect(result.RequeueAfter).To(BeNumerically(">=", sessionDelay))

	w.connect(anOrganization(), organizationID)
	w.pass()
	w.Expect(w.actuator.passes).To(Equal(1))

	organization := &v1alpha1.Organization{}
	w.Expect(w.api.Get(t.Context(), client.ObjectKeyFromObject(anOrganization()), organization)).To(Succeed())
	organization.Generation = 2
	organization.Spec.Mode = v1alpha1.ModePlan
	w.Expect(w.api.Update(t.Context(), organization)).To(Succeed())
	w.pass()
	w.Expect(w.actuator.passes).To(Equal(1), "the new mode counts at once")
	w.Expect(w.writes).To(HaveLen(1))

	w.connect(anOrganization(), organizationID)
	w.actuator.reconcile = func(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
		w.Expect(pass.Session.Spec.Mode).To(Equal(v1alpha1.ModePlan))
		return done
	}
	w.pass()
	w.Expect(w.actuator.passes).To(Equal(2))
}

// A paused Organization stays Ready: after a restart its members wait for it silently, as for
// any other, until its check is refused.
func TestAPausedOrganizationWithoutSession(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization(ready, func(o *v1alpha1.Organization) {
		metav1.SetMetaDataAnnotation(&o.ObjectMeta, v1alpha1.PausedAnnotation, "true")
	}))
	w.pass()
	w.Expect(w.writes).To(BeEmpty())

	w.reconciler.Pool.Remove(client.ObjectKeyFromObject(anOrganization()))
	w.pass()
	w.Expect(shown(w.get().Common())).To(Equal(notReady))
	w.Expect(find(w.get().Common(), v1alpha1.ReadyCondition).Message).To(ContainSubstring("(Paused)"))

	w.connect(anOrganization(), organizationID)
	w.answer(done)
	w.pass()
	w.Expect(w.actuator.passes).To(Equal(1))
}

// Something else may hold an Organization that is being deleted for a long time.
func TestAnOrganizationThatIsBeingDeletedIsNotReady(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization(ready, func(o *v1alpha1.Organization) {
		o.Finalizers, o.DeletionTimestamp = []string{"example.org/other"}, new(metav1.NewTime(time.Unix(1700000000, 0)))
	}))
	w.pass()
	w.Expect(shown(w.get().Common())).To(Equal(notReady))
	w.Expect(find(w.get().Common(), v1alpha1.ReadyCondition).Message).To(ContainSubstring("(Deleting)"))
}

func TestASessionOfADeletedOrganizationIsNotUsed(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization(func(o *v1alpha1.Organization) { o.UID = "second-uid" }))
	first := anOrganization()
	w.connect(anOrganization(), organizationID)
	w.Expect(w.reconciler.Pool.Put(first, dialed, apiKey, organizationID)).To(Succeed())
	w.pass()
	w.Expect(w.actuator.passes).To(BeZero())
	w.Expect(shown(w.get().Common())).To(Equal(notReady))
}

func TestWhatWakesAnObject(t *testing.T) {
	g := NewWithT(t)
	wakes := func(change func(*v1alpha1.BulkUserImport)) bool {
		return relevant().Update(event.UpdateEvent{ObjectOld: anImport(), ObjectNew: anImport(change)})
	}
	g.Expect(wakes(func(o *v1alpha1.BulkUserImport) { o.Generation = 2 })).To(BeTrue())
	g.Expect(wakes(deleting)).To(BeTrue())
	for _, annotation := range []string{"paused", "reconcile-requested-at", "abandon", "resolve-submission", "allow-empty"} {
		g.Expect(wakes(annotated("jumpcloud-operator.io/"+annotation, "x"))).To(BeTrue(), annotation)
	}
	g.Expect(wakes(annotated("example.org/other", "x"))).To(BeFalse())
	g.Expect(wakes(func(o *v1alpha1.BulkUserImport) { setConditions(o.Common(), 1, done) })).To(BeFalse(), "our own status writes")
	g.Expect(wakes(finalized)).To(BeFalse())
	g.Expect(relevant().Create(event.CreateEvent{Object: anImport()})).To(BeTrue())
	g.Expect(relevant().Delete(event.DeleteEvent{Object: anImport()})).To(BeTrue())
}

func TestWhatOfAnOrganizationWakesItsMembers(t *testing.T) {
	g := NewWithT(t)
	wakes := func(change func(*v1alpha1.Organization)) bool {
		return organizationChanged().Update(event.UpdateEvent{ObjectOld: anOrganization(), ObjectNew: anOrganization(change)})
	}
	g.Expect(wakes(ready)).To(BeTrue())
	g.Expect(wakes(func(o *v1alpha1.Organization) { setConditions(o.Common(), 1, stalled) })).To(BeTrue())
	g.Expect(wakes(func(o *v1alpha1.Organization) { o.Generation = 2 })).To(BeTrue())
	g.Expect(wakes(func(o *v1alpha1.Organization) { o.Status.DisplayName = "Acme" })).To(BeFalse())
}

func TestOnlyVersionsOfTheSameObjectCompare(t *testing.T) {
	g := NewWithT(t)
	var k known
	object := func(uid types.UID, version string) client.Object {
		return anImport(func(o *v1alpha1.BulkUserImport) { o.UID, o.ResourceVersion = uid, version })
	}
	see := func(uid types.UID, version string) bool {
		stale, _ := k.saw(object(uid, version))
		return stale
	}
	g.Expect(see("a", "9")).To(BeFalse())
	k.wrote(object("a", "10"))
	g.Expect(see("a", "9")).To(BeTrue(), "9 is before 10, as numbers")
	g.Expect(see("a", "9")).To(BeTrue())
	g.Expect(see("a", "11")).To(BeFalse())
	g.Expect(see("a", "9")).To(BeFalse(), "the cache has caught up: nothing more is known")
	k.wrote(object("a", "12"))
	g.Expect(see("b", "3")).To(BeFalse())
	k.wrote(object("b", "opaque"))
	g.Expect(see("b", "4")).To(BeFalse(), "left to the precondition of the write")
}

func TestAStatusThatSomethingElseWroteWakesTheObject(t *testing.T) {
	g := NewWithT(t)
	var k known
	at := func(version string, change ...func(*v1alpha1.BulkUserImport)) *v1alpha1.BulkUserImport {
		return anImport(append(change, func(o *v1alpha1.BulkUserImport) { o.ResourceVersion = version })...)
	}
	said := func(o *v1alpha1.BulkUserImport) { setConditions(o.Common(), 1, done) }
	wakes := func(after *v1alpha1.BulkUserImport) bool {
		return k.overwritten().Update(event.UpdateEvent{ObjectOld: at("9"), ObjectNew: after})
	}
	g.Expect(wakes(at("10", said))).To(BeFalse(), "there was no pass yet, and there will be one")
	k.saw(at("9"))
	g.Expect(wakes(at("10", said))).To(BeTrue(), "we have written nothing")
	end := k.writing(at("9"))
	g.Expect(wakes(at("10", said))).To(BeFalse(), "it may be ours")
	k.wrote(at("10"))
	end()
	g.Expect(wakes(at("10", said))).To(BeFalse(), "it is ours")
	g.Expect(wakes(at("11", said))).To(BeTrue())
	k.saw(at("10"))
	g.Expect(wakes(at("10", said))).To(BeFalse(), "it still is ours")
	g.Expect(wakes(at("11", said))).To(BeTrue())
	g.Expect(wakes(at("11", annotated("example.org/other", "x")))).To(BeFalse())
	g.Expect(wakes(at("11", said, func(o *v1alpha1.BulkUserImport) { o.Generation = 2 }))).To(BeFalse(), "it is awake for its spec")
	k.writing(at("11"))()
	g.Expect(wakes(at("12", said))).To(BeTrue(), "our write failed")
	g.Expect(k.overwritten().Create(event.CreateEvent{Object: at("12")})).To(BeFalse())
}

func TestTheResyncIsTheOrganizations(t *testing.T) {
	g := NewWithT(t)
	organization := anOrganization()
	g.Expect(resyncInterval(&Pass[*v1alpha1.Organization]{Object: organization})).To(Equal(time.Hour))
	organization.Spec.ResyncInterval.Duration = 0
	g.Expect(resyncInterval(&Pass[*v1alpha1.Organization]{Object: organization})).To(Equal(defaultResync))
	g.Expect(resyncInterval(&Pass[*v1alpha1.BulkUserImport]{Object: anImport()})).To(Equal(defaultResync))
}
