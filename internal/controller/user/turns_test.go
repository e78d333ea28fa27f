package user_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/bulkuserimport"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/claims"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

// both is a world with the User "ada", which states her badge, and an import "hires", which
// states her desk. Jobs take a while. PassOver, PassAll and RestAll reconcile both.
type both struct {
	*world
	ada, hires client.ObjectKey
}

func withImport(t *testing.T, tell func(w *both)) {
	t.Helper()
	hires := client.ObjectKey{Namespace: "identity", Name: "hires"}
	others, woken := map[client.ObjectKey]reconcile.Reconciler{}, map[client.ObjectKey]bool{}
	options := enginetest.Options[*v1alpha1.User]{Turns: func(config lifecycle.Config) *turns.Registry {
		store := &ledger.Store{Reader: config.Client, Writer: config.Client}
		registry := turns.New((&claims.Jobs{Live: config.Live, Cache: config.Client, Ledger: store}).Open)
		others[hires] = lifecycle.NewReconciler(&oneshot.Engine[*v1alpha1.BulkUserImport]{
			Kind: &bulkuserimport.Kind{Loader: rows.Loader{Reader: config.Live}}, Ledger: store,
			Timing:   oneshot.Timing{RequestTimeout: enginetest.RequestTimeout, Limits: enginetest.JobLimits()},
			Counters: noCounters{}, Turns: registry, Wake: func(object client.ObjectKey) { woken[object] = true },
			Owners: oneshot.OwnersFrom(config.Client, &lifecycle.Admission{Client: config.Client}),
		}, config)
		return registry
	}}
	storyOf(t, options, func(w *world) {
		woken = w.Woken
		w.Others = others
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.JobDuration = 20 * time.Second })
		w.add("ada", attributes("floor", "3"))
		tell(&both{world: w, ada: w.Key, hires: hires})
	}, func(o *v1alpha1.User) { o.Spec.Attributes = []v1alpha1.CustomAttribute{{Name: "badge", Value: "7"}} })
}

type noCounters struct{}

func (noCounters) Rows(string, string, string, int)  {}
func (noCounters) Submission(string, string, string) {}

// importDesk creates the import.
func (w *both) importDesk() {
	w.T.Helper()
	row := v1alpha1.UserRow{Username: new("ada"), Email: new("ada@example.org")}
	row.Attributes = []v1alpha1.CustomAttribute{{Name: "desk", Value: "1"}}
	w.Expect(w.API.Create(w.T.Context(), &v1alpha1.BulkUserImport{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: w.hires.Namespace, Name: w.hires.Name, UID: "hires-uid", Generation: 1, CreationTimestamp: metav1.Now(),
		},
		Spec: v1alpha1.BulkUserImportSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"}, Operation: v1alpha1.OperationUpsert, MatchBy: v1alpha1.MatchByUsername,
			Users: []v1alpha1.UserRow{row},
		},
	})).To(Succeed())
}

// says returns a condition of the import.
func (w *both) says(condition string) metav1.Condition {
	w.T.Helper()
	object := &v1alpha1.BulkUserImport{}
	w.Expect(w.API.Get(w.T.Context(), w.hires, object)).To(Succeed())
	found := apimeta.FindStatusCondition(object.Status.Conditions, condition)
	if found == nil {
		return metav1.Condition{}
	}
	return *found
}

func (w *both) expectDeskAndBadge() {
	w.T.Helper()
	w.Expect(w.live("ada", "attributes")[0]).To(ConsistOf(
		HaveKeyWithValue("name", "floor"), HaveKeyWithValue("name", "desk"), HaveKeyWithValue("name", "badge")))
}

// beginWithImport creates the User while a job of the import is open.
func (w *both) beginWithImport() {
	w.T.Helper()
	user := w.Get()
	w.Expect(w.API.Delete(w.T.Context(), user)).To(Succeed())
	w.importDesk()
	w.PassOver(w.T.Context(), w.hires)
	w.Expect(w.Org.Jobs()).To(HaveLen(1))
	user.ResourceVersion = ""
	w.Expect(w.API.Create(w.T.Context(), user)).To(Succeed())
}

func (w *both) expectBoth() {
	w.T.Helper()
	w.ExpectReady("True/UpToDate")
	w.Expect(w.says(v1alpha1.ReadyCondition)).To(And(HaveField("Reason", v1alpha1.SucceededReason), HaveField("Message", ContainSubstring("1 updated"))))
	w.expectDeskAndBadge()
}

func TestAUserWaitsForTheJobOfAnImport(t *testing.T) {
	withImport(t, func(w *both) {
		w.beginWithImport()
		w.PassAll([]client.ObjectKey{w.ada}, 10*time.Second)
		condition := w.Condition(v1alpha1.ReconcilingCondition)
		w.Expect(condition.Reason).To(Equal(v1alpha1.ProgressingReason), w.Describe)
		w.Expect(condition.Message).To(HavePrefix("A job of BulkUserImport identity/hires is changing attributes"))
		w.RestAll(w.ada, w.hires)
		w.expectBoth()
		w.Expect(w.Org.Jobs()).To(HaveLen(2))
	})
}

// Another process takes over and reconciles the User first.
func TestAUserWaitsForAJobThatAnEarlierProcessSent(t *testing.T) {
	withImport(t, func(w *both) {
		w.beginWithImport()
		w.Restart()
		w.PassAll([]client.ObjectKey{w.ada}, 10*time.Second)
		w.Expect(w.Condition(v1alpha1.ReconcilingCondition).Message).To(HavePrefix("A job of BulkUserImport identity/hires is changing attributes"), w.Describe)
		w.RestAll(w.ada, w.hires)
		w.expectBoth()
		w.Expect(w.Org.Jobs()).To(HaveLen(2))
	})
}

// A process may die at any mutating call, for the import or the User.
func TestTheTurnsOfAUserAndAnImportOutliveAProcess(t *testing.T) {
	enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
		t.Helper()
		withImport(t, func(w *both) {
			w.beginWithImport()
			w.Die(d)
			w.RestAll(w.ada, w.hires)
			w.expectBoth()
		})
	})
}

// An object whose change is in a job is deleted. An import that takes the user over waits for
// the job.
func TestAnImportWaitsForTheJobOfAUserThatIsGone(t *testing.T) {
	withImport(t, func(w *both) {
		w.PassAll([]client.ObjectKey{w.ada}, 10*time.Second)
		w.Expect(w.Org.Jobs()).To(HaveLen(1))
		w.Delete()
		w.PassOver(w.T.Context(), w.ada)
		w.importDesk()
		w.PassOver(w.T.Context(), w.hires)
		w.Expect(w.says(v1alpha1.ReconcilingCondition).Message).To(ContainSubstring("a job of User identity/ada is changing attributes"))
		w.RestAll(w.ada, w.hires)
		w.Expect(w.says(v1alpha1.ReadyCondition).Reason).To(Equal(v1alpha1.SucceededReason))
		w.expectDeskAndBadge()
		w.Expect(w.Org.Jobs()).To(HaveLen(2))
	})
}
