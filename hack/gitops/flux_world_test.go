package gitops_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

const (
	apiKey = "test-key-0123456789abcdef"
	flux   = "github.com/fluxcd/kustomize-controller"
	// programVariable is the environment variable with the path of the controller, built from
	// hack/flux.
	programVariable = "KUSTOMIZE_CONTROLLER"
)

// fleet is a world with an Organization, and a repository that Flux applies.
type fleet struct {
	*world
	org *jumpcloudtest.Organization

	artifacts string // the address of the server of archives
	mu        sync.Mutex
	archives  map[string][]byte // by the number of the commit
	commits   int
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	w := &fleet{world: newWorld(t), archives: map[string][]byte{}}
	w.org = w.sim.AddOrganization(jumpcloudtest.OrganizationOptions{ID: "65f1c0ffee65f1c0ffee0acd", APIKey: apiKey, Users: 3})
	w.create(&corev1.Secret{ObjectMeta: w.meta("jumpcloud"), StringData: map[string]string{"api-key": apiKey}})
	w.create(&v1alpha1.Organization{ObjectMeta: w.meta("acme"), Spec: v1alpha1.OrganizationSpec{
		Credentials: &v1alpha1.Credentials{APIKeySecretRef: &v1alpha1.APIKeySecretReference{Name: "jumpcloud"}},
		Endpoint:    &v1alpha1.Endpoint{URL: w.url},
		Limits:      v1alpha1.Limits{RequestsPerSecond: 1000, Burst: 1000},
	}})
	w.serveArchives()
	w.startFlux()
	w.create(source(w.meta("fleet")))
	return w
}

// serveArchives serves the archives, as source-controller would.
func (w *fleet) serveArchives() {
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		_, _ = writer.Write(w.archives[strings.TrimPrefix(r.URL.Path, "/")])
	}))
	w.Cleanup(server.Close)
	w.artifacts = server.URL
}

// startFlux starts kustomize-controller, with the feature gate that the docs recommend.
func (w *fleet) startFlux() {
	w.Helper()
	program := os.Getenv(programVariable)
	w.Expect(program).NotTo(BeEmpty(), "run `make gitops-test`: it builds Flux's controller and names it in "+programVariable)
	w.installSources()
	module, err := exec.CommandContext(w.Context(), "go", "-C", "hack/flux", "list", "-m", "-f", "{{.Dir}}", flux).Output()
	w.Expect(err).NotTo(HaveOccurred())
	_, err = plane.Kubectl(w.Context(), "apply", "--server-side", "-k", filepath.Join(strings.TrimSpace(string(module)), "config", "crd"))
	w.Expect(err).NotTo(HaveOccurred())
	_, err = plane.Kubectl(w.Context(), "wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
	w.Expect(err).NotTo(HaveOccurred())
	kubeconfig := filepath.Join(w.TempDir(), "kubeconfig")
	w.Expect(testenv.WriteKubeconfig(kubeconfig, plane.Config)).To(Succeed())
	health, err := testenv.FreeAddress(w.Context())
	w.Expect(err).NotTo(HaveOccurred())
	process, err := testenv.StartProcess(w.Context(), testenv.ProcessOptions{
		Path: program,
		Args: []string{
			"--watch-all-namespaces", "--metrics-addr=0", "--health-addr=" + health, "--requeue-dependency=1s",
			"--feature-gates=CancelHealthCheckOnNewRevision=true",
		},
		Env: append(os.Environ(), "KUBECONFIG="+kubeconfig, "RUNTIME_NAMESPACE="+w.namespace),
	})
	w.Expect(err).NotTo(HaveOccurred())
	w.Cleanup(func() {
		if err := process.Kill(); err != nil {
			w.Errorf("kill kustomize-controller: %v", err)
		}
		if w.Failed() {
			w.Logf("kustomize-controller:\n%s", process.Log())
		}
	})
	ready, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	w.Expect(process.WaitOK(ready, "http://"+health+"/readyz")).To(Succeed())
}

// installSources installs the kinds of source-controller, without their schemas.
func (w *fleet) installSources() {
	w.Helper()
	for kind, plural := range map[string]string{
		"GitRepository": "gitrepositories", "OCIRepository": "ocirepositories", "Bucket": "buckets", "ExternalArtifact": "externalartifacts",
	} {
		crd := fmt.Sprintf(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: %[2]s.source.toolkit.fluxcd.io
spec:
  group: source.toolkit.fluxcd.io
  scope: Namespaced
  names: {kind: %[1]s, listKind: %[1]sList, plural: %[2]s, singular: %[3]s}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`, kind, plural, strings.ToLower(kind))
		file := filepath.Join(w.TempDir(), "crd.yaml")
		w.Expect(os.WriteFile(file, []byte(crd), 0o600)).To(Succeed())
		_, err := plane.Kubectl(w.Context(), "apply", "--server-side", "-f", file)
		w.Expect(err).NotTo(HaveOccurred())
	}
}

func source(meta metav1.ObjectMeta) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
		"metadata": map[string]any{"namespace": meta.Namespace, "name": meta.Name},
		"spec":     map[string]any{"interval": "1h", "url": "https://example.com/fleet"},
	}}
}

// commit replaces the files of the repository, by their paths, reports that as
// source-controller would, and returns the revision.
func (w *fleet) commit(files map[string]string) string {
	w.Helper()
	archive := pack(w, files)
	w.mu.Lock()
	w.commits++
	name := fmt.Sprintf("%d.tar.gz", w.commits)
	w.archives[name] = archive
	w.mu.Unlock()
	revision := fmt.Sprintf("main@sha1:%040d", w.commits)
	repository := source(w.meta("fleet"))
	w.Expect(w.get(repository)).To(Succeed())
	now := metav1.Now().UTC().Format(time.RFC3339)
	repository.Object["status"] = map[string]any{
		"observedGeneration": repository.GetGeneration(),
		"artifact": map[string]any{
			"path": name, "url": w.artifacts + "/" + name, "revision": revision,
			"digest": fmt.Sprintf("sha256:%x", sha256.Sum256(archive)), "lastUpdateTime": now, "size": int64(len(archive)),
		},
		"conditions": []any{map[string]any{
			"type": "Ready", "status": "True", "reason": "Succeeded", "message": "stored", "lastTransitionTime": now,
		}},
	}
	w.Expect(plane.Client.Status().Update(w.Context(), repository)).To(Succeed())
	return revision
}

func pack(w *fleet, files map[string]string) []byte {
	w.Helper()
	var buffer bytes.Buffer
	compressed := gzip.NewWriter(&buffer)
	archive := tar.NewWriter(compressed)
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		w.Expect(archive.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(files[name])), Typeflag: tar.TypeReg})).To(Succeed())
		_, err := archive.Write([]byte(files[name]))
		w.Expect(err).NotTo(HaveOccurred())
	}
	w.Expect(archive.Close()).To(Succeed())
	w.Expect(compressed.Close()).To(Succeed())
	return buffer.Bytes()
}
