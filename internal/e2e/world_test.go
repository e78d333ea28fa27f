package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// patience is how long a test waits for what usually takes a moment, also on an overloaded
// machine.
const patience = 3 * time.Minute

// pollInterval is how often a test checks for what it waits for.
const pollInterval = 200 * time.Millisecond

// world is a namespace with an Organization whose JumpCloud is simulated.
type world struct {
	testing.TB
	*WithT
	namespace string
	sim       *jumpcloudtest.Server
	url       string
	org       *jumpcloudtest.Organization
	// cache is where the world reads the objects that it waits for; nil: from the API server.
	cache client.Reader
}

const apiKey = "test-key-0123456789abcdef"

// newWorld creates a namespace with an Organization of so many users.
func newWorld(t testing.TB, users int, change ...func(*v1alpha1.Organization)) *world {
	t.Helper()
	w := &world{TB: t, WithT: expects(t), namespace: plane.Namespace(t), sim: jumpcloudtest.New()}
	running.namespaces = append(running.namespaces, w.namespace)
	w.url = w.sim.Start(t)
	w.org = w.sim.AddOrganization(jumpcloudtest.OrganizationOptions{ID: organizationID(), APIKey: apiKey, Users: users})
	w.create(&corev1.Secret{ObjectMeta: w.meta("jumpcloud"), StringData: map[string]string{"api-key": apiKey}})
	organization := &v1alpha1.Organization{ObjectMeta: w.meta("acme"), Spec: v1alpha1.OrganizationSpec{
		Credentials: &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "jumpcloud"}},
		Endpoint:    &v1alpha1.Endpoint{URL: w.url},
		Limits:      v1alpha1.Limits{RequestsPerSecond: 1000, Burst: 1000},
	}}
	for _, c := range change {
		c(organization)
	}
	w.create(organization)
	return w
}

// startOperator starts an operator for this world only, and waits until it is ready.
func (w *world) startOperator(flags ...string) {
	w.Helper()
	plane.StartOperator(w.TB, plane.OperatorConfig, patientFlags(append(flags, "--watch-namespaces="+w.namespace)...)...).WaitReady(w.TB)
}

// organizationID returns an id that no other world has: an operator that works for several
// worlds must not mistake their organizations for one.
func organizationID() string { return fmt.Sprintf("%08x%016x", time.Now().Unix(), rand.Uint64()) }

func (w *world) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: w.namespace, Name: name}
}

func (w *world) create(object client.Object) {
	w.Helper()
	w.Expect(plane.Client.Create(w.Context(), object)).To(Succeed())
}

// get reads an object of the world's namespace into object.
func get[T client.Object](w *world, object T, name string) T {
	w.Helper()
	w.Expect(plane.Client.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, object)).To(Succeed())
	return object
}

// csv writes a CSV file to a ConfigMap and returns a source that names it.
func (w *world) csv(name string, lines ...string) v1alpha1.RowsSource {
	w.Helper()
	w.create(&corev1.ConfigMap{ObjectMeta: w.meta(name), Data: map[string]string{"users.csv": strings.Join(lines, "\n") + "\n"}})
	return v1alpha1.RowsSource{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: name, Key: "users.csv"}}
}

// setCSV replaces the content of a ConfigMap that csv created.
func (w *world) setCSV(name string, lines ...string) {
	w.Helper()
	cm := get(w, &corev1.ConfigMap{}, name)
	cm.Data = map[string]string{"users.csv": strings.Join(lines, "\n") + "\n"}
	w.Expect(plane.Client.Update(w.Context(), cm)).To(Succeed())
}

// people returns the lines of a CSV file with a header and n new users.
func people(n int) []string {
	lines := []string{"username,email,firstname,lastname,department"}
	for i := 1; i <= n; i++ {
		lines = append(lines, fmt.Sprintf("new%05d,new%05d@example.org,First%d,Last%d,Engines", i, i, i, i))
	}
	return lines
}

// importOf creates a BulkUserImport for the world's Organization.
func (w *world) importOf(name string, spec v1alpha1.BulkUserImportSpec) *v1alpha1.BulkUserImport {
	w.Helper()
	spec.OrganizationRef = v1alpha1.OrganizationReference{Name: "acme"}
	object := &v1alpha1.BulkUserImport{ObjectMeta: w.meta(name), Spec: spec}
	w.create(object)
	return object
}

// change edits an import, and retries on conflicts.
func (w *world) change(name string, edit func(*v1alpha1.BulkUserImport)) {
	w.Helper()
	amend(w, &v1alpha1.BulkUserImport{ObjectMeta: w.meta(name)}, edit)
}

// changeOrganization edits the world's Organization.
func (w *world) changeOrganization(edit func(*v1alpha1.Organization)) {
	w.Helper()
	amend(w, &v1alpha1.Organization{ObjectMeta: w.meta("acme")}, edit)
}

// annotate sets an annotation of an import.
func (w *world) annotate(name, key, value string) {
	w.Helper()
	w.change(name, func(i *v1alpha1.BulkUserImport) { metav1.SetMetaDataAnnotation(&i.ObjectMeta, key, value) })
}

// await waits until the Ready condition of an import has the reason, as reaches does, and
// returns the import.
func (w *world) await(name, reason string) *v1alpha1.BulkUserImport {
	w.Helper()
	return reaches(w, &v1alpha1.BulkUserImport{ObjectMeta: w.meta(name)}, reason)
}

// invariants asserts what holds for the conditions of every object at all times.
func (w *world) invariants(conditions []metav1.Condition) {
	w.Helper()
	reconciling := apimeta.IsStatusConditionTrue(conditions, v1alpha1.ReconcilingCondition)
	stalled := apimeta.IsStatusConditionTrue(conditions, v1alpha1.StalledCondition)
	w.Expect(reconciling && stalled).To(BeFalse(), "Reconciling and Stalled")
	w.Expect(stalled && apimeta.IsStatusConditionTrue(conditions, v1alpha1.ReadyCondition)).To(BeFalse(), "Ready and Stalled")
	for _, condition := range conditions {
		w.Expect(len(condition.Message)).To(BeNumerically("<=", 1024))
		w.Expect(condition.Message).NotTo(ContainSubstring(apiKey))
	}
}

// message returns the message of an import's Ready condition.
func message(object *v1alpha1.BulkUserImport) string {
	return apimeta.FindStatusCondition(object.Status.Conditions, v1alpha1.ReadyCondition).Message
}

// once asserts that no user was submitted in two accepted jobs.
func (w *world) once() {
	w.Helper()
	for username, submissions := range w.org.Submissions() {
		w.Expect(submissions).To(HaveLen(1), "%s was submitted more than once", username)
	}
}

// mutations returns the number of mutating requests so far.
func (w *world) mutations() int {
	n := 0
	for _, request := range w.sim.History() {
		if request.Mutating() {
			n++
		}
	}
	return n
}
