package oneshot_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// Users who must use a second factor from now on have the days of the file to enrol, counted
// from the beginning of the run. The status names the users for whom the days have no effect.
func TestDaysToEnrolOfExistingUsers(t *testing.T) {
	for name, restart := range map[string]bool{"": false, "restart": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, []string{
					"username,email,enable_user_portal_multifactor,EnrollmentDays",
					"ada,ada@example.org,true,7", "staged,staged@example.org,true,7", "on,on@example.org,true,7", "off,off@example.org,,7", "new,new@example.org,true,7",
				})
				for _, username := range []string{"ada", "staged", "on", "off"} {
					state := "ACTIVATED"
					if username == "staged" {
						state = "STAGED"
					}
					w.Org.AddUser(jumpcloudtest.User{"username": username, "email": username + "@example.org", "state": state, "enable_user_portal_multifactor": username == "on"})
				}
				w.Org.ScriptRows(jumpcloudtest.RowFault{Kind: jumpcloudtest.JobUpdate, Username: "ada", StatusMsg: "InternalServerError", Times: 1})
				if restart {
					w.Until(w.sent(2))
					w.Restart()
				}
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.Org.Jobs()).To(HaveLen(3), "one row is sent twice")
				until := w.Get().Status.StartTime.Add(7 * 24 * time.Hour).UTC().Format(time.RFC3339)
				w.Expect(w.Org.UserByUsername("ada")["mfa"]).To(And(HaveKeyWithValue("exclusion", true), HaveKeyWithValue("exclusionUntil", until)))
				w.Expect(w.Org.UserByUsername("staged")["mfa"]).To(And(HaveKeyWithValue("exclusion", true), HaveKeyWithValue("exclusionDays", json.Number("7"))))
				w.Expect(w.Org.UserByUsername("on")["mfa"]).NotTo(HaveKey("exclusionUntil"))
				w.Expect(w.Org.UserByUsername("off")["mfa"]).NotTo(HaveKey("exclusionUntil"))
				for username, reason := range map[string]string{"ada": "", "staged": "", "new": "", "on": "NoEffect", "off": "NoEffect"} {
					w.Expect(w.entries()[username].Reason).To(Equal(reason), username)
				}
				w.Expect(w.outcomes()).To(HaveKeyWithValue("on", ledger.OutcomeUnchanged))
				w.Expect(w.entries()["on"].Message).To(ContainSubstring("mfa.exclusionDays"))
			})
		})
	}
}

// Users who are created as Activated get a date as well.
func TestDaysToEnrolOfActivatedUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []string{"username,email,enable_user_portal_multifactor,EnrollmentDays", "ada,ada@example.org,true,7"},
			func(o *v1alpha1.BulkUserImport) {
				o.Spec.Defaults = &v1alpha1.UserAttributes{State: new(v1alpha1.UserStateActivated)}
			})
		w.rest()
		w.ExpectReady("True/Succeeded")
		until := w.Get().Status.StartTime.Add(7 * 24 * time.Hour).UTC().Format(time.RFC3339)
		w.Expect(w.Org.UserByUsername("ada")["mfa"]).To(And(HaveKeyWithValue("exclusionUntil", until), Not(HaveKey("exclusionDays"))))
	})
}
