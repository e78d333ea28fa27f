package oneshot_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func afterApproval(o *v1alpha1.BulkUserImport) { o.Spec.Mode = v1alpha1.ModeApplyAfterApproval }

func TestAnotherPlansHashApprovesNothingEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(2), afterApproval, func(o *v1alpha1.BulkUserImport) {
			o.Spec.ApprovedPlan = "sha256:" + strings.Repeat("0", 64)
		})
		w.rest()
		for range 3 {
			w.ExpectReady("False/PlanChanged")
			w.resyncs()
			w.Request()
			w.rest()
		}
		w.ExpectReady("False/PlanChanged")
		w.Expect(w.Org.Jobs()).To(BeEmpty())
		w.Expect(w.Get().Status.RunNumber).To(BeZero(), "planning starts no run")
		w.Expect(w.Finalized()).To(BeFalse())
	})
}

// Rows that wait in an open run keep waiting whatever else is approved.
func TestAnotherPlansHashApprovesNothingOfAnOpenRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := []string{"username,email"}
		for i := 1; i <= 5; i++ {
			lines = append(lines, fmt.Sprintf("%s,back%d@example.org", member(i), i))
		}
		w := newWorld(t, append(lines, "fresh,fresh@example.org"))
		w.Org.Generate(20)
		w.rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.value("fresh", "email")).To(Equal("fresh@example.org"), "what is harmless goes on")
		w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.ApprovedPlan = "sha256:" + strings.Repeat("0", 64) })
		w.rest()
		w.ExpectReady("False/PlanChanged")
		w.resyncs()
		w.ExpectReady("False/PlanChanged")
		w.Expect(w.value(member(1), "email")).To(Equal(member(1) + "@example.org"))
		w.Expect(w.Org.Jobs()).To(HaveLen(1))
	})
}

func TestTheHashThatAStatusShowsApprovesWhatWaits(t *testing.T) {
	emails := func() []string {
		lines := []string{"username,email"}
		for i := 1; i <= 5; i++ {
			lines = append(lines, fmt.Sprintf("%s,changed%d@example.org", member(i), i))
		}
		return append(lines, "fresh,fresh@example.org")
	}
	changed := func(w *world) (n int) {
		for i := 1; i <= 5; i++ {
			if w.value(member(i), "email") == fmt.Sprintf("changed%d@example.org", i) {
				n++
			}
		}
		return n
	}
	for name, wait := range map[string]func(*world){
		"while a job runs": func(w *world) { w.Until(w.sent(1)) },
		"once it waits":    func(w *world) { w.rest() },
		"after resyncs":    func(w *world) { w.rest(); w.resyncs() },
		"in the first plan": func(w *world) {
			w.EditOrganization(planOnly)
			w.rest()
			w.Expect(w.Message()).To(ContainSubstring("Plan"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, emails())
				w.Org.Generate(20)
				wait(w)
				w.Expect(changed(w)).To(BeZero())
				w.approve()
				w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModeApply })
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(changed(w)).To(Equal(5))
				w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
			})
		})
	}
	t.Run("the message names it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, emails())
			w.Org.Generate(20)
			w.rest()
			w.ExpectReady("False/ApprovalRequired")
			w.Expect(w.Message()).To(ContainSubstring(w.Get().Status.Plan.Hash))
		})
	})
	t.Run("but not the same change in a later run", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, emails())
			w.Org.Generate(20)
			w.rest()
			w.approve()
			w.rest()
			w.ExpectReady("True/Succeeded")
			for i := 1; i <= 5; i++ {
				w.console(member(i), jumpcloudtest.User{"email": member(i) + "@example.org"})
			}
			w.Request()
			w.rest()
			w.ExpectReady("False/PlanChanged")
			w.resyncs()
			w.ExpectReady("False/PlanChanged")
			w.Expect(changed(w)).To(BeZero())

			w.approve()
			w.rest()
			w.ExpectReady("True/Succeeded")
			w.Expect(changed(w)).To(Equal(5))
			w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(2))
		})
	})
}

func planOnly(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModePlan }

// The update that sets a manager whom the same run creates is part of what was approved: it
// needs no second approval.
func TestAManagerOfTheSameRunIsApprovedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		restart bool
		member  string
	}{
		"new user":                   {member: "member"},
		"new user, restart":          {member: "member", restart: true},
		"user who is there":          {member: member(2)},
		"user who is there, restart": {member: member(2), restart: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, []string{"username,email,manager", "lead,lead@example.org,", c.member + "," + c.member + "@example.org,lead"}, afterApproval)
				w.Org.Generate(10)
				w.rest()
				w.ExpectReady("False/ApprovalRequired")
				w.approve()
				if c.restart {
					w.Until(w.sent(1))
					w.Restart()
				}
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.value(c.member, "manager")).To(Equal(w.id("lead")))
			})
		})
	}
}
