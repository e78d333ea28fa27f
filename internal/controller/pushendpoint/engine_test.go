package pushendpoint_test

import (
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestAnEndpointIsAdoptedByName(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Sent()).To(BeEmpty(), "what the spec does not state is not managed")
		status := w.Get().Status
		w.Expect(status.ID).To(Equal(w.phone))
		w.Expect(status.UserID).To(Equal(w.ada))
		w.Expect(status.State).To(Equal("Active"))
		w.Expect(*status.Device).To(Equal(v1alpha1.PushDeviceStatus{Make: "Acme", Model: "One", OS: "iOS", OSVersion: "18.1", AppVersion: "2.0.0"}))
		w.Expect(status.EnrollmentDate).NotTo(BeNil())
		w.Expect(status.LastUsedDate.UTC().Format("2006-01-02T15:04")).To(Equal("2026-05-01T08:00"))
		w.Expect(w.Finalized()).To(BeFalse(), "a deletion has nothing to do at JumpCloud")
	})
}

func TestAResyncCostsOneRead(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Expect(w.costOfResync()).To(Equal([]string{"/api/v2/users/" + w.ada + "/pushendpoints/" + w.phone}))
		w.use("2026-05-01T20:00:00.000Z")
		w.Expect(w.costOfResync()).To(HaveLen(1), "to be used is no reason to write")
		w.Restart()
		w.Expect(w.costOfResync()).To(HaveLen(1))

		w.use("2026-05-02T08:00:00.000Z")
		w.Resync()
		w.Expect(w.Get().Status.LastUsedDate.UTC().Format("2006-01-02")).To(Equal("2026-05-02"))
	}, renamedTo("Phone"), active)
}

func TestAnEndpointIsRenamedAndDeactivatedInOneCall(t *testing.T) {
	for name, reference := range map[string]func(*world){
		"by name": func(*world) {},
		"by id":   func(w *world) { w.Edit(func(o *v1alpha1.PushEndpoint) { byID(w.phone)(o) }) },
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				reference(w)
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.Expect(w.Sent()).To(Equal([]string{http.MethodPatch}))
				w.Expect(w.Sim.MutatingRequests()[0].Body).To(MatchJSON(`{"name":"Ada's phone","state":"inactive"}`))
				w.Expect(w.Get().Status.State).To(Equal("Inactive"))
				w.Expect(w.Message()).To(ContainSubstring("Ada's phone"))
				w.Expect(w.costOfResync()).To(HaveLen(1), "it is known by its id now")
			}, renamed, deactivated)
		})
	}
}

func TestOnlyWhatDiffersIsSent(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Expect(w.Sim.MutatingRequests()).To(HaveLen(1))
		w.Expect(w.Sim.MutatingRequests()[0].Body).To(MatchJSON(`{"name":"Ada's phone"}`))
		w.Edit(deactivated)
		w.Rest()
		w.Expect(w.live(w.phone)).To(Equal("Ada's phone/inactive"))
		w.Edit(active)
		w.Rest()
		w.Expect(w.live(w.phone)).To(Equal("Ada's phone/active"))
		w.Expect(w.Sim.MutatingRequests()[2].Body).To(MatchJSON(`{"state":"active"}`))
	}, renamed, active)
}

// It is unknown whether the list shows inactive endpoints.
func TestAnInactiveEndpointIsFoundThoughTheListHidesIt(t *testing.T) {
	story(t, func(w *world) {
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.HideInactivePushEndpoints = true })
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Edit(active)
		w.Rest()
		w.Expect(w.live(w.phone)).To(Equal("Phone/active"))
	}, deactivated)
}

func TestDriftIsCorrected(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Expect(w.Org.UpdatePushEndpoint(w.ada, w.phone, jumpcloudtest.PushEndpoint{"name": "Phone", "state": "active"})).To(BeTrue())
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live(w.phone)).To(Equal("Ada's phone/inactive"))
		w.Expect(w.Events).To(ContainElement(HavePrefix("DriftCorrected: ")))
	}, renamed, deactivated)
}

func TestAnAmbiguousNameIsRefused(t *testing.T) {
	story(t, func(w *world) {
		other := w.enroll("Phone")
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(And(ContainSubstring(w.phone), ContainSubstring(other), ContainSubstring("spec.endpoint.id")))
		w.Expect(w.Sent()).To(BeEmpty())
		w.Expect(w.Get().Status.ID).To(BeEmpty())

		w.Expect(w.Org.UpdatePushEndpoint(w.ada, other, jumpcloudtest.PushEndpoint{"name": "Old phone"})).To(BeTrue())
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Status.ID).To(Equal(w.phone))

		w.enroll("Phone")
		w.Resync()
		w.ExpectReady("True/UpToDate") // its id is known
	}, deactivated)
}

func TestAnEndpointThatIsNotThereIsWaitedFor(t *testing.T) {
	story(t, func(w *world) {
		w.Org.RemovePushEndpoint(w.ada, w.phone)
		w.Rest()
		w.ExpectReady("False/RemoteNotFound")
		w.Expect(w.Message()).To(ContainSubstring("there are: none"))
		w.Expect(w.Condition(v1alpha1.StalledCondition).Reason).To(Equal(v1alpha1.RemoteNotFoundReason))
		w.Expect(w.Get().Status.ObservedGeneration).To(Equal(w.Get().Generation))

		tablet := w.enroll("Tablet")
		w.Resync()
		w.ExpectReady("False/RemoteNotFound")
		w.Expect(w.Message()).To(ContainSubstring(tablet))

		phone := w.enroll("Phone")
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Status.ID).To(Equal(phone))
	})
}

func TestAnEndpointThatVanished(t *testing.T) {
	t.Run("and was known by name may come back as another one", func(t *testing.T) {
		story(t, func(w *world) {
			w.Rest()
			w.Org.RemovePushEndpoint(w.ada, w.phone)
			w.Resync()
			w.ExpectReady("False/RemoteNotFound")
			phone := w.enroll("Phone")
			w.Resync()
			w.ExpectReady("True/UpToDate")
			w.Expect(w.Get().Status.ID).To(Equal(phone))
			w.Expect(w.live(phone)).To(Equal("Phone/inactive"))
		}, deactivated)
	})
	t.Run("and was known by id does not, whatever it is called", func(t *testing.T) {
		story(t, func(w *world) {
			w.Edit(byID(w.phone))
			w.Rest()
			w.Org.RemovePushEndpoint(w.ada, w.phone)
			w.enroll("Ada's phone")
			w.Resync()
			w.ExpectReady("False/RemoteNotFound")
			w.Expect(w.Message()).To(ContainSubstring(w.phone))
		}, renamed)
	})
	t.Run("while it was to be changed", func(t *testing.T) {
		story(t, func(w *world) {
			w.OnCall = onMethod(http.MethodPatch, func() { w.Org.RemovePushEndpoint(w.ada, w.phone) })
			w.Rest()
			w.ExpectReady("False/RemoteNotFound")
			w.Expect(w.Events).NotTo(ContainElement(HavePrefix("ProgressingWithRetry")), "nothing failed")
		}, deactivated)
	})
	t.Run("with its user, while it is looked for", func(t *testing.T) {
		story(t, func(w *world) {
			w.OnCall = func(c enginetest.Call, do func() error) error {
				if strings.HasSuffix(c.Path, "/pushendpoints") {
					w.Org.DeleteUser(w.ada)
				}
				return do()
			}
			w.Rest()
			w.ExpectReady("False/RemoteNotFound")
			w.Resync()
			w.ExpectReady("False/UsersNotFound")
		})
	})
}

func TestAUserWhoIsNotThereYetIsWaitedFor(t *testing.T) {
	story(t, func(w *world) {
		w.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.User.Username = "chas" })
		w.Rest()
		w.ExpectReady("False/UsersNotFound")
		w.Expect(w.Message()).To(ContainSubstring("chas"))
		w.Expect(w.Condition(v1alpha1.ReconcilingCondition).Reason).To(Equal(v1alpha1.UsersNotFoundReason))

		w.ada = w.Org.AddUser(jumpcloudtest.User{"username": "chas", "email": "chas@example.org"})
		w.Resync()
		w.ExpectReady("False/RemoteNotFound")
		w.enroll("Phone")
		w.Resync()
		w.ExpectReady("True/UpToDate")
	})
}

func TestAUserMayBeNamedByEmailOrID(t *testing.T) {
	for name, reference := range map[string]func(*world) v1alpha1.UserReference{
		"email": func(*world) v1alpha1.UserReference { return v1alpha1.UserReference{Email: "Ada@Example.org"} },
		"id":    func(w *world) v1alpha1.UserReference { return v1alpha1.UserReference{ID: w.ada} },
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.User = reference(w) })
				w.Rest()
				w.ExpectReady("True/UpToDate")
			})
		})
	}
}

func TestJumpCloudKeepsAnotherName(t *testing.T) {
	story(t, func(w *world) {
		w.Sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodPatch}, Status: http.StatusOK,
			Body: `{"id":"` + w.phone + `","name":"Phone","state":"active"}`,
		})
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(And(ContainSubstring(`"Ada's phone"`), ContainSubstring(`kept "Phone"`), ContainSubstring("spec.name")))
		w.Expect(w.Sent()).To(HaveLen(1), "it would keep it again")
	}, renamed)
}

func TestJumpCloudRefusesAChange(t *testing.T) {
	story(t, func(w *world) {
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPatch}, Status: http.StatusBadRequest})
		w.Rest()
		w.ExpectReady("False/SubmissionRejected")
		w.Expect(w.Sent()).To(HaveLen(1))
		w.Sim.RemoveFaults()
		w.Resync()
		w.ExpectReady("True/UpToDate")
	}, renamed)
}
