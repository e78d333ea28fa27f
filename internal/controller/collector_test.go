package controller_test

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

func TestTheMetricsTellWhatWaitsForAPerson(t *testing.T) {
	g := NewWithT(t)
	scheme := runtime.NewScheme()
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	with := func(conditionType string) func(lifecycle.Object, string, string, metav1.ConditionStatus) lifecycle.Object {
		return func(object lifecycle.Object, name, reason string, status metav1.ConditionStatus) lifecycle.Object {
			object.SetNamespace("identity")
			object.SetName(name)
			object.Common().OrganizationID = "acme-id"
			apimeta.SetStatusCondition(&object.Common().Conditions, metav1.Condition{Type: conditionType, Status: status, Reason: reason})
			return object
		}
	}
	ready, stalled := with(v1alpha1.ReadyCondition), with(v1alpha1.StalledCondition)
	missed := &v1alpha1.ScheduledUserState{Status: v1alpha1.ScheduledUserStateStatus{Summary: &v1alpha1.ScheduleSummary{Missed: 2}}}
	cache := fake.NewClientBuilder().WithScheme(scheme).WithObjects(
		stalled(&v1alpha1.UserGroup{}, "a", v1alpha1.ApprovalRequiredReason, metav1.ConditionTrue),
		stalled(&v1alpha1.UserGroup{}, "b", v1alpha1.ApprovalRequiredReason, metav1.ConditionTrue),
		stalled(&v1alpha1.UserGroup{}, "c", v1alpha1.ApprovalRequiredReason, metav1.ConditionFalse),
		stalled(missed, "leaver", v1alpha1.ScheduleMissedReason, metav1.ConditionTrue),
		ready(&v1alpha1.Organization{}, "a", v1alpha1.CredentialsNotFoundReason, metav1.ConditionFalse),
		ready(&v1alpha1.Organization{}, "b", v1alpha1.ProgressingReason, metav1.ConditionUnknown),
		ready(&v1alpha1.Organization{}, "c", v1alpha1.SucceededReason, metav1.ConditionTrue),
	).Build()

	registry := prometheus.NewPedanticRegistry()
	g.Expect(registry.Register(controller.Collector(cache, scheme))).To(Succeed())
	g.Expect(testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP jumpcloud_objects_not_ready Objects whose condition Ready is not True, by its reason.
# TYPE jumpcloud_objects_not_ready gauge
jumpcloud_objects_not_ready{kind="Organization",organization="acme-id",reason="CredentialsNotFound"} 1
jumpcloud_objects_not_ready{kind="Organization",organization="acme-id",reason="Progressing"} 1
# HELP jumpcloud_objects_stalled Objects whose condition Stalled is True: a person must act.
# TYPE jumpcloud_objects_stalled gauge
jumpcloud_objects_stalled{kind="ScheduledUserState",organization="acme-id",reason="ScheduleMissed"} 1
jumpcloud_objects_stalled{kind="UserGroup",organization="acme-id",reason="ApprovalRequired"} 2
# HELP jumpcloud_schedule_users Users of scheduled states who did not come into the state in time (missed), or whose scheduled job another client removed (lost).
# TYPE jumpcloud_schedule_users gauge
jumpcloud_schedule_users{organization="acme-id",phase="lost"} 0
jumpcloud_schedule_users{organization="acme-id",phase="missed"} 2
`))).To(Succeed())
}
