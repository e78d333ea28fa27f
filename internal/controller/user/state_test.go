package user_test

import (
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestAStateIsKeptBothWays(t *testing.T) {
	story(t, func(w *world) {
		w.add("ada", nil)
		w.Rest()
		w.Edit(state(v1alpha1.UserStateSuspended))
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live("ada", "state")).To(Equal([]any{"SUSPENDED"}))
		w.Expect(w.Get().Status.Suspended).To(HaveField("ByObject", true))
		w.Expect(w.bodies(http.MethodPut)).To(Equal([]map[string]any{{"state": "SUSPENDED"}}))
		w.Edit(state(v1alpha1.UserStateActivated))
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live("ada", "state")).To(Equal([]any{"ACTIVATED"}))
		w.Expect(w.Get().Status.Suspended).To(BeNil())
		w.Expect(w.Counted().Harmful).To(Equal(2))
	}, state(v1alpha1.UserStateActivated))
}

// Whoever suspended a user may activate them again, even if the answer to the suspension was
// lost, the process died right after it, or the user was created suspended.
func TestTheObjectsOwnSuspensionIsLiftedWithoutAnApproval(t *testing.T) {
	put := func(w *world) { w.Edit(state(v1alpha1.UserStateSuspended)) }
	for name, suspend := range map[string]func(*world){
		"its answer is lost": func(w *world) { w.Lose(http.MethodPut, "/api/systemusers/*", true); put(w) },
		"the process dies": func(w *world) {
			w.Lose(http.MethodPut, "/api/systemusers/*", true)
			put(w)
			w.Until(func() bool { return w.live("ada", "state")[0] == "SUSPENDED" })
			w.Restart()
		},
		"the user was created so": nil,
	} {
		t.Run(name, func(t *testing.T) {
			first := v1alpha1.UserStateSuspended
			if suspend != nil {
				first = v1alpha1.UserStateActivated
			}
			story(t, func(w *world) {
				w.Rest()
				if suspend != nil {
					suspend(w)
					w.Rest()
				}
				w.Expect(w.Get().Status.Suspended).To(HaveField("ByObject", true))
				w.Edit(state(v1alpha1.UserStateActivated))
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.Expect(w.live("ada", "state")).To(Equal([]any{"ACTIVATED"}))
				w.Expect(w.Get().Status.Suspended).To(BeNil())
			}, state(first))
		})
	}
}

// The object lifted its own suspension. Whoever suspends the user after that is somebody else,
// even if this process did not live to see that the user was active.
func TestASuspensionAfterTheObjectsOwnIsOfOthers(t *testing.T) {
	story(t, func(w *world) {
		w.add("ada", nil)
		w.Rest()
		w.Edit(state(v1alpha1.UserStateSuspended))
		w.Rest()
		w.Edit(state(v1alpha1.UserStateActivated))
		w.Until(func() bool { return w.live("ada", "state")[0] == "ACTIVATED" })
		w.inConsole("ada", jumpcloudtest.User{"state": "SUSPENDED"})
		w.Restart()
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.live("ada", "state")).To(Equal([]any{"SUSPENDED"}))
	}, state(v1alpha1.UserStateActivated))
}

// A suspension that shows late is the object's own all the same, and one that was lifted and
// still shows is not taken for somebody else's.
func TestAStateThatShowsLate(t *testing.T) {
	story(t, func(w *world) {
		w.add("ada", nil)
		w.Rest()
		for _, change := range []struct {
			spec        v1alpha1.UserState
			late, shows string
		}{
			{v1alpha1.UserStateSuspended, "ACTIVATED", "SUSPENDED"}, {v1alpha1.UserStateActivated, "SUSPENDED", "ACTIVATED"},
		} {
			w.Edit(state(change.spec))
			w.Until(func() bool { return w.live("ada", "state")[0] == change.shows })
			w.inConsole("ada", jumpcloudtest.User{"state": change.late})
			w.PassAll([]client.ObjectKey{w.Key}, 10*time.Second)
			w.Expect(w.Condition(v1alpha1.ReadyCondition).Reason).NotTo(Equal(v1alpha1.ApprovalRequiredReason))
			w.inConsole("ada", jumpcloudtest.User{"state": change.shows})
			w.Rest()
			w.ExpectReady("True/UpToDate")
		}
		w.Expect(w.bodies(http.MethodPut)).To(HaveLen(2))
	}, state(v1alpha1.UserStateActivated))
}

// A suspension that JumpCloud refused is nobody's.
func TestASuspensionThatWasRefused(t *testing.T) {
	story(t, func(w *world) {
		w.add("ada", nil)
		w.Rest()
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPut, Path: "/api/systemusers/*"}, Status: http.StatusBadRequest})
		w.Edit(state(v1alpha1.UserStateSuspended))
		w.Rest()
		w.ExpectReady("False/SubmissionRejected")
		w.Expect(w.Get().Status.Suspended).To(BeNil())
		w.Expect(w.Counted().Harmful).To(BeZero())
	}, state(v1alpha1.UserStateActivated))
}

func TestASuspensionOfOthersIsLiftedOnlyWithAnApproval(t *testing.T) {
	story(t, func(w *world) {
		w.add("ada", nil)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.inConsole("ada", jumpcloudtest.User{"state": "SUSPENDED", "department": "Looms"})
		w.Resync()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.live("ada", "state", "department")).To(Equal([]any{"SUSPENDED", "Engines"}), "all else goes on")
		w.Edit(func(o *v1alpha1.User) { o.Spec.ApprovedPlan = o.Status.Plan.Hash })
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live("ada", "state")).To(Equal([]any{"ACTIVATED"}))
	}, state(v1alpha1.UserStateActivated))
}

func TestStagedUsersAreActivatedAndNeverStagedAgain(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.Edit(state(v1alpha1.UserStateActivated))
		w.Rest()
		w.Expect(w.live("ada", "state")).To(Equal([]any{"ACTIVATED"}))
		w.Expect(w.Counted().Harmful).To(BeZero())
		w.Edit(state(v1alpha1.UserStateStaged))
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.live("ada", "state")).To(Equal([]any{"ACTIVATED"}))
	}, state(v1alpha1.UserStateStaged))
}

// A plan tells how many users JumpCloud mails.
func TestActivationMailsAreCounted(t *testing.T) {
	planned := func(o *v1alpha1.User) { o.Spec.Mode = v1alpha1.ModePlan }
	for name, c := range map[string]struct {
		live  string
		state v1alpha1.UserState
		mails int32
	}{
		"created as Activated":     {state: v1alpha1.UserStateActivated, mails: 1},
		"created as Staged":        {state: v1alpha1.UserStateStaged},
		"from Staged to Activated": {live: "STAGED", state: v1alpha1.UserStateActivated, mails: 1},
		"from Suspended":           {live: "SUSPENDED", state: v1alpha1.UserStateActivated},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				if c.live != "" {
					w.add("ada", jumpcloudtest.User{"state": c.live})
				}
				w.Rest()
				w.ExpectReady("True/Planned")
				w.Expect(w.Get().Status.Plan.ActivationMails).To(Equal(c.mails))
				mailed := ContainSubstring(", with activation mail to 1 user, see")
				if c.mails == 0 {
					mailed = Not(mailed)
				}
				w.Expect(w.Message()).To(mailed)
			}, planned, state(c.state))
		})
	}
}

func TestWhatBecomesOfTheUserOfADeletedObject(t *testing.T) {
	for policy, want := range map[v1alpha1.DeletionPolicy][]any{
		"":                             {"ACTIVATED"},
		v1alpha1.DeletionPolicyRetain:  {"ACTIVATED"},
		v1alpha1.DeletionPolicySuspend: {"SUSPENDED"},
		v1alpha1.DeletionPolicyDelete:  nil,
	} {
		t.Run("policy "+string(policy), func(t *testing.T) {
			story(t, func(w *world) {
				w.add("ada", nil)
				w.Rest()
				w.Expect(w.Finalized()).To(Equal(policy == v1alpha1.DeletionPolicySuspend || policy == v1alpha1.DeletionPolicyDelete))
				w.Delete()
				w.Until(w.Gone)
				w.Expect(w.live("ada", "state")).To(Equal(want))
			}, deletion(policy))
		})
	}
}

func TestADeletionWaitsForThoseWhoReportToTheUser(t *testing.T) {
	story(t, func(w *world) {
		id := w.add("ada", nil)
		w.add("grace", jumpcloudtest.User{"manager": id})
		w.Rest()
		w.Delete()
		w.Rest()
		w.ExpectReady("False/ProgressingWithRetry")
		w.Expect(w.Message()).To(ContainSubstring("report to it, and spec.reportsTo is Keep"))
		w.Expect(w.Counted().Harmful).To(BeZero(), "nobody was deleted")
		w.Expect(w.live("ada")).NotTo(BeNil())
		w.inConsole("grace", jumpcloudtest.User{"manager": ""})
		w.Resync()
		w.Until(w.Gone)
		w.Expect(w.live("ada")).To(BeNil())
	}, deletion(v1alpha1.DeletionPolicyDelete))
	story(t, func(w *world) {
		id := w.add("ada", nil)
		w.add("grace", jumpcloudtest.User{"manager": id})
		w.Rest()
		w.Delete()
		w.Until(w.Gone)
		w.Expect(w.live("ada")).To(BeNil())
		w.Expect(w.live("grace", "manager")).To(ConsistOf(Or(BeNil(), BeEmpty())))
	}, deletion(v1alpha1.DeletionPolicyDelete), func(o *v1alpha1.User) { o.Spec.ReportsTo = v1alpha1.ReportsClear })
}

func TestTheManagerOfAProtectedUserIsKept(t *testing.T) {
	story(t, func(w *world) {
		id := w.add("ada", nil)
		w.add("grace", jumpcloudtest.User{"manager": id})
		w.add("root", jumpcloudtest.User{"manager": id, "admin": map[string]any{"id": "x"}})
		w.Rest()
		w.Delete()
		w.Rest()
		w.ExpectReady("False/ProtectedUser")
		w.Expect(w.Message()).To(HavePrefix(`User "root" is protected`))
		w.Expect(w.Sent()).To(BeEmpty())
		w.inConsole("root", jumpcloudtest.User{"manager": ""})
		w.Resync()
		w.Until(w.Gone)
		w.Expect(w.live("ada")).To(BeNil())
	}, deletion(v1alpha1.DeletionPolicyDelete), func(o *v1alpha1.User) { o.Spec.ReportsTo = v1alpha1.ReportsClear })
}

func TestAProtectedUserOutlivesTheObject(t *testing.T) {
	story(t, func(w *world) {
		w.add("ada", nil)
		w.Rest()
		w.inConsole("ada", jumpcloudtest.User{"admin": map[string]any{"id": "x"}})
		w.Delete()
		w.Rest()
		w.ExpectReady("False/ProtectedUser")
		w.Expect(w.Sent()).To(BeEmpty())
	}, deletion(v1alpha1.DeletionPolicySuspend))
}
