package e2e

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

var _ = Describe("ScheduledUserState", Label("schedules"), func() {
	withOperator()
	DescribeTable("story:", func(story func(*world)) {
		story(newWorld(spec(), 60, often))
	},
		Entry("schedules one job for all", schedulesOnce),
		Entry("a local time", schedulesLocally),
		Entry("a time that does not exist", refusesGaps),
		Entry("until an end", schedulesBack),
		Entry("adopts what others scheduled", adoptsSchedules),
		Entry("a change of the time", reschedules),
		Entry("a change of the users", schedulesOthers),
		Entry("users who appear later", schedulesLate),
		Entry("cancels with its object", cancelsSchedule),
		Entry("keeps without its object", retainsSchedule),
		Entry("a job that somebody removed", reschedulesLost),
		Entry("happens", happens),
		Entry("happened long ago", happenedBefore),
		Entry("past due, rejected", rejectsPast),
		Entry("past due, ignored", ignoresPast),
		Entry("past due, run now", runsPast),
		Entry("activation mails", mailsActivated),
		Entry("the guard", guardsSuspensions),
		Entry("a protected user", protectsScheduled),
		Entry("the answer is lost, the job is not", findsSchedule),
		Entry("the answer is lost, and the job too", schedulesAgain),
	)
})

const longAgo = "2020-01-01T00:00:00Z"

func at(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// pending returns the usernames of the rows that are scheduled for a state and a time.
func (w *world) pending(state string, date time.Time) []string {
	names := []string{}
	for _, row := range w.org.ScheduledStates() {
		if row.State == state && row.Date.Equal(date) {
			name, _ := w.org.User(row.UserID)["username"].(string)
			names = append(names, name)
		}
	}
	return names
}

// isScheduled waits until the object is scheduled and exactly these users are pending at this
// time.
func (w *world) isScheduled(key *v1alpha1.ScheduledUserState, date time.Time, users ...string) *v1alpha1.ScheduledUserState {
	w.Helper()
	w.Eventually(func() []string { return w.pending("SUSPENDED", date) }).Should(ConsistOf(users))
	object := reaches(w, key, v1alpha1.ScheduledReason)
	w.Expect(w.pending("SUSPENDED", date)).To(ConsistOf(users))
	w.Expect(object.Status.Summary.Scheduled).To(Equal(int32(len(users))))
	return object
}

// happensSoon gives an object whose time has passed a time that comes soon, and waits until the
// users have changed their states. If the operator sees the new time too late, because the
// machine is slow, it rejects it like the first one, and a later one is given.
func (w *world) happensSoon(key *v1alpha1.ScheduledUserState) *v1alpha1.ScheduledUserState {
	w.Helper()
	for wait := 4 * time.Second; ; wait *= 2 {
		reaches(w, key, v1alpha1.ScheduleInPastReason)
		amend(w, key, func(s *v1alpha1.ScheduledUserState) { s.Spec.StartDate = at(time.Now().Add(wait)) })
		late := false
		object := awaits(w, key, func(g Gomega, object *v1alpha1.ScheduledUserState, ready *metav1.Condition) {
			g.Expect(object.Status.ObservedGeneration).To(Equal(object.Generation))
			g.Expect(ready.Reason).To(BeElementOf(v1alpha1.ExecutedReason, v1alpha1.ScheduleInPastReason), func() string { return shown(object) })
			late = ready.Reason == v1alpha1.ScheduleInPastReason
		})
		if !late {
			return reaches(w, object, v1alpha1.ExecutedReason)
		}
		w.Expect(wait).To(BeNumerically("<", patience/2), func() string { return shown(object) })
	}
}

func schedulesOnce(w *world) {
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{
		StartDate: nextYear.In(time.FixedZone("", -8*60*60)).Format(time.RFC3339),
		Users:     []v1alpha1.UserReference{{Username: username(1)}, {Email: "User000002@example.org"}, {ID: w.idOf(username(3))}},
	})
	object := w.isScheduled(key, nextYear, usernames(1, 2, 3)...)
	sent := w.sent("POST", "/bulk/userstates")
	w.Expect(sent).To(HaveLen(1))
	w.Expect(sent[0].Body).To(And(ContainSubstring(`"start_date":"`+at(nextYear)), ContainSubstring(`"send_activation_emails":false`)))
	w.Expect(object.Status.Next).To(HaveValue(And(HaveField("State", v1alpha1.SchedulableSuspended), HaveField("At.Time", BeTemporally("==", nextYear)))))
	w.Expect(object.Status.Jobs).To(ConsistOf(And(HaveField("Users", int32(3)), HaveField("Adopted", false), HaveField("ScheduledJobID", w.org.ScheduledJobs()[0].ID))))
	w.Expect(object.Finalizers).To(ConsistOf(v1alpha1.Finalizer))
	w.silent()
}

func schedulesLocally(w *world) {
	local := nextYear.Format("2006") + "-07-01T09:00:00"
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: local, TimeZone: "Europe/Berlin", Users: users(1)})
	w.isScheduled(key, time.Date(nextYear.Year(), 7, 1, 7, 0, 0, 0, time.UTC), username(1))
}

func refusesGaps(w *world) {
	for name, tc := range map[string]struct{ date, zone string }{
		"gap":     {"2030-03-31T02:30:00", "Europe/Berlin"},
		"overlap": {"2030-10-27T02:30:00", "Europe/Berlin"},
		"nowhere": {"2030-10-27T02:30:00", "Europe/Nowhere"},
	} {
		key := w.schedule(name, v1alpha1.ScheduledUserStateSpec{StartDate: tc.date, TimeZone: tc.zone, Users: users(1)})
		reaches(w, key, v1alpha1.InvalidSpecReason)
	}
	w.Expect(w.mutations()).To(BeZero())
}

func schedulesBack(w *world) {
	end := nextYear.AddDate(0, 1, 0)
	key := w.schedule("leave", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), EndDate: at(end), Users: users(1, 2)})
	reaches(w, key, v1alpha1.ScheduledReason)
	w.Expect(w.pending("SUSPENDED", nextYear)).To(ConsistOf(usernames(1, 2)))
	w.Expect(w.pending("ACTIVATED", end)).To(ConsistOf(usernames(1, 2)))
	w.Expect(w.org.ScheduledJobs()).To(HaveLen(2))
	w.remove(key)
	w.Expect(w.org.ScheduledStates()).To(BeEmpty())
}

func adoptsSchedules(w *world) {
	theirs := w.org.AddScheduledState(jumpcloudtest.NewScheduledState{Users: w.idsOf(1, 9), State: "SUSPENDED", Date: nextYear})
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), Users: users(1, 2)})
	w.Eventually(func() []string { return w.pending("SUSPENDED", nextYear) }).Should(ConsistOf(usernames(1, 2, 9)))
	object := reaches(w, key, v1alpha1.ScheduledReason)
	w.Expect(object.Status.Jobs).To(ConsistOf(
		And(HaveField("ScheduledJobID", theirs), HaveField("Adopted", true)), And(HaveField("Adopted", false), HaveField("Users", int32(1)))))
	w.remove(key)
	w.Expect(w.pending("SUSPENDED", nextYear)).To(ConsistOf(usernames(1, 9)), "what others scheduled stays")
}

func reschedules(w *world) {
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), Users: users(1, 2)})
	w.isScheduled(key, nextYear, usernames(1, 2)...)
	later := nextYear.AddDate(0, 1, 0)
	amend(w, key, func(s *v1alpha1.ScheduledUserState) { s.Spec.StartDate = at(later) })
	w.isScheduled(key, later, usernames(1, 2)...)
	w.Eventually(func() []string { return w.pending("SUSPENDED", nextYear) }).Should(BeEmpty())
	posts, deletes := w.sent("POST", "/bulk/userstates"), w.sent("DELETE", "/bulk/userstates/*")
	w.Expect(posts).To(HaveLen(2))
	w.Expect(deletes).To(HaveLen(1))
	w.Expect(posts[1].Number).To(BeNumerically("<", deletes[0].Number), "at no time nothing is scheduled")
	w.silent()
}

func schedulesOthers(w *world) {
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), Users: users(1, 2)})
	w.isScheduled(key, nextYear, usernames(1, 2)...)
	amend(w, key, func(s *v1alpha1.ScheduledUserState) { s.Spec.Users = users(2, 3) })
	w.isScheduled(key, nextYear, usernames(2, 3)...)
	w.silent()
}

func schedulesLate(w *world) {
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{
		StartDate: at(nextYear), Users: append(users(1, 2), v1alpha1.UserReference{Email: "late@example.org"}),
	})
	waiting := reaches(w, key, v1alpha1.UsersNotFoundReason)
	w.Expect(waiting.Status.Summary).To(HaveValue(And(HaveField("Scheduled", int32(2)), HaveField("NotFound", int32(1)))))
	w.Expect(w.pending("SUSPENDED", nextYear)).To(ConsistOf(usernames(1, 2)))
	w.newcomer("late", nil)
	w.isScheduled(key, nextYear, username(1), username(2), "late")
	w.Expect(w.sent("DELETE", "/bulk/userstates/*")).To(BeEmpty(), "the others are not moved")
	w.Expect(w.org.ScheduledJobs()).To(HaveLen(2))
}

func cancelsSchedule(w *world) {
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), Users: users(1)})
	w.isScheduled(key, nextYear, username(1))
	w.remove(key)
	w.Expect(w.org.ScheduledStates()).To(BeEmpty())
}

func retainsSchedule(w *world) {
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{
		StartDate: at(nextYear), Users: users(1), DeletionPolicy: v1alpha1.DeletionPolicyRetain,
	})
	w.isScheduled(key, nextYear, username(1))
	w.remove(key)
	w.Expect(w.pending("SUSPENDED", nextYear)).To(ConsistOf(username(1)))
}

func reschedulesLost(w *world) {
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), Users: users(1, 2)})
	w.isScheduled(key, nextYear, usernames(1, 2)...)
	lost := w.org.ScheduledJobs()[0].ID
	w.Expect(w.org.RemoveScheduledJob(lost)).To(BeTrue())
	object := w.isScheduled(key, nextYear, usernames(1, 2)...)
	w.Expect(object.Status.Jobs).To(ConsistOf(HaveField("ScheduledJobID", Not(Equal(lost)))))
	w.silent()
}

func happens(w *world) {
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: longAgo, Users: users(1, 2)})
	object := w.happensSoon(key)
	w.Expect(object.Status.Summary).To(HaveValue(And(HaveField("Executed", int32(2)), HaveField("Scheduled", int32(0)))))
	w.Expect(object.Status.Next).To(BeNil())
	for _, name := range usernames(1, 2) {
		w.Expect(w.org.UserByUsername(name)).To(HaveKeyWithValue("state", "SUSPENDED"))
	}
	w.Expect(w.org.ScheduledJobs()).To(HaveLen(1))
	w.silent()
	w.remove(key)
	w.Expect(w.org.UserByUsername(username(1))).To(HaveKeyWithValue("state", "SUSPENDED"), "history is not undone")
}

func happenedBefore(w *world) {
	for _, id := range w.idsOf(1, 2) {
		w.org.UpdateUser(id, jumpcloudtest.User{"state": "SUSPENDED", "suspended": true})
	}
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: longAgo, Users: users(1, 2)})
	reaches(w, key, v1alpha1.ExecutedReason)
	w.Expect(w.mutations()).To(BeZero())
}

func rejectsPast(w *world) {
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: longAgo, Users: users(1)})
	reaches(w, key, v1alpha1.ScheduleInPastReason)
	w.silent()
	w.Expect(w.mutations()).To(BeZero())
}

func ignoresPast(w *world) {
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{
		StartDate: longAgo, Users: users(1), PastDuePolicy: v1alpha1.PastDueIgnore,
	})
	reaches(w, key, v1alpha1.UpToDateReason)
	w.silent()
	w.Expect(w.mutations()).To(BeZero())
}

func runsPast(w *world) {
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{
		StartDate: longAgo, Users: users(1), PastDuePolicy: v1alpha1.PastDueRunNow,
	})
	object := reaches(w, key, v1alpha1.ScheduledReason)
	// The operator saw the object after it was created and before now.
	w.Expect(object.Status.Next.At.Time).To(And(
		BeTemporally(">=", object.CreationTimestamp.Add(2*time.Minute)), BeTemporally("<=", time.Now().Add(2*time.Minute))))
	w.silent()
	w.Expect(w.org.ScheduledJobs()).To(HaveLen(1))
}

func mailsActivated(w *world) {
	w.newcomer("ada", jumpcloudtest.User{"state": "STAGED"})
	key := w.schedule("starters", v1alpha1.ScheduledUserStateSpec{
		State: v1alpha1.SchedulableActivated, StartDate: longAgo, Users: []v1alpha1.UserReference{{Username: "ada"}},
		SendActivationEmails: new(true), ActivationEmailOverride: "private@example.org",
	})
	w.happensSoon(key)
	w.Expect(w.org.Mails()).To(ConsistOf(HaveField("To", "private@example.org")))
}

func guardsSuspensions(w *world) {
	key := w.schedule("everybody", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), Users: users(first(30)...)})
	waiting := reaches(w, key, v1alpha1.ApprovalRequiredReason)
	w.silent()
	w.Expect(w.mutations()).To(BeZero())
	amend(w, key, func(s *v1alpha1.ScheduledUserState) { s.Spec.ApprovedPlan = waiting.Status.Plan.Hash })
	w.isScheduled(key, nextYear, usernames(first(30)...)...)
	w.Expect(w.org.ScheduledJobs()).To(HaveLen(1))

	// Lifting a suspension is harm, too.
	back := w.schedule("back", v1alpha1.ScheduledUserStateSpec{
		State: v1alpha1.SchedulableActivated, StartDate: at(nextYear), Users: users(first(30)...),
	})
	reaches(w, back, v1alpha1.ApprovalRequiredReason)
	w.Expect(w.org.ScheduledJobs()).To(HaveLen(1))
}

func protectsScheduled(w *world) {
	w.newcomer("root.admin", jumpcloudtest.User{"admin": map[string]any{"id": "65f1c0ffee65f1c0ffee9999"}})
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{
		StartDate: at(nextYear), Users: append(users(1), v1alpha1.UserReference{Username: "root.admin"}),
	})
	object := reaches(w, key, v1alpha1.ProtectedUserReason)
	w.Eventually(func() []string { return w.pending("SUSPENDED", nextYear) }).Should(ConsistOf(username(1)))
	w.Expect(object.Status.Users).To(ConsistOf(And(HaveField("Username", "root.admin"), HaveField("Phase", v1alpha1.PhaseProtected))))
	w.silent()
}

var postState = jumpcloudtest.Match{Method: "POST", Path: "/api/v2/bulk/userstates"}

func findsSchedule(w *world) {
	w.sim.Script(jumpcloudtest.Fault{Match: postState, Kind: jumpcloudtest.FaultReset, Commit: true})
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), Users: users(1, 2)})
	object := w.isScheduled(key, nextYear, usernames(1, 2)...)
	w.Expect(object.Status.Jobs).To(ConsistOf(HaveField("Adopted", false)), "it is ours")
	w.Expect(w.sent("POST", "/bulk/userstates")).To(HaveLen(1))
	w.remove(key)
	w.Expect(w.org.ScheduledStates()).To(BeEmpty())
}

func schedulesAgain(w *world) {
	w.sim.Script(jumpcloudtest.Fault{Match: postState, Kind: jumpcloudtest.FaultReset})
	key := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), Users: users(1, 2)})
	reaches(w, key, v1alpha1.SubmissionSettlingReason)
	w.isScheduled(key, nextYear, usernames(1, 2)...)
	w.Expect(w.org.ScheduledJobs()).To(HaveLen(1))
	w.Expect(strings.Count(strings.Join(w.events("leavers"), " "), "SubmissionRecovered")).To(BeZero())
}

var scheduleKind = livingKind{
	object: func(w *world, name string, mode v1alpha1.Mode) livingObject {
		return &v1alpha1.ScheduledUserState{ObjectMeta: w.meta(name), Spec: v1alpha1.ScheduledUserStateSpec{
			OrganizationRef: toAcme, Users: users(1), State: v1alpha1.SchedulableSuspended, StartDate: nextYear.Format(time.RFC3339), Mode: mode,
		}}
	},
	approve: func(o livingObject, hash string) { o.(*v1alpha1.ScheduledUserState).Spec.ApprovedPlan = hash },
	keep: func(o livingObject) {
		o.(*v1alpha1.ScheduledUserState).Spec.DeletionPolicy = v1alpha1.DeletionPolicyRetain
	},
	changed: func(w *world) bool { return len(w.org.ScheduledStates()) == 1 },
	undo:    func(w *world) { w.org.RemoveScheduledJob(w.org.ScheduledStates()[0].JobID) },
	cleaned: func(w *world) bool { return len(w.org.ScheduledStates()) == 0 },
}
