package usergroup_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// deaths runs a story in which the process dies before or after each mutating call in turn,
// until no such call is left.
func deaths(t *testing.T, begin, end func(w *world), changes ...edits) {
	t.Helper()
	enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
		t.Helper()
		story(t, func(w *world) {
			w.duplicates()
			begin(w)
			w.Die(d)
			w.Until(func() bool { return w.Dead || w.Gone() || !d.Died() && w.After >= time.Minute })
			w.OnCall = nil
			if !w.Gone() {
				w.Rest()
			}
			end(w)
		}, changes...)
	})
}

func TestAProcessDiesWhileItCreatesAGroup(t *testing.T) {
	deaths(t, func(*world) {}, func(w *world) {
		w.ExpectReady("True/UpToDate")
		w.Expect(w.groups()).To(Equal([]string{"engineers"}), "one, and ours")
		w.Expect(w.Get().Status.Adopted).To(BeFalse())
		w.Expect(w.Get().Status.Creating).To(BeNil())
		w.Expect(w.who()).To(ConsistOf("ada", "chas"))
		w.Expect(w.Finalized()).To(BeTrue())
	}, members("ada", "chas"), described("new"), adopts(v1alpha1.AdoptNever), deletes)
}

func TestAProcessDiesWhileItChangesAGroup(t *testing.T) {
	deaths(t, func(w *world) {
		w.Rest()
		id := w.Get().Status.ID
		w.Org.UpdateUserGroup(id, jumpcloudtest.UserGroup{"email": "set@example.org"})
		w.Edit(func(o *v1alpha1.UserGroup) {
			named("builders")(o)
			members("chas", "eva")(o)
		})
	}, func(w *world) {
		w.ExpectReady("True/UpToDate")
		w.Expect(w.groups()).To(Equal([]string{"builders"}))
		w.Expect(w.live()).To(HaveKeyWithValue("email", "set@example.org"))
		w.Expect(w.who()).To(ConsistOf("chas", "eva"))
	}, members("ada", "chas"))
}

func TestAProcessDiesWhileItCarriesOutAnApprovedPlan(t *testing.T) {
	deaths(t, func(w *world) {
		w.Org.Generate(16)
		w.exists("engineers", generated(8)...)
		w.Rest()
		hash := w.Get().Status.Plan.Hash
		w.Edit(func(o *v1alpha1.UserGroup) { o.Spec.ApprovedPlan = hash })
	}, func(w *world) {
		w.ExpectReady("True/Adopted")
		w.Expect(w.who()).To(ConsistOf("ada"))
		w.Expect(w.Get().Status.Members.RemovalsApproved).To(BeTrue())
	}, members("ada"))
}

func TestAProcessDiesWhileItDeletesAGroup(t *testing.T) {
	deaths(t, func(w *world) {
		w.Rest()
		w.Delete()
	}, func(w *world) {
		w.Expect(w.Gone()).To(BeTrue())
		w.Expect(w.groups()).To(BeEmpty())
	}, members("ada"), deletes)
}

func TestTheAnswerToAChangeIsLost(t *testing.T) {
	for _, path := range []struct{ method, path string }{
		{http.MethodPut, groupPath}, {http.MethodPost, membersPath}, {http.MethodDelete, groupPath},
	} {
		for _, carriedOut := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s %s, carried out %v", path.method, path.path, carriedOut), func(t *testing.T) {
				story(t, func(w *world) {
					w.Rest()
					w.Lose(path.method, path.path, carriedOut)
					w.edit(named("builders"), members("chas"))
					w.ExpectReady("True/UpToDate")
					w.Expect(w.groups()).To(Equal([]string{"builders"}))
					w.Expect(w.who()).To(Equal([]string{"chas"}))
					w.Delete()
					w.Until(w.Gone)
					w.Expect(w.groups()).To(BeEmpty())
				}, members("ada"), deletes)
			})
		}
	}
}
