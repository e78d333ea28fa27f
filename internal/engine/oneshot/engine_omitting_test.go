package oneshot_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// related are CSV lines with a user who has everything that a create may refuse, and one who
// has nothing of it.
var related = []string{
	"username,email,relationships,enable_user_portal_multifactor,EnrollmentDays,phoneNumbers.work",
	`ada,ada@example.org,"[{""type"":""mentor"",""value"":""7""}]",true,7,1`, "plain,plain@example.org,,,,2",
}

// expectRelated expects both users as they are stated.
func (w *world) expectRelated() {
	w.T.Helper()
	w.ExpectReady("True/Succeeded")
	w.Expect(w.outcomes()).To(Equal(map[string]ledger.Outcome{"ada": ledger.OutcomeCreated, "plain": ledger.OutcomeCreated}))
	ada := w.Org.UserByUsername("ada")
	w.Expect(fmt.Sprint(ada["relationships"])).To(Equal("[map[type:mentor value:7]]"))
	w.Expect(ada).To(HaveKeyWithValue("enable_user_portal_multifactor", true))
	w.Expect(ada["mfa"]).To(HaveKeyWithValue("exclusion", true))
	w.Expect(w.Org.CountUsers()).To(Equal(2))
}

// refuses makes creates fail because of members that can be left out.
func (w *world) refuses(refusal jumpcloudtest.CreateRefusal) {
	w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.CreateRefuses = refusal })
}

// refusals are the ways in which JumpCloud may refuse such a create.
var refusals = []jumpcloudtest.CreateRefusal{jumpcloudtest.RefusesRow, jumpcloudtest.RefusesRequest}

// Members that a create refuses and that can be left out are sent by an update, once the user
// exists.
func TestWhatACreateRefusesIsSentAfterwards(t *testing.T) {
	for _, refusal := range refusals {
		for name, telling := range map[string]jumpcloudtest.Telling{"": jumpcloudtest.TellingNot, ", told apart": jumpcloudtest.TellingNested} {
			t.Run(string(refusal)+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, related)
					w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.CreateRefuses, b.Telling = refusal, telling })
					w.rest()
					w.expectRelated()
					jobs := w.Org.Jobs()
					w.Expect(jobs[len(jobs)-1].Kind).To(Equal(jumpcloudtest.JobUpdate))
					w.Expect(w.Org.UserByUsername("ada")["mfa"]).To(HaveKey("exclusionDays"), "the user is staged")
				})
			})
		}
	}
}

// Defaults of an import are left out and sent later in the same way, also under an approval.
func TestDefaultsThatACreateRefusesAreSentAfterwards(t *testing.T) {
	for _, refusal := range refusals {
		t.Run(string(refusal), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, []string{"username,email", "ada,ada@example.org"}, afterApproval, func(o *v1alpha1.BulkUserImport) {
					o.Spec.Defaults = &v1alpha1.UserAttributes{
						Relationships: []v1alpha1.Relationship{{Type: "mentor", Value: "7"}},
						State:         new(v1alpha1.UserStateActivated), MFA: &v1alpha1.MFA{ExclusionDays: new(int64(7))},
					}
				})
				w.refuses(refusal)
				w.rest()
				w.approve()
				w.rest()
				w.ExpectReady("True/Succeeded")
				ada := w.Org.UserByUsername("ada")
				w.Expect(fmt.Sprint(ada["relationships"])).To(Equal("[map[type:mentor value:7]]"))
				until := w.Get().Status.StartTime.Add(7 * 24 * time.Hour).UTC().Format(time.RFC3339)
				w.Expect(ada["mfa"]).To(And(HaveKeyWithValue("exclusion", true), HaveKeyWithValue("exclusionUntil", until)))
			})
		})
	}
}

// Each row has the message of its own record. A temporary failure of the update does not give
// up what was left out; if the update fails for good, the row says so.
func TestWhatIsSentAfterACreateMayFail(t *testing.T) {
	for name, c := range map[string]struct {
		times int
		ready string
	}{"once": {1, "True/Succeeded"}, "for good": {0, "False/RowsFailed"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, related)
				w.Org.Configure(func(b *jumpcloudtest.Behavior) {
					b.CreateRefuses, b.Telling = jumpcloudtest.RefusesRow, jumpcloudtest.TellingNested
				})
				w.Org.ScriptRows(jumpcloudtest.RowFault{Kind: jumpcloudtest.JobUpdate, Times: c.times, StatusMsg: "UserModel validation failed"})
				w.rest()
				w.ExpectReady(c.ready)
				w.Expect(w.Org.CountUsers()).To(Equal(2))
				if c.times == 0 {
					w.Expect(w.entries()["ada"].Message).To(ContainSubstring("UserModel validation failed"))
				}
			})
		})
	}
}

// A row that is refused for something that cannot be left out fails after one request.
func TestARefusalOfAnythingElseIsFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, related)
		w.Org.ScriptRows(jumpcloudtest.RowFault{StatusMsg: `"department" is not allowed`})
		w.rest()
		w.ExpectReady("False/RowsFailed")
		w.Expect(w.Org.Jobs()).To(HaveLen(1))
	})
}
