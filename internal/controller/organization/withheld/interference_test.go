package withheld

import (
	"errors"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

var errLost = errors.New("the answer is lost")

// replan gives a group another plan.
func (w *world) replan(name string, change func(*v1alpha1.ChangePlan)) {
	w.t.Helper()
	g := &v1alpha1.UserGroup{}
	w.Expect(w.api.Get(w.t.Context(), types.NamespacedName{Namespace: "staff", Name: name}, g)).To(Succeed())
	change(g.Status.Plan)
	w.Expect(w.api.Status().Update(w.t.Context(), g)).To(Succeed())
}

// released is a world in which an approval is about to release what waits.
func released(t *testing.T, by string) *world {
	t.Helper()
	w := newWorld(t, group("a", "acme", byWindow), group("b", "acme", byWindow))
	w.pass()
	hash := w.organization().Status.Withheld.Hash
	if by == "spec" {
		w.edit(func(o *v1alpha1.Organization) { o.Spec.ApprovedPlan = hash })
	} else {
		w.Expect(w.api.Create(t.Context(), planApproval("mine", hash))).To(Succeed())
	}
	return w
}

// Whatever happens at the write that releases, the end is as if it had happened before:
// nothing is released that an approval does not name, and writes of others stay.
func TestSomethingHappensAtTheRelease(t *testing.T) {
	for title, happens := range map[string]func(w *world, by string){
		"nothing": func(*world, string) {},
		"the approval is withdrawn": func(w *world, by string) {
			if by == "spec" {
				w.edit(func(o *v1alpha1.Organization) { o.Spec.ApprovedPlan = "" })
			} else {
				w.Expect(w.api.Delete(w.t.Context(), planApproval("mine", ""))).To(Succeed())
			}
		},
		"the guard counts": func(w *world, _ string) {
			o := w.organization()
			o.Status.Guard = &v1alpha1.GuardStatus{Harmed: []v1alpha1.HarmBucket{{Hour: metav1.Unix(1700000000, 0), Harmful: 4}}}
			w.Expect(w.api.Status().Update(w.t.Context(), o)).To(Succeed())
		},
		"another replica was first": func(w *world, _ string) {
			other := &Reconciler{Client: w.api, Events: w.events, Kinds: w.reconciler.Kinds, Schemas: w.reconciler.Schemas}
			_, err := other.Reconcile(w.t.Context(), reconcile.Request{NamespacedName: acmeKey})
			w.Expect(err).NotTo(HaveOccurred())
		},
	} {
		for _, by := range []string{"spec", "PlanApproval"} {
			for _, at := range []struct{ after, lost bool }{{false, false}, {false, true}, {true, false}, {true, true}} {
				t.Run(fmt.Sprintf("%s, by %s, after %v, lost %v", title, by, at.after, at.lost), func(t *testing.T) {
					quiet := released(t, by)
					happens(quiet, by)
					quiet.pass()

					w := released(t, by)
					reached := false
					w.atWrite = func(do func() error) error {
						w.atWrite, reached = nil, true
						if !at.after {
							happens(w, by)
						}
						err := do()
						if at.after {
							happens(w, by)
						}
						if at.lost {
							return errLost
						}
						return err
					}
					_, _ = w.reconciler.Reconcile(t.Context(), reconcile.Request{NamespacedName: acmeKey})
					w.Expect(reached).To(BeTrue())
					w.pass()
					w.Expect(w.organization().Status).To(Equal(quiet.organization().Status))
					writes := w.writes
					w.pass()
					w.Expect(w.writes).To(Equal(writes), "at rest nothing is written")
				})
			}
		}
	}
}

// A plan that changes while its release is written is not released: the release names the
// plans as they were, and the new plan waits.
func TestAPlanMovesAtTheRelease(t *testing.T) {
	for _, after := range []bool{false, true} {
		w := released(t, "spec")
		hash := w.organization().Status.Withheld.Hash
		w.atWrite = func(do func() error) error {
			w.atWrite = nil
			move := func() {
				w.replan("b", func(p *v1alpha1.ChangePlan) { p.Hash, p.Harmful = "sha256:more", 20 })
			}
			if after {
				defer move()
			} else {
				move()
			}
			return do()
		}
		w.pass()
		w.pass()
		status := w.organization().Status
		w.Expect(status.Released.Hash).To(Equal(hash))
		w.Expect(status.Withheld.Objects).To(ConsistOf(HaveField("Hash", "sha256:more")), "the new plan waits")
		for _, plan := range []struct {
			name, hash string
			released   bool
		}{{"a", "sha256:a", true}, {"b", "sha256:b", true}, {"b", "sha256:more", false}} {
			is := approval.ReleasedIn(status.Released, "UserGroup", "staff", plan.name, types.UID(plan.name))
			w.Expect(is(plan.hash)).To(Equal(plan.released), "%v", plan)
		}
	}
}
