package user_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// attributes returns custom attributes from alternating names and values.
func attributes(pairs ...string) jumpcloudtest.User {
	var all []any
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, map[string]any{"name": pairs[i], "value": pairs[i+1]})
	}
	return jumpcloudtest.User{"attributes": all}
}

// JumpCloud replaces a list as a whole. What the console adds between the reading that shows
// drift and the correction is kept.
func TestAListIsReadRightBeforeItIsSent(t *testing.T) {
	desk := func(o *v1alpha1.User) { o.Spec.Attributes = []v1alpha1.CustomAttribute{{Name: "desk", Value: "1"}} }
	fleet(t, 2, func(w *world, keys []client.ObjectKey) {
		w.RestAll(keys...)
		<-time.After(enginetest.ResyncInterval / 2)
		w.inConsole("ada", attributes("desk", "9"))
		w.TurnTo(keys[1].Name)
		w.Request() // its reading, which the Users share, shows the drift
		w.RestAll(keys[1])
		w.inConsole("ada", attributes("desk", "9", "badge", "7"))
		w.TurnTo("ada")
		<-time.After(enginetest.ResyncInterval / 2)
		w.RestAll(keys[0])
		w.Expect(w.live("ada", "attributes")[0]).To(ConsistOf(
			HaveKeyWithValue("name", "badge"), And(HaveKeyWithValue("name", "desk"), HaveKeyWithValue("value", "1"))))
	}, desk)
}

// A correction that waited for a person is planned again from what is live then.
func TestAListThatWaitedIsReadAgain(t *testing.T) {
	story(t, func(w *world) {
		w.add("ada", attributes("desk", "9"))
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.inConsole("ada", attributes("desk", "9", "badge", "7"))
		w.Edit(func(o *v1alpha1.User) { o.Spec.ApprovedPlan = o.Status.Plan.Hash })
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live("ada", "attributes")[0]).To(ContainElement(HaveKeyWithValue("name", "badge")))
	}, func(o *v1alpha1.User) {
		o.Spec.Mode = v1alpha1.ModeApplyAfterApproval
		o.Spec.Attributes = []v1alpha1.CustomAttribute{{Name: "desk", Value: "1"}}
	})
}
