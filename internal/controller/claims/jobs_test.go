package claims_test

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/claims"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// running are conditions that say that a job is open.
var running = []metav1.Condition{{Type: v1alpha1.ReconcilingCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.JobRunningReason}}

// at is the status of an object of an organization.
func at(organization string, conditions []metav1.Condition) v1alpha1.CommonStatus {
	return v1alpha1.CommonStatus{OrganizationID: organization, Conditions: conditions}
}

// run is the status of a run with a job.
func run(state v1alpha1.JobState) v1alpha1.RunStatus {
	return v1alpha1.RunStatus{
		RunNumber: 1, RunKey: "key", StartTime: new(metav1.Now()),
		Jobs: []v1alpha1.JobStatus{{Index: 1, Operation: v1alpha1.JobUpdate, State: state, Attempt: 1}},
	}
}

// whom returns the users whom open jobs of objects may be about, as "Kind name" and ids.
func whom(t *testing.T, namespaces []string, objects ...client.Object) map[string][]string {
	t.Helper()
	g := NewWithT(t)
	scheme := runtime.NewScheme()
	g.Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	api := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
	jobs := &claims.Jobs{Live: api, Namespaces: namespaces, Cache: api, Ledger: &ledger.Store{Reader: api}}
	open, err := jobs.Open(t.Context(), acme)
	g.Expect(err).NotTo(HaveOccurred())
	all := map[string][]string{}
	for _, o := range open {
		g.Expect(o.Version).NotTo(BeEmpty())
		switch {
		case o.All:
			all[o.Holder.Kind+" "+o.Holder.Name] = []string{"anybody"}
		case len(o.Users) > 0:
			all[o.Holder.Kind+" "+o.Holder.Name] = o.Users
		}
	}
	return all
}

func TestOpenJobsAreFoundByStatuses(t *testing.T) {
	for name, c := range map[string]struct {
		object client.Object
		found  map[string][]string
	}{
		"a User whose change is in a job": {
			user(func(u *v1alpha1.User) { u.Status.CommonStatus = at(acme, running) }), map[string][]string{"User Ada.Byron": {adaID}},
		},
		"a User at rest": {user(func(*v1alpha1.User) {}), nil},
		"a User of another organization": {
			user(func(u *v1alpha1.User) { u.Status.CommonStatus = at("another", running) }), nil,
		},
		"an import whose ledger is lost": {
			imported(func(o *v1alpha1.BulkUserImport) { o.Status.RunStatus = run(v1alpha1.JobSubmitted) }),
			map[string][]string{"BulkUserImport others": {"anybody"}},
		},
		"an import that sent nothing": {
			imported(func(o *v1alpha1.BulkUserImport) { o.Status.RunStatus = run(v1alpha1.JobPlanned) }), nil,
		},
		"an import that has ended": {
			imported(func(o *v1alpha1.BulkUserImport) {
				o.Status.RunStatus = run(v1alpha1.JobFinished)
				o.Status.CompletionTime = new(metav1.Now())
			}), nil,
		},
		"an import of another organization": {
			imported(func(o *v1alpha1.BulkUserImport) {
				o.Status.CommonStatus, o.Status.RunStatus = at("another", nil), run(v1alpha1.JobSubmitted)
			}), nil,
		},
		"a WorkdayImport": {
			&v1alpha1.WorkdayImport{
				ObjectMeta: metav1.ObjectMeta{Namespace: "people", Name: "workers", UID: "w"},
				Status:     v1alpha1.WorkdayImportStatus{CommonStatus: at(acme, nil), RunStatus: run(v1alpha1.JobIntended)},
			}, map[string][]string{"WorkdayImport workers": {"anybody"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			expected := c.found
			if expected == nil {
				expected = map[string][]string{}
			}
			g.Expect(whom(t, nil, c.object)).To(Equal(expected))
			g.Expect(whom(t, []string{"elsewhere", "people"}, c.object)).To(Equal(expected))
		})
	}
}
