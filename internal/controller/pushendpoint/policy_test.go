package pushendpoint_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestPlanSendsNothing(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("True/Planned")
		w.Expect(w.Sent()).To(BeEmpty())
		w.Expect(w.Finalized()).To(BeFalse())
		plan := w.Get().Status.Plan
		w.Expect(plan.Hash).NotTo(BeEmpty())
		w.Expect(plan.Changes).To(Equal([]v1alpha1.PlannedChange{{
			Action: v1alpha1.ChangeUpdate, Subject: "Phone", Fields: []string{"name", "state"}, Harmful: true, Withheld: true,
		}}))
		w.Expect(w.costOfResync()).To(HaveLen(1))

		w.Org.UpdateUser(w.ada, jumpcloudtest.User{"username": "ada.byron"})
		w.Resync()
		w.ExpectReady("False/UsersNotFound")
		w.Expect(w.Get().Status.Plan).To(BeNil(), "nobody is to approve what is not planned any more")
		w.Org.UpdateUser(w.ada, jumpcloudtest.User{"username": "ada"})
		w.Resync()
		w.ExpectReady("True/Planned")

		w.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.Mode = v1alpha1.ModeApply })
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Status.Plan).To(BeNil())
		w.Expect(w.live(w.phone)).To(Equal("Ada's phone/inactive"))
	}, planned, renamed, deactivated, deletes)
}

func TestAnOrganizationInModePlanSendsNothing(t *testing.T) {
	story(t, func(w *world) {
		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModePlan })
		w.Rest()
		w.ExpectReady("False/PlanOnly")
		w.Expect(w.Sent()).To(BeEmpty())
		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModeApply })
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Sent()).To(HaveLen(1))
	}, renamed)
}

func TestNothingIsSentWhilePaused(t *testing.T) {
	story(t, func(w *world) {
		w.Annotate(v1alpha1.PausedAnnotation, "true")
		w.Rest()
		w.Expect(w.Condition(v1alpha1.PausedCondition).Message).To(ContainSubstring("1 change waits"))
		w.Delete()
		w.Rest()
		w.Expect(w.Sent()).To(BeEmpty())
		w.Expect(w.Gone()).To(BeFalse())
		w.Annotate(v1alpha1.PausedAnnotation, "false")
		w.Rest()
		w.Expect(w.Gone()).To(BeTrue())
		w.Expect(w.Sent()).To(Equal([]string{http.MethodDelete}))
	}, deactivated, deletes)
}

func TestAProtectedUserIsLeftAlone(t *testing.T) {
	for name, protect := range map[string]func(*world){
		"administrator": func(w *world) {
			w.Org.UpdateUser(w.ada, jumpcloudtest.User{"admin": "65f1c0ffee65f1c0ffee0001"})
		},
		"by the Organization": func(w *world) {
			w.EditOrganization(func(o *v1alpha1.Organization) {
				o.Spec.ProtectedUsers = []v1alpha1.UserReference{{Email: "ADA@example.org"}}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				protect(w)
				w.Rest()
				w.ExpectReady("False/ProtectedUser")
				w.Expect(w.Message()).To(And(ContainSubstring("User ada"), ContainSubstring("name, state")))
				w.Expect(w.Get().Status.ID).To(Equal(w.phone), "it is read all the same")

				w.Org.UpdatePushEndpoint(w.ada, w.phone, jumpcloudtest.PushEndpoint{"name": "Ada's phone", "state": "inactive"})
				w.Resync()
				w.ExpectReady("True/UpToDate") // what equals the spec is fine

				w.Delete()
				w.Rest()
				w.ExpectReady("False/ProtectedUser")
				w.Expect(w.Message()).To(ContainSubstring("deletionPolicy"))
				w.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.DeletionPolicy = v1alpha1.DeletionPolicyRetain })
				w.Rest()
				w.Expect(w.Gone()).To(BeTrue())
				w.Expect(w.Sent()).To(BeEmpty())
			}, renamed, deactivated, deletes)
		})
	}
}

func TestDeletion(t *testing.T) {
	for name, c := range map[string]struct {
		changes []func(*v1alpha1.PushEndpoint)
		// before runs before the deletion.
		before func(*world)
		sent   []string
	}{
		"retains where nothing is said": {},
		"deletes":                       {changes: []func(*v1alpha1.PushEndpoint){deletes}, sent: []string{http.MethodDelete}},
		"deletes what was renamed":      {changes: []func(*v1alpha1.PushEndpoint){deletes, renamed}, sent: []string{http.MethodPatch, http.MethodDelete}},
		"retains where that was changed to": {
			changes: []func(*v1alpha1.PushEndpoint){deletes},
			before: func(w *world) {
				w.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.DeletionPolicy = v1alpha1.DeletionPolicyRetain })
			},
		},
		"deletes where that was changed to, and seen": {
			before: func(w *world) { w.Edit(deletes); w.Rest() },
			sent:   []string{http.MethodDelete},
		},
		"retains in mode Plan": {changes: []func(*v1alpha1.PushEndpoint){deletes}, before: func(w *world) { w.Edit(planned) }},
		"retains where the Organization only plans": {
			changes: []func(*v1alpha1.PushEndpoint){deletes},
			before: func(w *world) {
				w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModePlan })
			},
		},
		"sends nothing where it is abandoned": {
			changes: []func(*v1alpha1.PushEndpoint){deletes},
			before:  func(w *world) { w.Annotate(v1alpha1.AbandonAnnotation, "true") },
		},
		"takes a 404 for gone": {
			changes: []func(*v1alpha1.PushEndpoint){deletes}, sent: []string{http.MethodDelete},
			before: func(w *world) {
				w.OnCall = onMethod(http.MethodDelete, func() { w.Org.RemovePushEndpoint(w.ada, w.phone) })
			},
		},
		"finds it gone": {
			changes: []func(*v1alpha1.PushEndpoint){deletes},
			before:  func(w *world) { w.Org.RemovePushEndpoint(w.ada, w.phone) },
		},
		"leaves another one alone that bears the name by now": {
			changes: []func(*v1alpha1.PushEndpoint){deletes},
			before: func(w *world) {
				w.Org.RemovePushEndpoint(w.ada, w.phone)
				w.enroll("Phone")
			},
		},
		"and one that bears it besides": {
			changes: []func(*v1alpha1.PushEndpoint){deletes}, sent: []string{http.MethodDelete},
			before: func(w *world) { w.enroll("Phone") },
		},
		"finds the user gone": {
			changes: []func(*v1alpha1.PushEndpoint){deletes},
			before:  func(w *world) { w.Org.DeleteUser(w.ada) },
		},
		"finds the user under another name": {
			changes: []func(*v1alpha1.PushEndpoint){deletes}, sent: []string{http.MethodDelete},
			before: func(w *world) { w.Org.UpdateUser(w.ada, jumpcloudtest.User{"username": "ada.byron"}) },
		},
		"goes on though an answer is lost": {
			changes: []func(*v1alpha1.PushEndpoint){deletes}, sent: []string{http.MethodDelete},
			before: func(w *world) { w.Lose(http.MethodDelete, "", true) },
		},
		"goes on though a request is lost": {
			changes: []func(*v1alpha1.PushEndpoint){deletes}, sent: []string{http.MethodDelete, http.MethodDelete},
			before: func(w *world) { w.Lose(http.MethodDelete, "", false) },
		},
		"goes on once the directory can be read": {
			changes: []func(*v1alpha1.PushEndpoint){deletes}, sent: []string{http.MethodDelete},
			before: func(w *world) {
				for _, path := range []string{"/api/systemusers", "/api/search/systemusers"} {
					w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Path: path, Times: 5}, Status: http.StatusBadGateway})
				}
			},
		},
		"finds it by name where the status was lost, and not another one that comes to bear the name": {
			changes: []func(*v1alpha1.PushEndpoint){deletes}, sent: []string{http.MethodDelete},
			before: func(w *world) {
				w.loseStatus()
				w.OnCall = func(c enginetest.Call, do func() error) error {
					err := do()
					if c.Verb == http.MethodDelete && len(w.Sent()) == 1 {
						w.enroll("Phone")
					}
					return err
				}
			},
		},
		"finds it by name where the status was lost": {
			changes: []func(*v1alpha1.PushEndpoint){deletes}, sent: []string{http.MethodDelete},
			before: func(w *world) { w.loseStatus() },
		},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.Rest()
				<-time.After(time.Minute)
				if c.before != nil {
					c.before(w)
				}
				w.Delete()
				if w.Gone() {
					w.Expect(c.sent).To(BeEmpty())
					return
				}
				w.Until(w.Gone)
				w.Expect(append([]string{}, w.Sent()...)).To(Equal(append([]string{}, c.sent...)))
				if len(c.sent) > 0 {
					w.Expect(w.live(w.phone)).To(BeEmpty())
				}
				if len(c.sent) < 2 {
					w.Expect(w.Events).NotTo(ContainElement(HavePrefix("ProgressingWithRetry")))
				}
			}, c.changes...)
		})
	}
}

func TestTheFinalizerGoesWithThePolicy(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Expect(w.Finalized()).To(BeTrue())
		w.Org.RemovePushEndpoint(w.ada, w.phone)
		w.Resync()
		w.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.DeletionPolicy = v1alpha1.DeletionPolicyRetain })
		w.Rest()
		w.ExpectReady("False/RemoteNotFound")
		w.Expect(w.Finalized()).To(BeFalse())
	}, deletes)
}

func TestDeletionOfAnAmbiguousNameWithoutAStatus(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.loseStatus()
		w.enroll("Phone")
		w.Delete()
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Sent()).To(BeEmpty(), "nobody knows which one is meant")
		w.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.DeletionPolicy = v1alpha1.DeletionPolicyRetain })
		w.Until(w.Gone)
		w.Expect(w.Sent()).To(BeEmpty())
	}, deletes)
}

func TestDeletionWithoutAnOrganization(t *testing.T) {
	t.Run("waits where the endpoint is to be deleted", func(t *testing.T) {
		story(t, func(w *world) {
			w.Rest()
			w.deleteOrganization()
			w.Delete()
			w.Rest()
			w.ExpectReady("False/OrganizationNotReady")
			w.Expect(w.Gone()).To(BeFalse())
			w.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.DeletionPolicy = v1alpha1.DeletionPolicyRetain })
			w.Until(w.Gone)
			w.Expect(w.Sent()).To(BeEmpty())
		}, deletes)
	})
	t.Run("does not wait where it is retained", func(t *testing.T) {
		story(t, func(w *world) {
			w.Rest()
			w.deleteOrganization()
			w.Delete()
			w.Expect(w.Gone()).To(BeTrue())
		})
	})
}

func TestOfTwoObjectsForOneEndpointTheOlderOwnsIt(t *testing.T) {
	same := func(*v1alpha1.PushEndpoint) {}
	byEmail := func(o *v1alpha1.PushEndpoint) { o.Spec.User = v1alpha1.UserReference{Email: "ada@example.org"} }
	for name, refer := range map[string]func(*v1alpha1.PushEndpoint){"named alike": same, "named otherwise": byEmail} {
		t.Run(name, func(t *testing.T) {
			younger := object("younger", 1, deactivated, deletes, refer)
			storyWith(t, []client.Object{younger}, func(w *world) {
				w.Rest()
				w.TurnTo("younger")
				w.Rest()
				w.ExpectReady("False/RemoteConflict")
				w.Expect(w.Message()).To(ContainSubstring("identity/phone"))
				w.Expect(w.Sent()).To(BeEmpty())

				w.Delete()
				w.Expect(w.Gone()).To(BeTrue(), "the endpoint is the older one's")
			}, active)
			storyWith(t, []client.Object{object("younger", 1, deactivated, refer)}, func(w *world) {
				w.Rest()
				w.Delete()
				w.TurnTo("younger")
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.Expect(w.live(w.phone)).To(Equal("Phone/inactive"))
			})
		})
	}
}

// A process may die before or after any mutating call.
func TestAProcessMayDieAtAnyCall(t *testing.T) {
	for n, died := 0, true; died; n++ {
		died = false
		for _, when := range []string{"before", "after"} {
			t.Run(fmt.Sprintf("%s call %d", when, n), func(t *testing.T) {
				story(t, func(w *world) {
					w.DieAt(n, when == "after", &died)
					w.Rest()
					w.ExpectReady("True/UpToDate")
					w.Expect(w.live(w.phone)).To(Equal("Ada's phone/inactive"))
					w.Expect(w.Finalized()).To(BeTrue())
					w.Delete()
					w.Until(w.Gone)
					w.Expect(w.live(w.phone)).To(BeEmpty())
					w.Expect(len(w.Sent())).To(BeNumerically("<=", 3))
				}, renamed, deactivated, deletes)
			})
		}
	}
}

func TestLostAnswers(t *testing.T) {
	t.Run("of a change that was made", func(t *testing.T) {
		story(t, func(w *world) {
			w.Lose(http.MethodPatch, "", true)
			w.Rest()
			w.ExpectReady("True/UpToDate")
			w.Expect(w.live(w.phone)).To(Equal("Ada's phone/active"))
			w.Expect(w.Sent()).To(HaveLen(1))
		}, renamed)
	})
	t.Run("of a change that was not made", func(t *testing.T) {
		story(t, func(w *world) {
			w.Lose(http.MethodPatch, "", false)
			w.Rest()
			w.ExpectReady("True/UpToDate")
			w.Expect(w.live(w.phone)).To(Equal("Ada's phone/active"))
			w.Expect(w.Sent()).To(HaveLen(2))
		}, renamed)
	})
	t.Run("and the status with them", func(t *testing.T) {
		story(t, func(w *world) {
			w.Lose(http.MethodPatch, "", true)
			w.Until(func() bool { return len(w.Sent()) == 1 })
			w.loseStatus()
			w.Restart()
			w.Rest()
			w.ExpectReady("True/UpToDate")
			w.Expect(w.Get().Status.ID).To(Equal(w.phone), "it bears the new name")
			w.Expect(w.Sent()).To(HaveLen(1))
		}, renamed)
	})
}

// What is known of an endpoint is stored before the endpoint is changed, even if somebody
// edits the object during the pass.
func TestTheIDIsStoredBeforeTheFirstChange(t *testing.T) {
	story(t, func(w *world) {
		var edited bool
		var stored []string
		w.OnCall = func(c enginetest.Call, do func() error) error {
			switch {
			case c.Verb == "status" && !edited:
				edited = true
				w.Annotate("example.org/note", "edited")
			case c.Verb == http.MethodPatch:
				stored = append(stored, w.Get().Status.ID)
			}
			return do()
		}
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(stored).To(Equal([]string{w.phone}))
	}, renamed)
}

// The younger of two objects deletes nothing that the older one has, even if the younger one's
// status was lost.
func TestTheYoungerDeletesNothingThoughItsStatusWasLost(t *testing.T) {
	younger := object("younger", 1, deletes)
	younger.Finalizers = []string{v1alpha1.Finalizer}
	storyWith(t, []client.Object{younger}, func(w *world) {
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.TurnTo("younger")
		w.Delete()
		w.Until(w.Gone)
		w.Expect(w.Sent()).To(BeEmpty())
	})
}
