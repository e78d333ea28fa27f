package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// manifests are the fenced yaml blocks of a page.
var manifests = regexp.MustCompile("(?s)\n```yaml\n(.*?\n)```\n")

// Every manifest of the documentation is applied, in a namespace of its own.
func TestManifestsInTheDocs(t *testing.T) {
	g := NewWithT(t)
	root, err := testenv.Root()
	g.Expect(err).NotTo(HaveOccurred())
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	g.Expect(err).NotTo(HaveOccurred())
	applied := 0
	for _, page := range append(pages, filepath.Join(root, "README.md")) {
		content, err := os.ReadFile(page)
		g.Expect(err).NotTo(HaveOccurred())
		blocks := manifests.FindAllStringSubmatch(string(content), -1)
		applied += len(blocks)
		for _, block := range blocks {
			t.Run(filepath.Base(page), func(t *testing.T) {
				g := NewWithT(t)
				manifest := strings.NewReplacer(
					"kind: Namespace\nmetadata:\n  name: identity", "kind: Namespace\nmetadata:\n  name: NAMESPACE",
					"namespace: identity", "namespace: NAMESPACE").Replace(block[1])
				file := filepath.Join(t.TempDir(), "manifest.yaml")
				manifest = strings.ReplaceAll(manifest, "NAMESPACE", plane.Namespace(t))
				g.Expect(os.WriteFile(file, []byte(manifest), 0o600)).To(Succeed())
				_, err := plane.Kubectl(t.Context(), "apply", "--server-side", "--validate=strict", "-f", file)
				g.Expect(err).NotTo(HaveOccurred())
			})
		}
	}
	g.Expect(applied).To(BeNumerically(">=", 3))
}

// Links between pages lead somewhere.
func TestLinksInTheDocs(t *testing.T) {
	g := NewWithT(t)
	root, err := testenv.Root()
	g.Expect(err).NotTo(HaveOccurred())
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	g.Expect(err).NotTo(HaveOccurred())
	for _, page := range append(pages, filepath.Join(root, "README.md")) {
		content, err := os.ReadFile(page)
		g.Expect(err).NotTo(HaveOccurred())
		for _, link := range regexp.MustCompile(`\]\(([^)#:]+\.md)`).FindAllStringSubmatch(string(content), -1) {
			g.Expect(filepath.Join(filepath.Dir(page), link[1])).To(BeARegularFile(), "%s", page)
		}
	}
}
