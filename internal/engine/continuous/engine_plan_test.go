package continuous_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

var planKey = client.ObjectKey{Namespace: "identity", Name: "engineers-plan-000"}

func (w *world) planFile() string {
	w.T.Helper()
	config := &corev1.ConfigMap{}
	w.Expect(w.API.Get(w.T.Context(), planKey, config)).To(Succeed())
	return config.Data["plan.csv"]
}

func TestALongPlanIsWrittenWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, to(60), []int{90})
		w.Rest()
		w.ExpectReady("False/ApprovalRequired")
		w.Expect(w.Message()).To(ContainSubstring("see ConfigMap engineers-plan-000 and status.plan"))
		lines := strings.Split(strings.TrimSpace(w.planFile()), "\n")
		w.Expect(lines).To(HaveLen(1 + 60))
		w.Expect(lines[0]).To(Equal("action,subject,field,harmful,withheld"))
		w.Expect(lines).To(ContainElement("RemoveMember," + w.users[59] + ",,true,true"))
		references := w.Get().Status.PlanConfigMaps
		w.Expect(references).To(HaveLen(1))
		w.Expect(references[0].ConfigMap).To(Equal("engineers-plan-000"))
		w.Expect(references[0].Rows).To(BeEquivalentTo(60))

		w.writes = 0
		w.Resync()
		w.Restart()
		w.Resync()
		w.Expect(w.writes).To(Equal(0), "at rest nothing is written")

		// An edit of the ConfigMap changes neither the digest nor what is done.
		config := &corev1.ConfigMap{}
		w.Expect(w.API.Get(t.Context(), planKey, config)).To(Succeed())
		before := config.Data["plan.csv"]
		config.Data["plan.csv"] = lines[0] + "\n"
		w.Expect(w.API.Update(t.Context(), config)).To(Succeed())
		w.Expect(w.Get().Status.PlanConfigMaps).To(Equal(references))
		w.Resync()
		w.Expect(w.planFile()).To(Equal(before))

		w.approve()
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.API.Get(t.Context(), planKey, config)).NotTo(Succeed(), "it is not needed any more")
		w.Expect(w.Get().Status.PlanConfigMaps).To(BeEmpty())
	})
}

func TestAPlanNeverTouchesWhatIsNotItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, to(60), nil, mode(v1alpha1.ModePlan))
		w.ConfigMap(planKey.Name, map[string]string{"plan.csv": "mine"})
		w.Rest()
		w.ExpectReady("False/NameConflict")
		w.Expect(w.planFile()).To(Equal("mine"))
		w.Expect(w.API.Delete(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: planKey.Namespace, Name: planKey.Name}})).To(Succeed())
		w.Resync()
		w.ExpectReady("True/Planned")
		w.Expect(w.planFile()).To(ContainSubstring("RemoveMember"))
		w.Annotate(v1alpha1.PausedAnnotation, "true")
		w.want(to(60)...)
		w.Rest()
		w.Expect(w.planFile()).To(ContainSubstring("RemoveMember"), "nothing is written while the object is paused")
	})
}

func TestAProcessMayDieWhileALongPlanIsWritten(t *testing.T) {
	for n, died := 0, true; died; n++ {
		died = false
		for _, after := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, to(60), nil)
				w.DieAt(n, after, &died)
				w.Rest()
				w.ExpectReady("False/ApprovalRequired")
				w.Expect(strings.Count(w.planFile(), "\n")).To(Equal(61))
				w.OnCall = nil
				w.want(to(60)...)
				w.DieAt(n, after, new(bool))
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.Expect(w.API.Get(t.Context(), planKey, &corev1.ConfigMap{})).NotTo(Succeed())
				w.Expect(w.Get().Status.PlanConfigMaps).To(BeEmpty())
			})
		}
	}
}

// careless plans a change without a class.
type careless struct{ members }

func (c careless) Observe(ctx context.Context, p *pass) (*plan, error) {
	made, err := c.members.Observe(ctx, p)
	for i := range made.Changes {
		made.Changes[i].Class = ""
	}
	return made, err
}

func TestAChangeThatNobodyThoughtAboutIsNotMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &object{
			ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "engineers"},
			Spec: v1alpha1.UserGroupSpec{
				OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"}, Name: "65f1c0ffee65f1c0ffee5000",
				Members: &[]v1alpha1.UserReference{{ID: "65f1c0ffee65f1c0ffee6000"}},
			},
		}
		w := enginetest.NewLiving(t, o, func(lifecycle.Config) continuous.Kind[*object, memory] { return careless{} }, enginetest.Options[*object]{})
		w.Org.AddUserGroup(map[string]any{"id": o.Spec.Name, "name": "engineers"})
		w.Pass()
		w.ExpectReady("False/ProgressingWithRetry")
		w.Expect(w.Sim.MutatingRequests()).To(BeEmpty())
	})
}
