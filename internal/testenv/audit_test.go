package testenv_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// Requests of service accounts are logged, with the role that grants them, but only those of
// programs with the operator's name.
func TestAccesses(t *testing.T) {
	g := NewWithT(t)
	g.SetDefaultEventuallyTimeout(timeout)
	namespace := plane.Namespace(t)
	reader := &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "reader"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"list"}}},
	}
	g.Expect(plane.Client.Create(t.Context(), reader)).To(Succeed())
	g.Expect(plane.Client.Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "reader"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reader"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: "operator"}},
	})).To(Succeed())
	config, err := plane.AsServiceAccount(namespace, "operator")
	g.Expect(err).NotTo(HaveOccurred())
	as := func(program string) client.Client {
		config.UserAgent = program
		c, err := client.New(config, client.Options{})
		g.Expect(err).NotTo(HaveOccurred())
		return c
	}
	test, operator := as("e2e.test/v0"), as(testenv.OperatorName+"/v0")

	g.Eventually(func() error {
		return test.List(t.Context(), &corev1.ConfigMapList{}, client.InNamespace(namespace))
	}).Should(Succeed())
	g.Expect(test.Delete(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "rows"}})).NotTo(Succeed())
	g.Expect(operator.List(t.Context(), &corev1.ConfigMapList{}, client.InNamespace(namespace))).To(Succeed())
	g.Expect(operator.List(t.Context(), &corev1.SecretList{}, client.InNamespace(namespace))).NotTo(Succeed())

	accesses, err := plane.Accesses()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(accesses.UnsortedList()).To(ContainElements(
		testenv.Access{Verb: "list", Resource: "configmaps", Role: "reader"},
		testenv.Access{
			Verb: "list", Resource: "secrets", Refused: true,
			Namespace: namespace, Path: "/api/v1/namespaces/" + namespace + "/secrets",
		},
	))
	g.Expect(accesses.UnsortedList()).NotTo(ContainElement(HaveField("Verb", "delete")))
}
