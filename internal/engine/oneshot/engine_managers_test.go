package oneshot_test

import (
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// A manager whom the run creates is set by an update after the creates, however the row got
// the manager.
func TestManagersOfTheSameRunAreSet(t *testing.T) {
	stated := []string{"username,email,manager", "lead,lead@example.org,", "member,member@example.org,lead"}
	for name, c := range map[string]struct {
		lines  []string
		change func(*v1alpha1.BulkUserImport)
	}{
		"by Upsert":                  {stated, func(*v1alpha1.BulkUserImport) {}},
		"by Create":                  {stated, func(o *v1alpha1.BulkUserImport) { o.Spec.Operation = v1alpha1.OperationCreate }},
		"by email":                   {[]string{stated[0], stated[1], "member,member@example.org,Lead@example.org"}, func(*v1alpha1.BulkUserImport) {}},
		"by defaults":                {[]string{stated[0], "lead,lead@example.org," + member(1), "member,member@example.org,"}, leadByDefault},
		"by defaults, before others": {[]string{stated[0], "member,member@example.org,", "lead,lead@example.org," + member(1)}, leadByDefault},
		"by defaults and Create": {[]string{stated[0], "lead,lead@example.org," + member(1), "member,member@example.org,"}, func(o *v1alpha1.BulkUserImport) {
			leadByDefault(o)
			o.Spec.Operation = v1alpha1.OperationCreate
		}},
	} {
		for _, restart := range []bool{false, true} {
			if restart {
				name += ", restart"
			}
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, c.lines, c.change)
					w.Org.Generate(10)
					if restart {
						w.Until(w.sent(1))
						w.Restart()
					}
					w.rest()
					w.ExpectReady("True/Succeeded")
					w.Expect(w.value("member", "manager")).To(Equal(w.id("lead")))
					w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{"lead": ledger.OutcomeCreated, "member": ledger.OutcomeCreated}))
				})
			})
		}
	}
}

func leadByDefault(o *v1alpha1.BulkUserImport) {
	o.Spec.Defaults = &v1alpha1.UserAttributes{Manager: new("lead")}
}

// Operation Create does not change users who existed before, nor their manager.
func TestOperationCreateSetsNoManagerOfExistingUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []string{"username,email,manager", "lead,lead@example.org,", member(1) + "," + member(1) + "@example.org,lead"},
			func(o *v1alpha1.BulkUserImport) { o.Spec.Operation = v1alpha1.OperationCreate })
		w.Org.Generate(10)
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.value(member(1), "manager")).To(BeEmpty())
		w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{"lead": ledger.OutcomeCreated, member(1): ledger.OutcomeSkipped}))
	})
}

func TestAManagerThatCouldNotBeSetForAMomentIsSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []string{"username,email,manager", "lead,lead@example.org,", "member,member@example.org,lead"})
		w.Org.ScriptRows(jumpcloudtest.RowFault{Kind: jumpcloudtest.JobUpdate, Username: "member", Times: 1})
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.Expect(w.value("member", "manager")).To(Equal(w.id("lead")))
		w.Expect(w.Org.Jobs()).To(HaveLen(3), "a create, an update that fails, and the update again")
		w.Expect(w.outcomes()).To(HaveKeyWithValue("member", ledger.OutcomeCreated))
	})
}

// A row that waits for its manager is done except for that. When its source goes, the manager
// is not set any more, and the row nevertheless counts as created.
func TestARowWithoutItsManagerIsCreated(t *testing.T) {
	for name, happen := range map[string]func(*world){
		"nothing else": func(*world) {},
		"restart":      (*world).Restart,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, []string{"username,email,manager", "lead,lead@example.org,", "member,member@example.org,lead"})
				w.Until(w.sent(1))
				w.Edit(func(o *v1alpha1.BulkUserImport) { o.Spec.UsersFrom[0].ConfigMapKeyRef.Name = "gone" })
				happen(w)
				w.rest()
				w.ExpectReady("False/SourceNotFound")
				w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{"lead": ledger.OutcomeCreated, "member": ledger.OutcomeCreated}))
				w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(2))
			})
		})
	}
}
