package testenv_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// organization returns a valid Organization.
func organization(namespace string) *v1alpha1.Organization {
	return &v1alpha1.Organization{
		ObjectMeta: metav1.ObjectMeta{Name: "acme", Namespace: namespace},
		Spec: v1alpha1.OrganizationSpec{
			Credentials: &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "jumpcloud"}},
		},
	}
}

func TestNamespaceIsCleanedUp(t *testing.T) {
	g := NewWithT(t)
	var first, second string
	org := &v1alpha1.Organization{}
	t.Run("test", func(t *testing.T) {
		g := NewWithT(t)
		first, second = plane.Namespace(t), plane.Namespace(t)
		org = organization(first)
		org.Finalizers = []string{v1alpha1.Finalizer}
		g.Expect(plane.Client.Create(t.Context(), org)).To(Succeed())
	})

	g.Expect(first).NotTo(Equal(second))
	g.Expect(apierrors.IsNotFound(plane.Client.Get(t.Context(), client.ObjectKeyFromObject(org), org))).To(BeTrue())
}

// Rights are enforced, also for a connection from a kubeconfig file.
func TestUserMayDoNothingUnasked(t *testing.T) {
	g := NewWithT(t)
	user, err := plane.As("mallory")
	g.Expect(err).NotTo(HaveOccurred())
	path := filepath.Join(t.TempDir(), "kubeconfig")

	for _, tc := range []struct {
		name   string
		config *rest.Config
		match  func(error) bool
	}{
		{"administrator", plane.Config, func(err error) bool { return err == nil }},
		{"user", user, apierrors.IsForbidden},
	} {
		g.Expect(testenv.WriteKubeconfig(path, tc.config)).To(Succeed())
		config, err := clientcmd.BuildConfigFromFlags("", path)
		g.Expect(err).NotTo(HaveOccurred())
		c, err := client.New(config, client.Options{})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(tc.match(c.List(t.Context(), &corev1.SecretList{}))).To(BeTrue(), tc.name)
	}
}

func TestKubectl(t *testing.T) {
	g := NewWithT(t)

	g.Expect(plane.Kubectl(t.Context(), "api-resources", "--categories=jumpcloud", "--output=name")).
		To(ContainSubstring("organizations.jumpcloud-operator.io"))

	_, err := plane.Kubectl(t.Context(), "get", "pod", "nobody")
	g.Expect(err).To(MatchError(ContainSubstring(`pods "nobody" not found`)))
}

func TestMissingBinariesNameTheWayOut(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("KUBEBUILDER_ASSETS", t.TempDir())

	_, err := testenv.Start()

	g.Expect(err).To(MatchError(ContainSubstring("make controlplane")))
}

func TestBuildReportsCompilerErrors(t *testing.T) {
	g := NewWithT(t)
	output := filepath.Join(t.TempDir(), "program")

	g.Expect(testenv.Build(context.Background(), output, "./no/such/package")).To(MatchError(ContainSubstring("no/such/package")))

	_, err := os.Stat(output)
	g.Expect(err).To(MatchError(os.ErrNotExist))
}
