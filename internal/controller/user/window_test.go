package user_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// creating bounds how many users the Organization may create in the window, in jobs of five.
func (w *world) creating(most int32) {
	w.T.Helper()
	w.EditOrganization(func(o *v1alpha1.Organization) {
		o.Spec.Limits.BulkBatchSize, o.Spec.Guard.Window.MaxCreated = 5, &most
	})
}

// windowWrites counts the writes of the Organization's window from now on.
func (w *world) windowWrites() (writes *int) {
	writes = new(int)
	w.OnCall = func(c enginetest.Call, do func() error) error {
		if _, ok := c.Object.(*v1alpha1.Organization); ok && c.Writes() {
			*writes++
		}
		return do()
	}
	return writes
}

func TestAJobTakesRoomForItsCreationsInOneWrite(t *testing.T) {
	fleet(t, 12, func(w *world, keys []client.ObjectKey) {
		w.creating(100)
		writes := w.windowWrites()
		w.restAll(keys)
		w.Expect(w.ready(keys)).To(Equal(all(12, "True/UpToDate")))
		w.Expect(w.jobs(http.MethodPost)).To(Equal([]int{5, 5, 2}))
		w.Expect(w.Counted().Created).To(Equal(12))
		w.Expect(*writes).To(Equal(3), "one for each job")
	})
}

func TestTheWindowBoundsCreations(t *testing.T) {
	fleet(t, 12, func(w *world, keys []client.ObjectKey) {
		w.creating(7)
		w.restAll(keys)
		w.Expect(w.ready(keys)).To(Equal(map[string]int{"True/UpToDate": 7, "False/ApprovalRequired": 5}))
		w.Expect(w.Org.Users()).To(HaveLen(7))
		w.Expect(w.Counted().Created).To(Equal(7))
		withheld := w.waiting(keys)
		w.TurnTo(withheld[0].Name)
		w.Expect(w.Get().Status.Creating).To(BeNil(), "nothing was sent")
		writes := w.counting()
		w.Sim.ForgetHistory()
		w.restAll(keys)
		w.Expect(*writes).To(BeZero())
		w.Expect(w.Sent()).To(BeEmpty())
		for _, key := range withheld {
			w.TurnTo(key.Name)
			w.Edit(func(o *v1alpha1.User) { o.Spec.ApprovedPlan = o.Status.Plan.Hash })
		}
		w.restAll(keys)
		w.Expect(w.ready(keys)).To(Equal(all(12, "True/UpToDate")))
		w.Expect(w.Counted().Created).To(Equal(7), "what was approved does not count")
	})
}

// waiting returns the Users that wait for an approval.
func (w *world) waiting(keys []client.ObjectKey) (waiting []client.ObjectKey) {
	w.T.Helper()
	for _, key := range keys {
		w.TurnTo(key.Name)
		if w.Condition(v1alpha1.ReadyCondition).Reason == v1alpha1.ApprovalRequiredReason {
			waiting = append(waiting, key)
		}
	}
	w.TurnTo(keys[0].Name)
	return waiting
}

// A creation that JumpCloud refuses takes no room, however often it is tried.
func TestARefusedCreationTakesNoRoom(t *testing.T) {
	fleet(t, 4, func(w *world, keys []client.ObjectKey) {
		w.creating(4)
		w.Sim.Script(jumpcloudtest.Fault{
			Match:  jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users", Body: "u00002", Times: -1},
			Status: http.StatusBadRequest, Body: `{"message":"no"}`,
		})
		for range 3 {
			w.restAll(keys)
			w.Expect(w.ready(keys)).To(Equal(map[string]int{"True/UpToDate": 3, "False/SubmissionRejected": 1}))
			w.Expect(w.Counted().Created).To(Equal(3))
			w.Resync()
		}
	})
}

// A creation that is taken out of its job before the job is sent is not counted.
func TestACreationThatIsTakenOutTakesNoRoom(t *testing.T) {
	story(t, func(w *world) {
		w.creating(4)
		w.Until(func() bool { return w.Condition(v1alpha1.ReconcilingCondition).Reason == v1alpha1.JobRunningReason })
		w.Annotate(v1alpha1.PausedAnnotation, "true")
		w.Rest()
		w.Expect(w.Sent()).To(BeEmpty())
		w.Expect(w.Counted().Created).To(BeZero())
	})
}
