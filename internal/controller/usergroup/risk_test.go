package usergroup_test

import (
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// A query that matches nobody takes the group away from all of its members.
func TestAnAdoptedGroupBecomesDynamic(t *testing.T) {
	story(t, func(w *world) {
		w.exists("engineers", "ada", "chas")
		w.moves("Engines", "eva")
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Resync()
		w.Expect(w.Get().Status.Plan.Harmful).To(BeEquivalentTo(2))
		w.Expect(w.who()).To(ConsistOf("ada", "chas"), "an adopted group loses nobody unasked")
		w.Expect(w.Sent()).To(BeEmpty())
		w.approve()
		w.Resync()
		w.ExpectReady("True/Adopted")
		w.Expect(w.who()).To(Equal([]string{"eva"}))
	}, dynamic(v1alpha1.MembershipDynamicAutomated, "Engines"))
}

func TestTheGuardCountsWhomAQueryMayRemove(t *testing.T) {
	names := []string{"joan", "grace", "mary", "ida"}
	for name, c := range map[string]struct {
		change   edits
		withheld bool
	}{
		"another query":                    {dynamic(v1alpha1.MembershipDynamicAutomated, "Engins"), true},
		"another query, with some exempt":  {dynamic(v1alpha1.MembershipDynamicAutomated, "Engins", "joan"), false},
		"suggestions instead":              {dynamic(v1alpha1.MembershipDynamicReviewRequired, "Engins"), false},
		"no query any more":                {static, false},
		"only exemptions":                  {dynamic(v1alpha1.MembershipDynamicAutomated, "Engines", names...), false},
		"something else than who is in it": {described("Builds engines"), false},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.hire(names...)
				w.moves("Engines", names...)
				w.Rest()
				w.Resync()
				w.Expect(w.who()).To(ConsistOf(names))
				w.edit(c.change)
				reason := ""
				if c.withheld {
					reason = v1alpha1.ApprovalRequiredReason
				}
				w.Expect(w.Condition(v1alpha1.StalledCondition).Reason).To(Equal(reason), w.Describe)
			}, dynamic(v1alpha1.MembershipDynamicAutomated, "Engines"))
		})
	}
}

// The query decides about members whose exemption ends.
func TestTheGuardCountsWhoIsNotExemptAnyMore(t *testing.T) {
	names := []string{"joan", "grace", "mary", "ida"}
	story(t, func(w *world) {
		w.hire(names...)
		w.edit(members(names...))
		w.edit(dynamic(v1alpha1.MembershipDynamicAutomated, "Engines", names...), func(o *v1alpha1.UserGroup) { o.Spec.Members = nil })
		w.Expect(w.who()).To(ConsistOf(names))
		w.edit(func(o *v1alpha1.UserGroup) {
			o.Spec.MemberQueryExemptions = []v1alpha1.UserReference{{Username: "eva"}}
		})
		w.ExpectReady("False/ApprovalRequired")
		w.Resync()
		w.Expect(w.who()).To(ConsistOf(names))
	})
}

// After a lost answer, the operator waits for a name that JumpCloud reports as taken, but does
// not retry every minute forever.
func TestANameThatIsTakenAndNeverShownAfterALostAnswer(t *testing.T) {
	story(t, func(w *world) {
		w.Lose(http.MethodPost, groupsPath, false)
		w.Until(func() bool { return len(w.Sent()) == 1 })
		w.Sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodPost, Path: groupsPath, Times: 100}, Status: http.StatusConflict, Body: `{"message":"Already Exists"}`,
		})
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Sent()).To(HaveLen(10))
		w.Resync()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Sent()).To(HaveLen(11))
		w.Sim.RemoveFaults()
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.groups()).To(Equal([]string{"engineers"}))
	})
}

// The instruction comes last in a message, and a message has a limit.
func TestLongNamesLeaveRoomForTheHash(t *testing.T) {
	story(t, func(w *world) {
		names := make([]string, 4)
		for i := range names {
			names[i] = strings.Repeat("é", 250+i)
		}
		w.hire(names...)
		w.exists("engineers", names...)
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Message()).To(ContainSubstring("set spec.approvedPlan to " + w.Get().Status.Plan.Hash + ", "))
	}, members("ada"))
}
