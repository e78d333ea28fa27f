package gitops_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

var startCreate = jumpcloudtest.Match{Method: "POST", Path: "/api/v2/bulk/users"}

// This is one repository, commit by commit. The timeout of the Kustomization is an hour:
// nothing here ends because of it.
func TestFlux(t *testing.T) {
	w := newFleet(t)
	first := w.sim.Hold(startCreate, jumpcloudtest.BeforeEffect)
	revision := w.commit(w.people("employees", "ada"))
	w.create(w.kustomization("identity", "./identity"))
	w.create(w.kustomization("after", "./after", "identity"))

	t.Log("wait: true waits for the import, and dependsOn for that")
	w.Eventually(first.Arrived()).Should(Receive())
	w.Expect(w.ready("identity").Status).NotTo(Equal("True"))
	w.Expect(w.exists("after")).To(BeFalse())
	first.Release()
	w.applied("identity", revision)
	w.applied("after", revision)
	w.Expect(w.exists("after")).To(BeTrue())
	w.Expect(w.org.UserByUsername("ada")).NotTo(BeNil())

	t.Log("what is applied again writes nothing")
	before := w.versions()
	for i := range 3 {
		w.reconcile("identity", fmt.Sprint("again-", i))
	}
	w.Expect(w.versions()).To(Equal(before))

	t.Log("a changed file makes it wait again")
	second := w.sim.Hold(startCreate, jumpcloudtest.BeforeEffect)
	revision = w.commit(w.people("employees", "ada", "charles"))
	w.Eventually(second.Arrived()).Should(Receive())
	w.Expect(w.ready("identity").Status).NotTo(Equal("True"))
	second.Release()
	w.applied("identity", revision)
	w.Expect(w.org.UserByUsername("charles")).NotTo(BeNil())

	t.Log("an import that fails fails the Kustomization at once")
	w.commit(w.people("employees", "ada", "charles", "not a username"))
	w.Eventually(func() readiness { return w.ready("identity") }).Should(And(
		HaveField("Status", "False"), HaveField("Reason", "HealthCheckFailed"), HaveField("Message", ContainSubstring("BulkUserImport/"+w.namespace+"/hires"))))

	t.Log("a typo in a reference does not hold up the commit that mends it")
	w.commit(w.people("employes", "ada", "charles"))
	w.Eventually(w.hires).Should(ContainElement(v1alpha1.SourceNotFoundReason))
	w.Eventually(func() string { return w.ready("identity").Status }).Should(Equal("Unknown"), "it waits")
	revision = w.commit(w.people("employees", "ada", "charles"))
	w.applied("identity", revision)

	t.Log("prune leaves in JumpCloud what is retained")
	people := []string{"ada", "charles", "grace"}
	retained := map[string]jumpcloudtest.User{}
	for _, username := range people {
		retained[username] = w.org.UserByUsername(username)
		w.Expect(retained[username]).NotTo(BeNil(), username)
	}
	revision = w.commit(map[string]string{"identity/kustomization.yaml": "resources: []\n", "after/kustomization.yaml": "resources: []\n"})
	w.applied("identity", revision)
	for _, object := range []client.Object{
		&v1alpha1.BulkUserImport{ObjectMeta: w.meta("hires")}, &v1alpha1.User{ObjectMeta: w.meta("grace")},
	} {
		w.Eventually(func() bool { return apierrors.IsNotFound(w.get(object)) }).Should(BeTrue(), object.GetName())
	}
	for _, username := range people {
		w.Expect(w.org.UserByUsername(username)).To(Equal(retained[username]), username)
	}
}

// people returns the files of a repository: a User, and an import of a file in a ConfigMap
// whose name contains a hash. reference is the name by which the import refers to it.
func (w *fleet) people(reference string, usernames ...string) map[string]string {
	w.Helper()
	names, err := os.ReadFile("config/kustomize/namereference.yaml")
	w.Expect(err).NotTo(HaveOccurred())
	component, err := os.ReadFile("config/kustomize/kustomization.yaml")
	w.Expect(err).NotTo(HaveOccurred())
	csv := "username,email\n"
	for _, name := range usernames {
		csv += name + "," + strings.ReplaceAll(name, " ", "-") + "@example.org\n"
	}
	return map[string]string{
		"kustomize/namereference.yaml": string(names), "kustomize/kustomization.yaml": string(component),
		"identity/employees.csv": csv,
		"identity/kustomization.yaml": "namespace: " + w.namespace + `
resources: [people.yaml]
configMapGenerator:
- name: employees
  files: [employees.csv]
components: [../kustomize]
`,
		"identity/people.yaml": `
apiVersion: jumpcloud-operator.io/v1alpha1
kind: User
metadata: {name: grace}
spec:
  organizationRef: {name: acme}
  email: grace@example.org
---
apiVersion: jumpcloud-operator.io/v1alpha1
kind: BulkUserImport
metadata: {name: hires}
spec:
  organizationRef: {name: acme}
  usersFrom:
  - configMapKeyRef: {name: ` + reference + `, key: employees.csv}
`,
		"after/kustomization.yaml": "namespace: " + w.namespace + "\nresources: [after.yaml]\n",
		"after/after.yaml":         "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: after}\n",
	}
}

// kustomization returns a Kustomization that waits, prunes, and times out after an hour.
func (w *fleet) kustomization(name, path string, dependsOn ...string) *unstructured.Unstructured {
	var first []any
	for _, other := range dependsOn {
		first = append(first, map[string]any{"name": other})
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
		"metadata": map[string]any{"namespace": w.namespace, "name": name},
		"spec": map[string]any{
			"interval": "1h", "timeout": "1h", "path": path, "prune": true, "wait": true, "dependsOn": first,
			"sourceRef": map[string]any{"kind": "GitRepository", "name": "fleet"},
		},
	}}
}

// readiness is a Ready condition.
type readiness struct{ Status, Reason, Message string }

func (w *fleet) ready(name string) readiness {
	w.Helper()
	return readyOf(w.kustomizationNow(name))
}

func (w *fleet) kustomizationNow(name string) *unstructured.Unstructured {
	w.Helper()
	object := w.kustomization(name, "")
	w.Expect(w.get(object)).To(Succeed())
	return object
}

func readyOf(object *unstructured.Unstructured) readiness {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, c := range conditions {
		if condition, ok := c.(map[string]any); ok && condition["type"] == "Ready" {
			return readiness{fmt.Sprint(condition["status"]), fmt.Sprint(condition["reason"]), fmt.Sprint(condition["message"])}
		}
	}
	return readiness{}
}

// applied waits until a Kustomization is Ready with a revision.
func (w *fleet) applied(name, revision string) {
	w.Helper()
	w.Eventually(func(g Gomega) {
		object := w.kustomizationNow(name)
		last, _, _ := unstructured.NestedString(object.Object, "status", "lastAppliedRevision")
		g.Expect(last).To(Equal(revision), "%+v", readyOf(object))
		g.Expect(readyOf(object).Status).To(Equal("True"), "%+v", readyOf(object))
	}).Should(Succeed())
}

// reconcile makes Flux apply a Kustomization again, and waits until it has.
func (w *fleet) reconcile(name, request string) {
	w.Helper()
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{"reconcile.fluxcd.io/requestedAt":%q}}}`, request)
	w.Expect(plane.Client.Patch(w.Context(), w.kustomization(name, ""), client.RawPatch("application/merge-patch+json", patch))).To(Succeed())
	w.Eventually(func(g Gomega) {
		object := w.kustomizationNow(name)
		handled, _, _ := unstructured.NestedString(object.Object, "status", "lastHandledReconcileAt")
		g.Expect(handled).To(Equal(request))
		g.Expect(readyOf(object).Status).To(Equal("True"))
	}).Should(Succeed())
}

// versions returns the resource versions of what the repository declares and the operator
// writes.
func (w *fleet) versions() map[string]string {
	w.Helper()
	versions := map[string]string{}
	for _, list := range []client.ObjectList{
		&v1alpha1.BulkUserImportList{}, &v1alpha1.UserList{}, &v1alpha1.OrganizationList{}, &corev1.ConfigMapList{},
	} {
		w.Expect(plane.Client.List(w.Context(), list, client.InNamespace(w.namespace))).To(Succeed())
		w.Expect(apimeta.EachListItem(list, func(item runtime.Object) error {
			object := item.(client.Object)
			versions[fmt.Sprintf("%T %s", object, object.GetName())] = object.GetResourceVersion()
			return nil
		})).To(Succeed())
	}
	return versions
}

// hires returns the reasons of the import's conditions.
func (w *fleet) hires() []string {
	w.Helper()
	object := &v1alpha1.BulkUserImport{ObjectMeta: w.meta("hires")}
	w.Expect(w.get(object)).To(Succeed())
	var reasons []string
	for _, condition := range object.Status.Conditions {
		reasons = append(reasons, condition.Reason)
	}
	return reasons
}

func (w *fleet) exists(configMap string) bool {
	w.Helper()
	err := w.get(&corev1.ConfigMap{ObjectMeta: w.meta(configMap)})
	w.Expect(client.IgnoreNotFound(err)).To(Succeed())
	return err == nil
}
