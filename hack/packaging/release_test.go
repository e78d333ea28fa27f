package packaging_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

// tool builds a program of this module.
func tool(t *testing.T, name string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), name)
	build := exec.CommandContext(t.Context(), "go", "-C", "hack/packaging", "build", "-o", program, "./"+name)
	build.Env = append(os.Environ(), "GOWORK=off")
	output, err := build.CombinedOutput()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), "%s", output)
	return program
}

// archive writes an archive of one file and returns its path.
func archive(t *testing.T, name, content string) string {
	t.Helper()
	g := NewWithT(t)
	path := filepath.Join(t.TempDir(), name)
	file, err := os.Create(path)
	g.Expect(err).NotTo(HaveOccurred())
	zipped := gzip.NewWriter(file)
	packed := tar.NewWriter(zipped)
	g.Expect(packed.WriteHeader(&tar.Header{Name: "manager", Mode: 0o755, Size: int64(len(content))})).To(Succeed())
	_, err = packed.Write([]byte(content))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(packed.Close()).To(Succeed())
	g.Expect(zipped.Close()).To(Succeed())
	g.Expect(file.Close()).To(Succeed())
	return path
}

// TestImage builds an image twice and checks what a container runtime needs to know about it.
func TestImage(t *testing.T) {
	g := NewWithT(t)
	program := tool(t, "image")
	amd64, arm64 := archive(t, "amd64.tar.gz", "a program"), archive(t, "arm64.tar.gz", "another program")
	build := func() layout.Path {
		folder := filepath.Join(t.TempDir(), "image")
		output, err := exec.CommandContext(t.Context(), program, folder, "registry.example.com/operator:v1", "v1", "0a1b", "2026-01-02T03:04:05Z",
			"linux/amd64="+amd64, "linux/arm64="+arm64).CombinedOutput()
		g.Expect(err).NotTo(HaveOccurred(), "%s", output)
		path, err := layout.FromPath(folder)
		g.Expect(err).NotTo(HaveOccurred())
		return path
	}
	path := build()
	outer, err := path.ImageIndex()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(validate.Index(outer)).To(Succeed())
	named, err := outer.IndexManifest()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(named.Manifests).To(HaveLen(1))
	g.Expect(named.Manifests[0].Annotations).To(HaveKeyWithValue("org.opencontainers.image.ref.name", "registry.example.com/operator:v1"))

	dockerfile, err := os.ReadFile("Dockerfile")
	g.Expect(err).NotTo(HaveOccurred())

	index, err := outer.ImageIndex(named.Manifests[0].Digest)
	g.Expect(err).NotTo(HaveOccurred())
	images, err := index.IndexManifest()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(images.Manifests).To(HaveLen(2))
	for n, arch := range []string{"amd64", "arm64"} {
		g.Expect(images.Manifests[n].Platform.Architecture).To(Equal(arch))
		image, err := index.Image(images.Manifests[n].Digest)
		g.Expect(err).NotTo(HaveOccurred())
		config, err := image.ConfigFile()
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(config.Architecture).To(Equal(arch))
		g.Expect(config.Config.User).To(Equal("65532:65532"))
		g.Expect(config.Config.Entrypoint).To(Equal([]string{"/manager"}))
		g.Expect(config.Config.Labels).To(HaveKeyWithValue("org.opencontainers.image.revision", "0a1b"))
		for _, label := range []string{"title", "description", "licenses", "source"} {
			label = "org.opencontainers.image." + label
			g.Expect(string(dockerfile)).To(ContainSubstring("%s=%q", label, config.Config.Labels[label]), "the Dockerfile makes the same image")
		}
		g.Expect(string(dockerfile)).To(ContainSubstring("USER %s\nENTRYPOINT [%q]\n", config.Config.User, config.Config.Entrypoint[0]))
	}

	again, err := build().ImageIndex()
	g.Expect(err).NotTo(HaveOccurred())
	same, err := again.IndexManifest()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(same.Manifests[0].Digest).To(Equal(named.Manifests[0].Digest), "equal inputs give equal bytes")
}

// TestKrewManifest checks what krew needs to install the plugin.
func TestKrewManifest(t *testing.T) {
	g := NewWithT(t)
	output, err := exec.CommandContext(t.Context(), tool(t, "krew"), "v1", "https://example.com/v1",
		archive(t, "kubectl-jumpcloud_v1_linux_arm64.tar.gz", "a program"),
		archive(t, "kubectl-jumpcloud_v1_windows_amd64.tar.gz", "a program")).Output()
	g.Expect(err).NotTo(HaveOccurred())
	var manifest struct {
		Metadata struct{ Name string }
		Spec     struct {
			Version   string
			Platforms []struct {
				Selector         struct{ MatchLabels map[string]string }
				URI, SHA256, Bin string
			}
		}
	}
	g.Expect(yaml.Unmarshal(output, &manifest)).To(Succeed())
	g.Expect(manifest.Metadata.Name).To(Equal("jumpcloud"), "kubectl finds kubectl-jumpcloud by it")
	g.Expect(manifest.Spec.Version).To(Equal("v1"))
	platforms := manifest.Spec.Platforms
	g.Expect(platforms).To(HaveLen(2))
	g.Expect(platforms[0].Selector.MatchLabels).To(Equal(map[string]string{"os": "linux", "arch": "arm64"}))
	g.Expect(platforms[0].URI).To(Equal("https://example.com/v1/kubectl-jumpcloud_v1_linux_arm64.tar.gz"))
	g.Expect(platforms[0].SHA256).To(MatchRegexp("^[0-9a-f]{64}$"))
	g.Expect(platforms[0].Bin).To(Equal("kubectl-jumpcloud"))
	g.Expect(platforms[1].Bin).To(Equal("kubectl-jumpcloud.exe"))
}

// released builds a release for one platform from a copy of the sources, and returns its
// checksums. The copy is the same commit in every folder.
func released(t *testing.T, folder, umask string, environment ...string) string {
	t.Helper()
	g := NewWithT(t)
	g.Expect(os.MkdirAll(folder, 0o755)).To(Succeed())
	assets := filepath.Dir(plane.KubectlCommand()[0])
	build := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", `umask "$1"
		git ls-files -z --cached --others --exclude-standard ':!bin' | tar --create --null --files-from=- | tar --extract --directory "$2"
		cd "$2"
		git init --quiet
		git add --all
		git -c user.name=test -c user.email=test@example.com commit --quiet --message=release --date="$GIT_COMMITTER_DATE"
		make -o "$3/kubectl" BIN="$3" VERSION=v0.0.1 release >&2
		cat dist/checksums.txt`, "bash", umask, folder, assets)
	build.Env = append(os.Environ(), "PLATFORMS=linux/amd64", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z", "GIT_CONFIG_GLOBAL=/dev/null")
	build.Env = append(build.Env, environment...)
	var complaints bytes.Buffer
	build.Stderr = &complaints
	checksums, err := build.Output()
	g.Expect(err).NotTo(HaveOccurred(), "%s", &complaints)
	return string(checksums)
}

// Two builds of a commit must be equal, byte for byte: in different folders, with different
// file permissions, time zones and locales.
func TestTwoBuildsOfACommitAreEqual(t *testing.T) {
	g := NewWithT(t)
	folder := t.TempDir()
	one := released(t, filepath.Join(folder, "one"), "022", "TZ=UTC", "LC_ALL=C")
	for _, file := range []string{
		"install.yaml", "jumpcloud.yaml", "kubectl-jumpcloud_v0.0.1_linux_amd64.tar.gz",
		"jumpcloud-operator_v0.0.1_image.tar", "jumpcloud-operator-0.0.1.tgz", "jumpcloud-operator_v0.0.1_linux_amd64.spdx.json",
	} {
		g.Expect(one).To(MatchRegexp("(?m)^[0-9a-f]{64}  %s$", regexp.QuoteMeta(file)))
	}
	another := released(t, filepath.Join(folder, "a-folder-with-another-name", "two"), "077", "TZ=Asia/Kathmandu", "LC_ALL=C.UTF-8")
	g.Expect(another).To(Equal(one))
}
