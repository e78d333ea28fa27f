package pushendpoint_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// harmed counts the harm that the object did without an approval in the window.
func (w *world) harmed() int {
	n := 0
	for _, bucket := range w.Get().Status.Harmed {
		n += int(bucket.Harmful)
	}
	return n
}

// An administrator who deactivated a device had a reason.
func TestToReactivateWhatOthersDeactivatedIsHarm(t *testing.T) {
	story(t, func(w *world) {
		off := func() {
			w.Expect(w.Org.UpdatePushEndpoint(w.ada, w.phone, jumpcloudtest.PushEndpoint{"state": "inactive"})).To(BeTrue())
		}
		w.Rest()
		for n := range 3 {
			off()
			w.Resync()
			w.ExpectReady("True/UpToDate")
			w.Expect(w.live(w.phone)).To(Equal("Phone/active"))
			w.Expect(w.harmed()).To(Equal(n + 1))
		}
		off()
		w.Resync()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.live(w.phone)).To(Equal("Phone/inactive"))
	}, active)
}

func TestToGiveBackWhatTheObjectTookIsNoHarm(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Expect(w.Get().Status.Deactivated).To(BeTrue())
		w.Restart()
		w.Resync()
		w.Expect(w.Get().Status.Deactivated).To(BeTrue())
		w.Edit(active)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live(w.phone)).To(Equal("Phone/active"))
		w.Expect(w.harmed()).To(Equal(1))
		w.Expect(w.Get().Status.Deactivated).To(BeFalse())
	}, deactivated)
}

func TestADeletionMayAsk(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.Mode = v1alpha1.ModeApplyAfterApproval })
		w.Delete()
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.live(w.phone)).NotTo(BeEmpty())
		w.Edit(func(o *v1alpha1.PushEndpoint) { o.Spec.ApprovedPlan = o.Status.Plan.Hash })
		w.Rest()
		w.Expect(w.Gone()).To(BeTrue())
		w.Expect(w.live(w.phone)).To(BeEmpty())
	}, deletes)
}
