package e2e

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// JumpCloud replaces a list as a whole: if two jobs ran at the same time, the later one would
// undo what the earlier one added.
var _ = It("Two imports change attributes of one user one after another", Label("imports"), func() {
	w := newWorld(spec(), 3)
	w.newcomer("ada", nil)
	states := func(name string) {
		w.importOf(name, v1alpha1.BulkUserImportSpec{Users: []v1alpha1.UserRow{{
			Username: new("ada"), Email: new("ada@example.org"),
			UserAttributes: v1alpha1.UserAttributes{Attributes: []v1alpha1.CustomAttribute{{Name: name, Value: "7"}}},
		}}})
	}
	polls := results
	polls.Times = -1
	hold := w.sim.Hold(polls, jumpcloudtest.BeforeEffect)
	w.startOperator()

	states("badge")
	w.Eventually(hold.Arrived()).Should(Receive())
	states("desk")
	w.Eventually(func() []metav1.Condition { return get(w, &v1alpha1.BulkUserImport{}, "desk").Status.Conditions }).
		Should(ContainElement(HaveField("Message", ContainSubstring("BulkUserImport "+w.namespace+"/badge"))))
	w.Expect(w.sent("PATCH", "/bulk/users")).To(HaveLen(1))
	hold.Release()

	w.await("badge", v1alpha1.SucceededReason)
	w.await("desk", v1alpha1.SucceededReason)
	w.Expect(w.org.UserByUsername("ada")["attributes"]).To(ConsistOf(
		HaveKeyWithValue("name", "badge"), HaveKeyWithValue("name", "desk")))
})
