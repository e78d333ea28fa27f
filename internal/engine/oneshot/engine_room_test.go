package oneshot_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

// A run that cannot begin neither takes room in the window nor gives any back.
func TestARunThatCannotBeginTakesNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newEmails(4))
		w.Org.Generate(200)
		w.window(20, 20, 100)
		w.Expect(w.API.Create(t.Context(), configMap("identity", "hires-import-results-000", nil))).To(Succeed())
		writes := 0
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if _, ok := c.Object.(*v1alpha1.Organization); ok && c.Writes() {
				writes++
			}
			return do()
		}
		w.rest()
		w.ExpectReady("False/NameConflict")
		w.resyncs()
		w.ExpectReady("False/NameConflict")
		w.Expect(writes).To(BeZero())
	})
}

// Whatever becomes of the write that opens a run, each row is counted once.
func TestARunThatIsOpenedInVainIsCountedOnce(t *testing.T) {
	resource := schema.GroupResource{Resource: "bulkuserimports"}
	refused := apierrors.NewForbidden(resource, "hires", errors.New("a webhook says no"))
	conflict := apierrors.NewConflict(resource, "hires", errors.New("the write was repeated"))
	for name, c := range map[string]struct {
		stored bool
		answer error
	}{
		"refused":              {false, refused},
		"lost, and not stored": {false, apierrors.NewInternalError(errors.New("etcd"))},
		"lost, and stored":     {true, apierrors.NewTimeoutError("etcd", 0)},
		"repeated, and stored": {true, conflict},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, newEmails(4))
				w.Org.Generate(200)
				w.window(20, 20, 100)
				failed, most := 0, 5
				if c.stored {
					most = 1
				}
				w.OnCall = func(call enginetest.Call, do func() error) error {
					object, ok := call.Object.(*v1alpha1.BulkUserImport)
					if !ok || call.Verb != "status" || failed == most || object.Status.StartTime == nil {
						return do()
					}
					failed++
					if c.stored {
						_ = do()
					}
					return c.answer
				}
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(failed).To(Equal(most))
				w.Expect(w.changed(4)).To(Equal(4))
				w.expectCounted(4, 1)
			})
		})
	}
}

// Reservations without a limit were not counted: room that others have counted is not given
// back for them.
func TestALimitThatComesInTheMiddleGivesNothingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(4))
		w.batches(2)
		w.Until(w.sent(1))
		w.window(50, 20, 100)
		organization := w.Organization()
		hour := metav1.NewTime(time.Now().Truncate(time.Hour))
		organization.Status.Guard = &v1alpha1.GuardStatus{Harmed: []v1alpha1.HarmBucket{{Hour: hour, Created: 5}}}
		w.Expect(w.API.Status().Update(t.Context(), organization)).To(Succeed())
		w.source(hires(2)...)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.Org.CountUsers()).To(Equal(2))
		w.Expect(w.Counted().Created).To(Equal(5))
	})
}

// A suspension takes one token of the limiter, and its job takes none of its own.
func TestASuspensionTakesOneToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newLeavers(t, 1)
		w.source("username,email,state", member(1)+","+member(1)+"@example.org,Suspended")
		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits.RequestsPerSecond, o.Spec.Limits.Burst = 1, 1 })
		w.rest()
		w.ExpectReady("True/Succeeded")
		history := w.Sim.History()
		for i, request := range history {
			if request.Method == http.MethodPut {
				w.Expect(request.At.Sub(history[i-1].At)).To(BeNumerically("~", time.Second, 100*time.Millisecond))
			}
		}
		w.Expect(w.suspended()).To(Equal(1))
	})
}

// Changes that others counted stay counted, even if the limit is removed or set between the
// copy of the Organization that a run plans with and its reservation.
func TestALimitThatChangesBeforeTheReservation(t *testing.T) {
	for name, c := range map[string]struct{ copied, stored *int32 }{
		"removed": {new(int32(50)), nil}, "set": {nil, new(int32(50))},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(4))
				w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Guard.Window.MaxCreated = c.copied })
				organization := w.Organization()
				organization.Spec.Guard.Window.MaxCreated = c.stored
				w.Expect(w.API.Update(t.Context(), organization)).To(Succeed())
				w.others(amounts{created: 5})
				w.refuse(http.MethodPost, "/api/v2/bulk/users")
				w.rest()
				w.ExpectReady("False/SubmissionRejected")
				w.Expect(w.Counted().Created).To(Equal(5))
			})
		})
	}
}

// amounts are what other objects did.
type amounts struct{ harmful, created int32 }

// others adds to the window what other objects do now.
func (w *world) others(did amounts) {
	w.T.Helper()
	organization := w.Organization()
	if organization.Status.Guard == nil {
		organization.Status.Guard = &v1alpha1.GuardStatus{}
	}
	organization.Status.Guard.Harmed = append(organization.Status.Guard.Harmed, v1alpha1.HarmBucket{
		Hour: metav1.NewTime(time.Now().Truncate(time.Hour)), Harmful: did.harmful, Created: did.created,
	})
	w.Expect(w.API.Status().Update(w.T.Context(), organization)).To(Succeed())
}

// Room that the window has forgotten is not given back: that would be room of other objects.
func TestRoomThatIsForgottenIsNotGivenBack(t *testing.T) {
	for name, lines := range map[string][]string{"creations": hires(4), "harm": newEmails(4)[:5]} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", name, restart), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWindow(t, lines, 20, 20, 100)
					w.batches(2)
					w.Until(w.sent(1))
					w.pause(30 * time.Hour)
					w.others(amounts{5, 5})
					if restart {
						w.Restart()
					}
					w.rest()
					w.ExpectReady("True/Succeeded")
					want := enginetest.Count{Harmful: 5, Created: 5 + 2}
					if name == "harm" {
						want = enginetest.Count{Harmful: 5 + 2, Created: 5}
					}
					w.Expect(w.Counted()).To(Equal(want))
				})
			})
		}
	}
}
