package workdayinstance_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/workdayinstance"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/continuous"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const (
	isu       = "isu_jumpcloud"
	password  = "Tr0ub4dor&3"
	reportURL = "https://wd.example.com/report?format=json"
	// oldReport is another report at the same host, farReport one at another host.
	oldReport = "https://wd.example.com/old"
	farReport = "https://far.example.com/report"
	authPath  = "/api/v2/workdays/*/auth"
)

// world has a report of three workers that accepts the credentials isu and password, the
// Secret "workday-isu" with these, and the WorkdayInstance "workday".
type world struct {
	*enginetest.World[*v1alpha1.WorkdayInstance]
	// approved is the hash of the plan that a person approved.
	approved string
	// strict admits only the Organization's hosts.
	strict bool
}

// kind lets a test approve plans.
type kind struct {
	*workdayinstance.Kind
	w *world
}

func (k kind) Settings(o *v1alpha1.WorkdayInstance) continuous.Settings {
	settings := k.Kind.Settings(o)
	settings.ApprovedPlan = k.w.approved
	k.AnyHost = !k.w.strict
	return settings
}

// approve approves the waiting plan and lets it be carried out.
func (w *world) approve() {
	w.T.Helper()
	w.ExpectReady("False/ApprovalRequired")
	w.approved = w.Get().Status.Plan.Hash
	w.Request()
	w.Rest()
}

// story runs a test in a bubble of fake time.
func story(t *testing.T, tell func(w *world), changes ...func(*v1alpha1.WorkdayInstance)) {
	t.Helper()
	storyWith(t, nil, tell, changes...)
}

// storyWith is story with further objects. Those are reconciled only when the test turns to
// them.
func storyWith(t *testing.T, others []client.Object, tell func(w *world), changes ...func(*v1alpha1.WorkdayInstance)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		build := func(config lifecycle.Config) continuous.Kind[*v1alpha1.WorkdayInstance, workdayinstance.Memory] {
			return kind{&workdayinstance.Kind{Reader: config.Client, SettleWindow: enginetest.SettleWindow}, w}
		}
		secret := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "workday-isu", UID: "secret-uid"},
			Data:       map[string][]byte{"username": []byte(isu), "password": []byte(password + "\n")},
		}
		w.World = enginetest.NewLiving(t, object("workday", 0, changes...), build,
			enginetest.Options[*v1alpha1.WorkdayInstance]{Objects: append(others, secret)})
		w.Org.SetWorkdayReport(jumpcloudtest.WorkdayReport{Username: isu, Password: password, Workers: people(3)})
		tell(w)
	})
}

// object is a WorkdayInstance created this many hours after the first.
func object(name string, hours int, changes ...func(*v1alpha1.WorkdayInstance)) *v1alpha1.WorkdayInstance {
	o := &v1alpha1.WorkdayInstance{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "identity", Name: name, UID: types.UID(name), Generation: 1,
			CreationTimestamp: metav1.NewTime(time.Date(2026, 1, 1, hours, 0, 0, 0, time.UTC)),
		},
		Spec: v1alpha1.WorkdayInstanceSpec{
			OrganizationRef:      v1alpha1.OrganizationReference{Name: "acme"},
			ReportURL:            reportURL,
			CredentialsSecretRef: &v1alpha1.SecretReference{Name: "workday-isu"},
			AdoptionPolicy:       v1alpha1.AdoptIfExists,
			Mode:                 v1alpha1.ModeApply,
		},
	}
	for _, change := range changes {
		change(o)
	}
	return o
}

func people(n int) []jumpcloudtest.Worker {
	var workers []jumpcloudtest.Worker
	for i := range n {
		name := fmt.Sprintf("worker%05d", i)
		workers = append(workers, jumpcloudtest.Worker{
			"email": name + "@example.org", "username": name, "firstName": "Ada", "lastName": "Byron", "attributes": map[string]any{},
		})
	}
	return workers
}

func planned(o *v1alpha1.WorkdayInstance) { o.Spec.Mode = v1alpha1.ModePlan }

func deauthorizes(o *v1alpha1.WorkdayInstance) {
	o.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDeauthorize
}

func adopting(policy v1alpha1.AdoptionPolicy) func(*v1alpha1.WorkdayInstance) {
	return func(o *v1alpha1.WorkdayInstance) { o.Spec.AdoptionPolicy = policy }
}

// rotate changes the Secret.
func (w *world) rotate(username, password string) {
	w.T.Helper()
	secret := &corev1.Secret{}
	w.Expect(w.API.Get(w.T.Context(), types.NamespacedName{Namespace: "identity", Name: "workday-isu"}, secret)).To(Succeed())
	secret.Data = map[string][]byte{"username": []byte(username), "password": []byte(password)}
	w.Expect(w.API.Update(w.T.Context(), secret)).To(Succeed())
}

// live returns a field of the instance; nil if there is no instance.
func (w *world) live(member string) any { return w.Org.Workday()[member] }

// changed returns the mutating requests so far, as "METHOD path" without ids.
func (w *world) changed() []string { return paths(w.Sim.MutatingRequests()) }

// read counts the requests whose path has this ending.
func (w *world) read(ending string) int {
	n := 0
	for _, r := range w.Sim.History() {
		if strings.HasSuffix(r.Path, ending) {
			n++
		}
	}
	return n
}

func paths(requests []jumpcloudtest.Request) []string {
	var texts []string
	for _, r := range requests {
		parts := strings.Split(r.Path, "/")
		for i, part := range parts {
			if len(part) == 24 {
				parts[i] = "*"
			}
		}
		texts = append(texts, r.Method+" "+strings.Join(parts, "/"))
	}
	return texts
}

// expectAuthenticated checks status and reason of the condition Authenticated.
func (w *world) expectAuthenticated(authenticated string) {
	w.T.Helper()
	condition := w.Condition(v1alpha1.AuthenticatedCondition)
	w.Expect(string(condition.Status)+"/"+condition.Reason).To(Equal(authenticated), w.Describe)
}
