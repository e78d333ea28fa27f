package e2e

import (
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

var _ = Describe("BulkUserImport", Label("imports"), func() {
	withOperator()
	DescribeTable("story:", func(story func(*world)) {
		story(newWorld(spec(), 20))
	},
		Entry("creates users", createsUsers),
		Entry("updates what differs, and only that", updatesWhatDiffers),
		Entry("sets managers who are created by the run", setsManagers),
		Entry("Create skips, Update fails", operations),
		Entry("rests once it is done", rests),
		Entry("sends ten rows when ten were added", sendsWhatWasAdded),
		Entry("plans and sends nothing", plans),
		Entry("waits for the approval of exactly this plan", approves),
		Entry("withholds what the guard withholds", guards),
		Entry("suspends by single calls", suspends),
		Entry("sends passing failures again", retries),
		Entry("reports failed rows", reportsFailures),
		Entry("looks again for users who show late", looksAgain),
		Entry("skips invalid rows if told so", skipsInvalid),
		Entry("passwords come from Secrets", sendsPasswords),
		Entry("a changed source while a job runs", sourceChanges),
		Entry("pauses", pauses),
		Entry("an organization in mode Plan", organizationPlans),
	)
})

func createsUsers(w *world) {
	w.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(30)...)}})
	done := w.await("hires", v1alpha1.SucceededReason)
	w.Expect(message(done)).To(Equal("30 users: 30 created"))
	w.Expect(w.org.CountUsers()).To(Equal(50))
	w.Expect(w.org.UserByUsername("new00007")).To(And(HaveKeyWithValue("department", "Engines"), HaveKeyWithValue("state", "STAGED")))
	w.Expect(w.org.Mails()).To(BeEmpty())
	w.Expect(done.Finalizers).To(BeEmpty())
	w.once()
	w.Expect(w.results(done)).To(HaveLen(30))
	w.Expect(w.results(done)[0]).To(HavePrefix("1,new00001,new00001@example.org,Create,Created,,,"))
}

func updatesWhatDiffers(w *world) {
	id := w.org.AddUser(jumpcloudtest.User{
		"username": "ada.byron", "email": "ada@example.org", "department": "Maths", "jobTitle": "Countess",
		"attributes":   []any{map[string]any{"name": "Keep", "value": "kept"}, map[string]any{"name": "EmployeeID", "value": "1"}},
		"addresses":    []any{map[string]any{"type": "home", "locality": "London", "country": "UK"}},
		"phoneNumbers": []any{map[string]any{"type": "work", "number": "1"}},
	})
	w.importOf("staff", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("staff",
		"Username,email,department,attributes.EmployeeID,home_city,mobile_number",
		"ada.byron,ADA@example.org,Engines,0042,Marylebone,+44 1",
		"user000001,user000001@example.org,,,,",
	)}, Defaults: &v1alpha1.UserAttributes{JobTitle: new("Intern")}})
	done := w.await("staff", v1alpha1.SucceededReason)
	w.Expect(message(done)).To(Equal("2 users: 1 updated, 1 unchanged"))
	ada := w.org.User(id)
	w.Expect(ada).To(And(HaveKeyWithValue("department", "Engines"), HaveKeyWithValue("jobTitle", "Countess")))
	w.Expect(fmt.Sprint(ada["attributes"])).To(And(ContainSubstring("name:Keep value:kept"), ContainSubstring("name:EmployeeID value:0042")))
	w.Expect(fmt.Sprint(ada["addresses"])).To(And(ContainSubstring("country:UK"), ContainSubstring("locality:Marylebone")))
	w.Expect(fmt.Sprint(ada["phoneNumbers"])).To(And(ContainSubstring("number:1 type:work"), ContainSubstring("number:+44 1 type:mobile")))
	job := w.org.Jobs()[0]
	w.Expect(job.Rows).To(HaveLen(1))
	w.Expect(job.Rows[0].Input).To(HaveLen(5), "only the id and what differs is sent: %v", job.Rows[0].Input)
}

func setsManagers(w *world) {
	boss := w.org.UserByUsername("user000001")
	w.importOf("team", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("team",
		"username,email,manager",
		"lead,lead@example.org,user000001@example.org",
		"member,member@example.org,lead",
		"user000002,user000002@example.org,lead",
	)}})
	done := w.await("team", v1alpha1.SucceededReason)
	w.Expect(message(done)).To(Equal("3 users: 2 created, 1 updated"))
	lead := w.org.UserByUsername("lead")
	w.Expect(lead).To(HaveKeyWithValue("manager", boss["_id"]))
	w.Expect(w.org.UserByUsername("member")).To(HaveKeyWithValue("manager", lead["_id"]))
	w.Expect(w.org.UserByUsername("user000002")).To(HaveKeyWithValue("manager", lead["_id"]))
	w.Expect(w.org.Jobs()).To(HaveLen(2))
}

func operations(w *world) {
	both := []string{"username,email,department", "user000001,user000001@example.org,New", "nobody,nobody@example.org,New"}
	w.importOf("create", v1alpha1.BulkUserImportSpec{Operation: v1alpha1.OperationCreate, UsersFrom: []v1alpha1.RowsSource{w.csv("create", both[0], both[1])}})
	w.Expect(message(w.await("create", v1alpha1.SucceededReason))).To(Equal("1 user: 1 skipped"))
	w.importOf("update", v1alpha1.BulkUserImportSpec{Operation: v1alpha1.OperationUpdate, UsersFrom: []v1alpha1.RowsSource{w.csv("update", both...)}})
	done := w.await("update", v1alpha1.RowsFailedReason)
	w.Expect(message(done)).To(HavePrefix("2 users: 1 updated, 1 failed. The first is row 2 (RemoteNotFound)."))
	w.Expect(done.Status.Failures).To(ConsistOf(And(HaveField("Row", int32(2)), HaveField("Key", "nobody"), HaveField("Message", ContainSubstring("operation Upsert")))))
	w.Expect(w.org.CountUsers()).To(Equal(20))
}

func rests(w *world) {
	w.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(5)...)}})
	done := w.await("hires", v1alpha1.SucceededReason)
	before := w.mutations()
	w.annotate("hires", v1alpha1.ReconcileRequestedAtAnnotation, "once more")
	var again *v1alpha1.BulkUserImport
	w.Eventually(func() string {
		again = get(w, &v1alpha1.BulkUserImport{}, "hires")
		return again.Status.LastHandledReconcileAt
	}).Should(Equal("once more"))
	again.Status.LastHandledReconcileAt = ""
	w.Expect(again.Status).To(Equal(done.Status), "nothing else changed")
	w.Expect(w.mutations()).To(Equal(before))

	// On request, a run repairs what somebody changed.
	w.org.UpdateUser(w.org.UserByUsername("new00001")["_id"].(string), jumpcloudtest.User{"department": "Elsewhere"})
	w.annotate("hires", v1alpha1.ReconcileRequestedAtAnnotation, "mend")
	w.Eventually(func() string { return message(w.await("hires", v1alpha1.SucceededReason)) }).Should(Equal("5 users: 1 updated, 4 unchanged"))
	w.Expect(get(w, &v1alpha1.BulkUserImport{}, "hires").Status.RunNumber).To(Equal(int64(2)))
}

func sendsWhatWasAdded(w *world) {
	w.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(40)...)}})
	w.await("hires", v1alpha1.SucceededReason)
	w.setCSV("hires", people(50)...)
	w.Eventually(func() int { return w.org.CountUsers() }).Should(Equal(70))
	w.Eventually(func() string { return message(w.await("hires", v1alpha1.SucceededReason)) }).Should(Equal("50 users: 10 created, 40 unchanged"))
	jobs := w.org.Jobs()
	w.Expect(jobs).To(HaveLen(2))
	w.Expect(jobs[1].Rows).To(HaveLen(10))
	w.once()
}

func plans(w *world) {
	w.importOf("hires", v1alpha1.BulkUserImportSpec{Mode: v1alpha1.ModePlan, UsersFrom: []v1alpha1.RowsSource{w.csv("hires",
		"username,email,department,state", "new1,new1@example.org,A,Activated", "user000001,user000001@example.org,New,", "user000002,user000002@example.org,,")}})
	planned := w.await("hires", v1alpha1.PlannedReason)
	w.Expect(planned.Status.Plan).To(HaveValue(And(HaveField("Create", int32(1)), HaveField("Update", int32(1)), HaveField("Unchanged", int32(1)), HaveField("ActivationMails", int32(1)))))
	w.Expect(planned.Status.RunNumber).To(BeZero(), "planning is no run")
	w.Expect(w.results(planned)[1]).To(HavePrefix(`2,user000001,user000001@example.org,Update,,,changes department,`))
	w.Expect(w.mutations()).To(BeZero())

	w.change("hires", func(i *v1alpha1.BulkUserImport) { i.Spec.Mode = v1alpha1.ModeApply })
	w.Expect(message(w.await("hires", v1alpha1.SucceededReason))).To(Equal("3 users: 1 created, 1 updated, 1 unchanged"))
	w.Expect(get(w, &v1alpha1.BulkUserImport{}, "hires").Status.RunNumber).To(Equal(int64(1)))
}

func approves(w *world) {
	w.importOf("hires", v1alpha1.BulkUserImportSpec{Mode: v1alpha1.ModeApplyAfterApproval, UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(3)...)}})
	waiting := w.await("hires", v1alpha1.ApprovalRequiredReason)
	first := waiting.Status.Plan.Hash
	w.Expect(message(waiting)).To(ContainSubstring(first))
	w.Expect(w.mutations()).To(BeZero())

	w.setCSV("hires", people(4)...)
	w.Eventually(func() string { return w.await("hires", v1alpha1.ApprovalRequiredReason).Status.Plan.Hash }).ShouldNot(Equal(first))
	w.change("hires", func(i *v1alpha1.BulkUserImport) { i.Spec.ApprovedPlan = first })
	second := w.await("hires", v1alpha1.PlanChangedReason).Status.Plan.Hash
	w.Expect(w.mutations()).To(BeZero())
	w.change("hires", func(i *v1alpha1.BulkUserImport) { i.Spec.ApprovedPlan = second })
	w.Expect(message(w.await("hires", v1alpha1.SucceededReason))).To(Equal("4 users: 4 created"))
}

func guards(w *world) {
	lines := []string{"username,email"}
	for i := 1; i <= 5; i++ {
		lines = append(lines, fmt.Sprintf("user%06d,changed%d@example.org", i, i))
	}
	lines = append(lines, "fresh,fresh@example.org")
	w.importOf("mails", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("mails", lines...)}})
	waiting := w.await("mails", v1alpha1.ApprovalRequiredReason)
	w.Expect(w.org.UserByUsername("fresh")).NotTo(BeNil(), "what is harmless goes")
	w.Expect(w.org.UserByUsername("user000001")).To(HaveKeyWithValue("email", "user000001@example.org"))
	w.Expect(waiting.Status.Summary).To(HaveValue(And(HaveField("Created", int32(1)), HaveField("Pending", int32(5)))))
	w.change("mails", func(i *v1alpha1.BulkUserImport) { i.Spec.ApprovedPlan = waiting.Status.Plan.Hash })
	done := w.await("mails", v1alpha1.SucceededReason)
	w.Expect(message(done)).To(Equal("6 users: 1 created, 5 updated"))
	w.Expect(done.Status.RunNumber).To(Equal(int64(1)))
	w.Expect(w.org.UserByUsername("user000005")).To(HaveKeyWithValue("email", "changed5@example.org"))
}

func suspends(w *world) {
	w.importOf("leavers", v1alpha1.BulkUserImportSpec{StateOnUpdate: v1alpha1.StateOnUpdateApply, UsersFrom: []v1alpha1.RowsSource{w.csv("leavers",
		"username,email,state,department", "user000001,user000001@example.org,SUSPENDED,Gone", "user000002,user000002@example.org,Activated,")}})
	done := w.await("leavers", v1alpha1.SucceededReason)
	w.Expect(message(done)).To(Equal("2 users: 1 updated, 1 unchanged"))
	w.Expect(w.org.UserByUsername("user000001")).To(And(HaveKeyWithValue("state", "SUSPENDED"), HaveKeyWithValue("department", "Gone")))
	w.Expect(done.Status.Jobs).To(HaveExactElements(
		And(HaveField("Operation", v1alpha1.JobSuspend), HaveField("State", v1alpha1.JobFinished)),
		And(HaveField("Operation", v1alpha1.JobUpdate), HaveField("State", v1alpha1.JobFinished))), "the state alone goes first")
}

func retries(w *world) {
	w.org.ScriptRows(jumpcloudtest.RowFault{Username: "new00002", Times: 1, StatusMsg: "InternalServerError"})
	w.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(3)...)}})
	w.await("hires", v1alpha1.ProgressingWithRetryReason)
	w.Expect(message(w.await("hires", v1alpha1.SucceededReason))).To(Equal("3 users: 3 created"))
	w.Expect(w.org.Submissions()["new00002"]).To(HaveLen(2))
	w.Expect(w.org.Submissions()["new00001"]).To(HaveLen(1))
}

func reportsFailures(w *world) {
	w.org.ScriptRows(jumpcloudtest.RowFault{Username: "new00002", StatusMsg: "Password of new00002 is too weak\nreally"})
	w.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(3)...)}})
	done := w.await("hires", v1alpha1.RowsFailedReason)
	w.Expect(message(done)).To(HavePrefix("3 users: 2 created, 1 failed. The first is row 2 (JobFailed)."))
	w.Expect(done.Status.Failures).To(ConsistOf(And(
		HaveField("Row", int32(2)), HaveField("Key", "new00002"), HaveField("Message", "Password of new00002 is too weak really"))))
	w.Expect(w.results(done)[1]).To(ContainSubstring("Failed,JobFailed,Password of new00002 is too weak really"))
}

func looksAgain(w *world) {
	w.org.Configure(func(b *jumpcloudtest.Behavior) { b.VisibilityLag = 3 * time.Second })
	w.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(3)...)}})
	w.Expect(message(w.await("hires", v1alpha1.SucceededReason))).To(Equal("3 users: 3 created"))
	w.once()
}

func skipsInvalid(w *world) {
	source := w.csv("hires", "username,email", "good,good@example.org", "bad,not-an-address")
	w.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{source}})
	stalled := w.await("hires", v1alpha1.InvalidRowsReason)
	w.Expect(message(stalled)).To(ContainSubstring("1 of 2 rows is invalid, so nothing was sent: ConfigMap hires, key users.csv, line 3: email"))
	w.Expect(w.mutations()).To(BeZero())
	w.change("hires", func(i *v1alpha1.BulkUserImport) { i.Spec.OnInvalidRow = v1alpha1.OnInvalidRowSkip })
	w.Expect(message(w.await("hires", v1alpha1.RowsFailedReason))).To(HavePrefix("2 users: 1 created, 1 failed. The first is row 2 (Invalid)."))
}

func sendsPasswords(w *world) {
	const password = "Correct-Horse-9-Battery"
	w.create(&corev1.Secret{ObjectMeta: w.meta("initial"), StringData: map[string]string{"ada": password}})
	w.org.ScriptRows(jumpcloudtest.RowFault{Username: "chas", StatusMsg: "the password " + password + " was used before"})
	w.importOf("hires", v1alpha1.BulkUserImportSpec{Users: []v1alpha1.UserRow{
		{Username: new("ada"), Email: new("ada@example.org"), PasswordSecretRef: &v1alpha1.KeyReference{Name: "initial", Key: "ada"}},
		{Username: new("chas"), Email: new("chas@example.org"), PasswordSecretRef: &v1alpha1.KeyReference{Name: "initial", Key: "ada"}},
	}})
	done := w.await("hires", v1alpha1.RowsFailedReason)
	w.Expect(w.org.Password(w.org.UserByUsername("ada")["_id"].(string))).To(Equal(password))
	w.Expect(done.Status.Failures[0].Message).To(Equal("the password *** was used before"))
	w.Expect(strings.Join(w.results(done), "\n")).NotTo(ContainSubstring(password))
}

func sourceChanges(w *world) {
	w.org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration = 3 * time.Second })
	w.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(3)...)}})
	w.await("hires", v1alpha1.JobRunningReason)
	w.setCSV("hires", "username,email", "late,late@example.org")
	w.Eventually(func() string { return message(w.await("hires", v1alpha1.SucceededReason)) }).Should(Equal("1 user: 1 created"))
	w.Expect(w.org.CountUsers()).To(Equal(24), "the open job was finished, and the new rows ran after it")
	w.once()
}

func pauses(w *world) {
	object := &v1alpha1.BulkUserImport{ObjectMeta: w.meta("hires"), Spec: v1alpha1.BulkUserImportSpec{
		OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"}, UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(3)...)},
	}}
	object.Annotations = map[string]string{v1alpha1.PausedAnnotation: "true"}
	w.create(object)
	w.Eventually(func() []metav1.Condition { return get(w, &v1alpha1.BulkUserImport{}, "hires").Status.Conditions }).Should(
		ContainElement(And(HaveField("Type", v1alpha1.PausedCondition), HaveField("Status", metav1.ConditionTrue))))
	w.Expect(w.mutations()).To(BeZero())
	w.annotate("hires", v1alpha1.PausedAnnotation, "false")
	done := w.await("hires", v1alpha1.SucceededReason)
	w.Expect(done.Status.Conditions).NotTo(ContainElement(HaveField("Type", v1alpha1.PausedCondition)))
}

func organizationPlans(w *world) {
	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModePlan })
	w.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(3)...)}})
	w.Expect(message(w.await("hires", v1alpha1.PlanOnlyReason))).To(ContainSubstring("3 to create"))
	w.Expect(w.mutations()).To(BeZero())
	w.changeOrganization(func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModeApply })
	w.await("hires", v1alpha1.SucceededReason)
}

// results returns the lines of an import's ledger, without the header.
func (w *world) results(object *v1alpha1.BulkUserImport) []string {
	w.Helper()
	var lines []string
	for _, reference := range object.Status.Results {
		cm := &corev1.ConfigMap{}
		w.Expect(plane.Client.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: reference.ConfigMap}, cm)).To(Succeed())
		part := strings.Split(strings.TrimSpace(cm.Data["results.csv"]), "\n")
		w.Expect(part[0]).To(Equal("row,username,email,action,outcome,reason,message,userID,jobID"))
		lines = append(lines, part[1:]...)
	}
	return lines
}
