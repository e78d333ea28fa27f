package e2e

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const (
	workdayUser     = "isu_jumpcloud"
	workdayPassword = "Tr0ub4dor&3"
	workdayReport   = "https://wd.example.com/report?format=json"
)

var _ = Describe("WorkdayImport", Label("workday"), func() {
	withOperator()
	DescribeTable("story:", func(story func(*world)) {
		story(newWorld(spec(), 5))
	},
		Entry("imports workers", importsWorkers),
		Entry("waits for an instance", awaitsInstance),
		Entry("waits for credentials that work", awaitsCredentials),
		Entry("a second instance", refusesSecondInstance),
		Entry("takes credentials away, if told to", deauthorizesInstance),
		Entry("keeps credentials, if nothing's said", retainsInstance),
		Entry("waits for its time", awaitsItsTime),
		Entry("an expression that does not compile", refusesExpression),
	)
})

// workday creates a WorkdayInstance and the Secret with its credentials.
func (w *world) workday(password string, change ...func(*v1alpha1.WorkdayInstanceSpec)) *v1alpha1.WorkdayInstance {
	w.Helper()
	w.create(&corev1.Secret{ObjectMeta: w.meta("workday-isu"), StringData: map[string]string{"username": workdayUser, "password": password}})
	return w.instanceOf("workday", change...)
}

func (w *world) instanceOf(name string, change ...func(*v1alpha1.WorkdayInstanceSpec)) *v1alpha1.WorkdayInstance {
	w.Helper()
	object := &v1alpha1.WorkdayInstance{ObjectMeta: w.meta(name), Spec: v1alpha1.WorkdayInstanceSpec{
		OrganizationRef: toAcme, ReportURL: workdayReport, CredentialsSecretRef: &v1alpha1.SecretReference{Name: "workday-isu"},
	}}
	for _, c := range change {
		c(&object.Spec)
	}
	w.create(object)
	return object
}

// joiners creates a WorkdayImport.
func (w *world) joiners(spec v1alpha1.WorkdayImportSpec) *v1alpha1.WorkdayImport {
	w.Helper()
	spec.WorkdayInstanceRef.Name = "workday"
	if spec.OrganizationRef.Name == "" {
		spec.OrganizationRef = toAcme
	}
	object := &v1alpha1.WorkdayImport{ObjectMeta: w.meta("joiners"), Spec: spec}
	w.create(object)
	return object
}

// worker returns the i-th worker of a report: it has the names of the i-th generated user, who
// may be in the directory.
func worker(i int) jumpcloudtest.Worker {
	return jumpcloudtest.Worker{
		"email": username(i) + "@example.org", "username": username(i), "firstName": "Ada", "lastName": fmt.Sprintf("Byron %d", i),
		"attributes": map[string]any{"Department": []string{"Engineering", "Sales"}[i%2]},
	}
}

func (w *world) report(workers int) {
	report := jumpcloudtest.WorkdayReport{Username: workdayUser, Password: workdayPassword}
	for i := range workers {
		report.Workers = append(report.Workers, worker(i+1))
	}
	w.org.SetWorkdayReport(report)
}

// useWorkday makes the operator do everything that it does with Workday's kinds.
func (w *world) useWorkday(organization v1alpha1.OrganizationReference) {
	w.Helper()
	w.report(w.org.CountUsers() + 2)
	instance := w.workday(workdayPassword, func(s *v1alpha1.WorkdayInstanceSpec) {
		s.OrganizationRef, s.DeletionPolicy = organization, v1alpha1.DeletionPolicyDeauthorize
	})
	w.Expect(isReady(w, instance).Finalizers).To(ConsistOf(v1alpha1.Finalizer))
	joiners := isReady(w, w.joiners(v1alpha1.WorkdayImportSpec{OrganizationRef: organization}))
	w.Expect(joiners.Status.Summary.Created).NotTo(BeZero())
	w.remove(joiners)
	w.remove(instance)
	user, _ := w.org.WorkdayCredentials()
	w.Expect(user).To(BeEmpty())
}

func importsWorkers(w *world) {
	w.report(12)
	instance := w.workday(workdayPassword)
	object := w.joiners(v1alpha1.WorkdayImportSpec{
		Filter:  `worker.attributes.Department == "Engineering"`,
		Mapping: []v1alpha1.AttributeMapping{{Attribute: "department", From: "worker.attributes.Department"}},
	})
	done := reaches(w, object, v1alpha1.SucceededReason)
	w.Expect(readyMessage(done)).To(Equal("4 users: 4 created"))
	w.Expect(done.Status.Results[0].ConfigMap).To(Equal("joiners-workday-results-000"))
	w.Expect(w.org.UserByUsername(username(12))).To(And(HaveKeyWithValue("state", "STAGED"), HaveKeyWithValue("department", "Engineering")))
	present := isReady(w, instance)
	w.Expect(present.Status.Workers).To(HaveValue(BeEquivalentTo(12)))
	w.Expect(present.Status.Auth.Valid).To(BeTrue())
	w.changeOrganization(often)
	w.silent()
	stored := fmt.Sprintf("%+v %+v", present.Status, done.Status)
	w.Expect(stored).NotTo(ContainSubstring(workdayPassword))

	w.report(14)
	mark(w, object, v1alpha1.ReconcileRequestedAtAnnotation, "now")
	w.Eventually(func() string { return w.userState(username(14)) }).Should(Equal("STAGED"))
	w.once()
}

func (w *world) userState(username string) string {
	state, _ := w.org.UserByUsername(username)["state"].(string)
	return state
}

func awaitsInstance(w *world) {
	w.report(8)
	object := w.joiners(v1alpha1.WorkdayImportSpec{})
	reaches(w, object, v1alpha1.SourceNotFoundReason)
	w.workday(workdayPassword)
	w.Expect(readyMessage(reaches(w, object, v1alpha1.SucceededReason))).To(Equal("3 users: 3 created"))
}

// The Secret wakes the instance, and the instance wakes the import.
func awaitsCredentials(w *world) {
	w.report(8)
	instance, object := w.workday("mistyped"), w.joiners(v1alpha1.WorkdayImportSpec{})
	reaches(w, instance, v1alpha1.AuthenticationFailedReason)
	reaches(w, object, v1alpha1.InstanceNotReadyReason)
	for _, request := range w.sim.History() {
		w.Expect(request.Path).NotTo(Or(HaveSuffix("/workers"), HaveSuffix("/import")))
	}

	amend(w, &corev1.Secret{ObjectMeta: w.meta("workday-isu")}, func(s *corev1.Secret) { s.Data["password"] = []byte(workdayPassword) })
	reaches(w, object, v1alpha1.SucceededReason)
	ready := isReady(w, instance)
	w.Expect(apimeta.IsStatusConditionTrue(ready.Status.Conditions, v1alpha1.AuthenticatedCondition)).To(BeTrue())
}

func refusesSecondInstance(w *world) {
	w.report(8)
	first := isReady(w, w.workday(workdayPassword))
	before := w.mutations()
	w.grown(first)
	second := w.instanceOf("zz-second", func(s *v1alpha1.WorkdayInstanceSpec) { s.ReportURL = "https://wd.example.com/other" })
	reaches(w, second, v1alpha1.RemoteConflictReason)
	w.Expect(w.mutations()).To(Equal(before))
	w.Expect(w.org.Workday()).To(HaveKeyWithValue("reportUrl", workdayReport))

	w.remove(first)
	reaches(w, second, v1alpha1.AdoptedReason)
	w.Expect(w.org.Workday()).To(HaveKeyWithValue("reportUrl", "https://wd.example.com/other"))
}

func deauthorizesInstance(w *world) {
	w.report(8)
	instance := isReady(w, w.workday(workdayPassword, func(s *v1alpha1.WorkdayInstanceSpec) { s.DeletionPolicy = v1alpha1.DeletionPolicyDeauthorize }))
	w.remove(instance)
	user, _ := w.org.WorkdayCredentials()
	w.Expect(user).To(BeEmpty())
}

func retainsInstance(w *world) {
	w.report(8)
	instance := isReady(w, w.workday(workdayPassword))
	w.Expect(instance.Finalizers).To(BeEmpty())
	w.remove(instance)
	user, _ := w.org.WorkdayCredentials()
	w.Expect(user).To(Equal(workdayUser))
}

func awaitsItsTime(w *world) {
	w.report(8)
	isReady(w, w.workday(workdayPassword))
	object := reaches(w, w.joiners(v1alpha1.WorkdayImportSpec{Schedule: "0 0 1 1 *", TimeZone: "Europe/Berlin"}), v1alpha1.ScheduledReason)
	w.Expect(object.Status.NextScheduleTime).NotTo(BeNil())
	w.Expect(object.Status.LastScheduleTime).To(BeNil())
	mark(w, object, v1alpha1.ReconcileRequestedAtAnnotation, "now")
	w.Expect(readyMessage(reaches(w, object, v1alpha1.SucceededReason))).To(Equal("3 users: 3 created"))
}

func refusesExpression(w *world) {
	w.report(8)
	w.workday(workdayPassword)
	object := reaches(w, w.joiners(v1alpha1.WorkdayImportSpec{Filter: "worker.emial != ''"}), v1alpha1.InvalidSpecReason)
	w.Expect(readyMessage(object)).To(ContainSubstring("spec.filter:1:7: undefined field 'emial'"))
	amend(w, object, func(o *v1alpha1.WorkdayImport) { o.Spec.Filter = strings.Replace(o.Spec.Filter, "emial", "email", 1) })
	reaches(w, object, v1alpha1.SucceededReason)
}
