package user_test

import (
	"fmt"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// related declares everything that a create may refuse.
func related(o *v1alpha1.User) {
	o.Spec.Relationships = []v1alpha1.Relationship{{Type: "mentor", Value: "7"}}
	o.Spec.MFA = &v1alpha1.MFA{Exclusion: new(true)}
	o.Spec.EnableUserPortalMultifactor = new(true)
}

// refuses makes JumpCloud refuse creates because of what can be left out.
func (w *world) refuses(refusal jumpcloudtest.CreateRefusal) {
	w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.CreateRefuses = refusal })
}

// expectRelated expects the user as declared, and nobody else.
func (w *world) expectRelated() {
	w.T.Helper()
	w.ExpectReady("True/UpToDate")
	w.Expect(w.Org.Users()).To(HaveLen(1), "no user is made twice")
	w.Expect(fmt.Sprint(w.live("ada", "relationships", "enable_user_portal_multifactor"))).To(Equal("[[map[type:mentor value:7]] true]"))
	w.Expect(w.live("ada", "mfa")[0]).To(HaveKeyWithValue("exclusion", true))
	w.Expect(w.Get().Status.Omitted).To(BeEmpty())
}

func TestWhatACreateRefusesIsSentAfterwards(t *testing.T) {
	for _, refusal := range []jumpcloudtest.CreateRefusal{jumpcloudtest.RefusesRow, jumpcloudtest.RefusesRequest} {
		t.Run(string(refusal), func(t *testing.T) {
			story(t, func(w *world) {
				w.refuses(refusal)
				w.Until(func() bool { return len(w.Org.Users()) == 1 })
				w.Expect(w.Get().Status.Omitted).To(ConsistOf("relationships", "mfa.exclusion", "enableUserPortalMultifactor"))
				w.Rest()
				w.expectRelated()
				w.Expect(w.jobs(http.MethodPost)).To(Equal([]int{1, 1}))
				w.Expect(w.jobs(http.MethodPatch)).To(Equal([]int{1}))
				w.Resync()
				w.Expect(w.Sent()).To(HaveLen(3), "nothing more is sent")
			}, related)
		})
	}
}

// A process may die at any call: nobody is created twice, and no value is lost.
func TestWhatACreateRefusesIsSentWhateverBecomesOfTheProcess(t *testing.T) {
	enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
		t.Helper()
		story(t, func(w *world) {
			w.refuses(jumpcloudtest.RefusesRow)
			w.Die(d)
			w.Rest()
			w.Resync()
			w.expectRelated()
		}, related)
	})
}

// A create that states nothing that can be left out is simply refused.
func TestACreateThatIsRefusedForNothingThatCanBeLeftOut(t *testing.T) {
	fleet(t, 2, func(w *world, keys []client.ObjectKey) {
		w.Org.ScriptRows(jumpcloudtest.RowFault{Username: "ada", StatusMsg: `"mfa" is not allowed`})
		w.restAll(keys)
		w.ExpectReady("False/SubmissionRejected")
		w.Expect(w.Get().Status.Omitted).To(BeEmpty())
	})
}

// If the create without everything that can be left out is refused, too, that is final.
func TestACreateThatIsRefusedWithLessAsWell(t *testing.T) {
	story(t, func(w *world) {
		w.Org.ScriptRows(jumpcloudtest.RowFault{StatusMsg: `"mfa" is not allowed`})
		w.Rest()
		w.ExpectReady("False/SubmissionRejected")
		w.Expect(w.jobs(http.MethodPost)).To(Equal([]int{1, 1}))
	}, related)
}
