package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// manifests matches the fenced yaml blocks of a page.
var manifests = regexp.MustCompile("(?s)\n```yaml\n(.*?\n)```\n")

// Every manifest in the documentation is applied, in a namespace of its own.
var _ = Describe("Manifests in the docs are accepted:", Label("docs"), func() {
	applied := 0
	for _, page := range pages() {
		content, err := os.ReadFile(page)
		Expect(err).NotTo(HaveOccurred())
		for i, block := range manifests.FindAllStringSubmatch(string(content), -1) {
			applied++
			It(fmt.Sprintf("%s, %d", filepath.Base(page), i+1), func() { apply(block[1]) })
		}
	}
	It("there are some", func() { Expect(applied).To(BeNumerically(">=", 3)) })
})

// pages returns the files of the documentation.
func pages() []string {
	GinkgoHelper()
	root, err := testenv.Root()
	Expect(err).NotTo(HaveOccurred())
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	Expect(err).NotTo(HaveOccurred())
	return append(pages, filepath.Join(root, "README.md"))
}

// apply applies a manifest of the documentation.
func apply(manifest string) {
	manifest = strings.NewReplacer(
		"kind: Namespace\nmetadata:\n  name: identity", "kind: Namespace\nmetadata:\n  name: NAMESPACE",
		"namespace: identity", "namespace: NAMESPACE").Replace(manifest)
	manifest = strings.ReplaceAll(manifest, "NAMESPACE", plane.Namespace(spec()))
	file := filepath.Join(spec().TempDir(), "manifest.yaml")
	Expect(os.WriteFile(file, []byte(manifest), 0o600)).To(Succeed())
	_, err := plane.Kubectl(spec().Context(), "apply", "--server-side", "--validate=strict", "-f", file)
	Expect(err).NotTo(HaveOccurred())
}

var _ = It("Links between pages lead somewhere", Label("docs"), func() {
	for _, page := range pages() {
		content, err := os.ReadFile(page)
		Expect(err).NotTo(HaveOccurred())
		for _, link := range regexp.MustCompile(`\]\(([^)#:]+\.md)`).FindAllStringSubmatch(string(content), -1) {
			Expect(filepath.Join(filepath.Dir(page), link[1])).To(BeARegularFile(), "%s", page)
		}
	}
})

// The pages tell people which metrics to watch.
var _ = It("The docs name metrics that exist", Label("docs"), func() {
	var all strings.Builder
	for _, page := range pages() {
		if filepath.Base(page) == "migrating.md" {
			continue // Terraform's resources have names of the same form
		}
		content, err := os.ReadFile(page)
		Expect(err).NotTo(HaveOccurred())
		all.Write(content)
	}
	Expect(all.String()).To(ContainSubstring("# Service levels"))
	expectMetrics(all.String())
})
