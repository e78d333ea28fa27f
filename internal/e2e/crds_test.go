package e2e

import (
	"context"
	"net/http"

	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/crdcheck"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

const (
	schedulesCRD = "scheduleduserstates.jumpcloud-operator.io"
	tooOld       = "The CRD " + schedulesCRD + " is older than this operator: it has no status.submission."
)

// When the CRD becomes older than the operator, neither a running operator nor a new one sends
// anything. With the right CRD it continues, and recognizes its own schedule.
func stopsWhereCRDsAreTooOld() {
	w := newWorld(spec(), 60, often)
	w.SetDefaultEventuallyTimeout(3 * patience)
	start := func() *testenv.Operator {
		return plane.StartOperator(spec(), plane.Config, "--watch-namespaces="+w.namespace)
	}
	operator := start()
	operator.WaitReady(spec())
	probe := w.schedule("probe", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), Users: users(9), Mode: v1alpha1.ModePlan})
	reaches(w, probe, v1alpha1.PlannedReason)

	mend := w.lackSubmissions()
	w.Eventually(w.keepsSubmissions).WithArguments(probe).Should(MatchError(ContainSubstring("status.submission")))
	leavers := w.schedule("leavers", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), Users: users(1, 2)})
	object := reaches(w, leavers, v1alpha1.SchemaOutdatedReason)
	w.Expect(apimeta.FindStatusCondition(object.Status.Conditions, v1alpha1.ReadyCondition).Message).To(HavePrefix(tooOld))
	w.Eventually(readiness).WithArguments(spec().Context(), operator).Should(Equal(http.StatusInternalServerError))

	w.Expect(operator.Kill()).To(Succeed())
	w.Eventually(lacking).WithArguments(spec().Context()).Should(HaveKey("ScheduledUserState"))
	operator = start()
	contracts := w.schedule("contracts", v1alpha1.ScheduledUserStateSpec{StartDate: at(nextYear), Users: users(3), Mode: v1alpha1.ModePlan})
	reaches(w, contracts, v1alpha1.SchemaOutdatedReason)
	w.Expect(readiness(spec().Context(), operator)).To(Equal(http.StatusInternalServerError))
	w.Expect(w.mutations()).To(BeZero())

	mend()
	object = reaches(w, leavers, v1alpha1.ScheduledReason)
	w.Expect(w.sent("POST", "/bulk/userstates")).To(HaveLen(1))
	w.Expect(object.Status.Jobs).To(ConsistOf(HaveField("Adopted", false)))
	w.Eventually(readiness).WithArguments(spec().Context(), operator).Should(Equal(http.StatusOK))
}

// lackSubmissions removes a field from the CRD, and returns a function that restores it.
func (w *world) lackSubmissions() (mend func()) {
	w.Helper()
	var field apiextensionsv1.JSONSchemaProps
	edit := func(change func(status map[string]apiextensionsv1.JSONSchemaProps)) {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		w.Expect(plane.Client.Get(context.Background(), client.ObjectKey{Name: schedulesCRD}, crd)).To(Succeed())
		change(crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["status"].Properties)
		w.Expect(plane.Client.Update(context.Background(), crd)).To(Succeed())
	}
	edit(func(status map[string]apiextensionsv1.JSONSchemaProps) {
		field = status["submission"]
		delete(status, "submission")
	})
	mend = func() {
		edit(func(status map[string]apiextensionsv1.JSONSchemaProps) { status["submission"] = field })
	}
	w.Cleanup(mend)
	return mend
}

// keepsSubmissions checks by a dry run whether the API server keeps the field.
func (w *world) keepsSubmissions(object *v1alpha1.ScheduledUserState) error {
	tried := get(w, &v1alpha1.ScheduledUserState{}, object.Name)
	tried.Status.Submission = &v1alpha1.ScheduleSubmission{
		JobStatus:      v1alpha1.JobStatus{Index: 1, Operation: v1alpha1.JobSchedule, State: v1alpha1.JobPlanned},
		ScheduledState: v1alpha1.SchedulableSuspended, At: metav1.NewTime(nextYear),
	}
	return lifecycle.UpdateStatus(w.Context(), plane.Client, tried, client.DryRunAll)
}

// lacking returns what the API server's published schemas lack.
func lacking(ctx context.Context) (map[string]string, error) {
	published, err := discovery.NewDiscoveryClientForConfig(plane.Config)
	if err != nil {
		return nil, err
	}
	return crdcheck.Lacking(ctx, published.OpenAPIV3(), plane.Scheme)
}

// readiness returns the status of the answer of /readyz; 0: there is no answer.
func readiness(ctx context.Context, operator *testenv.Operator) int {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, operator.HealthURL+"/readyz", http.NoBody)
	if err != nil {
		return 0
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}
