package lifecycle

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// leavingOrganization makes an Organization that is being deleted.
func leavingOrganization(o *v1alpha1.Organization) {
	o.Finalizers, o.DeletionTimestamp = []string{v1alpha1.Finalizer}, anImport(deleting).DeletionTimestamp
}

// needsSession finalizes like a kind that has something left to do.
func needsSession(_ context.Context, pass *Pass[*v1alpha1.BulkUserImport]) Outcome {
	if pass.Session == nil {
		return pass.NoSession
	}
	return done
}

// terminate makes the API server say that the namespace is being deleted.
func (w *world) terminate() {
	w.refuse = func(verb string) error {
		if verb != "create" {
			return nil
		}
		err := apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "probe", nil)
		err.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
		return err
	}
}

// age sets the time that has passed since the deletion.
func (w *world) age(d time.Duration) {
	w.reconciler.Clock = clocktesting.NewFakePassiveClock(time.Unix(1700000000, 0).Add(d))
}

func message(w *world) string {
	return apimeta.FindStatusCondition(w.get().Status.Conditions, v1alpha1.ReadyCondition).Message
}

func TestDeletedObjectsUseADeletedOrganization(t *testing.T) {
	w := newWorld(t, anImport(finalized, deleting), anOrganization(leavingOrganization))
	w.connect(anOrganization(), organizationID)
	w.actuator.finalize = needsSession
	w.pass()
	w.Expect(w.get().Finalizers).NotTo(ContainElement(v1alpha1.Finalizer))
}

func TestNothingIsBegunUnderADeletedOrganization(t *testing.T) {
	w := newWorld(t, anImport(), anOrganization(leavingOrganization))
	w.connect(anOrganization(), organizationID)
	w.pass()
	w.Expect(w.actuator.passes).To(BeZero())
	w.Expect(message(w)).To(ContainSubstring("is not ready (Deleting)"))
}

// The Organization's own pass is about to renew, or to make, the session.
func TestTheSessionOfADeletedOrganizationIsWaitedForWithoutATrace(t *testing.T) {
	for name, older := range map[string]bool{"of the generation before": true, "after a restart": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, anImport(finalized, deleting), anOrganization(leavingOrganization, func(o *v1alpha1.Organization) { o.Generation = 2 }))
			if older {
				w.Expect(w.reconciler.Pool.Put(anOrganization(), dialed, apiKey, organizationID)).To(Succeed())
			}
			w.actuator.finalize = needsSession
			w.Expect(w.pass().RequeueAfter).To(BeNumerically("<=", 2*sessionDelay))
			w.Expect(w.writes).To(BeEmpty())
		})
	}
}

func TestObjectsAreLetGoWhereTheCredentialsAreGone(t *testing.T) {
	withoutSecret := func(o *v1alpha1.Organization) {
		setConditions(o.Common(), 1, Stalled(v1alpha1.CredentialsNotFoundReason, "Secret jumpcloud does not exist."))
	}
	rejected := func(o *v1alpha1.Organization) {
		setConditions(o.Common(), 1, Stalled(v1alpha1.AuthenticationFailedReason, "rejected"))
	}
	cases := map[string]struct {
		organization *v1alpha1.Organization
		refused      bool
		terminating  bool
		after        time.Duration
		goes         bool
	}{
		"no Organization":                  {nil, false, true, leaveAfter, true},
		"no Organization, not yet":         {nil, false, true, leaveAfter - time.Second, false},
		"no Organization, namespace stays": {nil, false, false, leaveAfter, false},
		"no Secret":                        {anOrganization(withoutSecret), true, true, leaveAfter, true},
		"no Secret, both deleted":          {anOrganization(withoutSecret, leavingOrganization), true, true, leaveAfter, true},
		"no Secret, says an older process": {anOrganization(withoutSecret), false, true, leaveAfter, false},
		"rejected credentials":             {anOrganization(rejected), true, true, leaveAfter, false},
		"rejected, both deleted":           {anOrganization(rejected, leavingOrganization), true, true, leaveAfter, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			job := v1alpha1.JobStatus{Index: 1, State: v1alpha1.JobSubmitted, JobID: "job-1", Rows: 7}
			w := newWorld(t, anImport(finalized, deleting, func(o *v1alpha1.BulkUserImport) { o.Status.Jobs = []v1alpha1.JobStatus{job} }))
			w.reconciler.Orphans = func(o *v1alpha1.BulkUserImport) string { return OrphanedJobs(o.Status.Jobs) }
			if tc.organization != nil {
				w.Expect(w.api.Create(t.Context(), withoutDeletion(tc.organization))).To(Succeed())
				if !tc.organization.DeletionTimestamp.IsZero() {
					w.Expect(w.api.Delete(t.Context(), tc.organization)).To(Succeed())
				}
				w.writes = nil
			}
			if tc.refused {
				w.reconciler.Pool.Remove(organizationKeyOfTests)
			}
			if tc.terminating {
				w.terminate()
			}
			w.actuator.finalize = needsSession
			w.age(tc.after)
			result := w.pass()
			if tc.goes {
				w.Expect(w.get().Finalizers).NotTo(ContainElement(v1alpha1.Finalizer))
				w.Expect(w.events()).To(ConsistOf(And(HavePrefix("Warning CredentialsNotFound"), ContainSubstring("job job-1 of 7 rows"))))
				return
			}
			w.Expect(w.get().Finalizers).To(ContainElement(v1alpha1.Finalizer))
			w.Expect(result.RequeueAfter).To(BeNumerically(">", 0))
			if len(w.writes) > 0 {
				w.Expect(message(w)).To(ContainSubstring(v1alpha1.AbandonAnnotation))
			}
		})
	}
}

// The time at which an object may go must not be late.
func TestTheTimeToLeaveIsKept(t *testing.T) {
	w := newWorld(t, anImport(finalized, deleting))
	w.terminate()
	w.actuator.finalize = needsSession
	w.age(leaveAfter - 7*time.Second)
	w.Expect(w.pass().RequeueAfter).To(Equal(7 * time.Second))
}

func withoutDeletion(o *v1alpha1.Organization) *v1alpha1.Organization {
	o = o.DeepCopy()
	o.DeletionTimestamp = nil
	return o
}
