package packaging_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// An object that needs a person makes an alert fire, whatever its kind and reason.
func TestNoObjectIsStalledInSilence(t *testing.T) {
	g := NewWithT(t)
	var series, organizations []string
	for _, kind := range crdKinds(t) {
		for _, reason := range stalledReasons(t) {
			// Not every alert names kind and reason, but each names the organization.
			organization := fmt.Sprintf("<%s %s>", kind, reason)
			series = append(series, strings.ReplaceAll(stalled(kind, reason), "5f", organization))
			organizations = append(organizations, organization)
		}
	}
	var told []string
	for _, alerts := range firing(t, ruleFile(t), alertCase{series: strings.Join(series, "\n"), after: 90 * time.Minute}) {
		told = append(told, alerts...)
	}
	for _, organization := range organizations {
		names := func(summary string) bool { return strings.Contains(summary, organization) }
		g.Expect(slices.ContainsFunc(told, names)).To(BeTrue(), "no alert tells of %s", organization)
	}
}

// crdKinds returns the kinds of the operator's objects.
func crdKinds(t *testing.T) []string {
	t.Helper()
	g := NewWithT(t)
	files, err := filepath.Glob("config/crd/bases/*.yaml")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(files).NotTo(BeEmpty())
	var kinds []string
	for _, file := range files {
		content, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())
		kinds = append(kinds, firstGroups(t, `(?m)^    kind: (\w+)$`, string(content))...)
	}
	return kinds
}

// stalledReasons returns the reasons that the condition Stalled can have.
func stalledReasons(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile("api/v1alpha1/conditions.go")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	blocks := firstGroups(t, `(?s)// Reasons of Stalled=True(.+?)\n\)`, string(content))
	return firstGroups(t, `Reason = "(\w+)"`, strings.Join(blocks, "\n"))
}

// firstGroups returns what the first group of an expression matches, which is at least
// something.
func firstGroups(t *testing.T, expression, text string) []string {
	t.Helper()
	var groups []string
	for _, match := range regexp.MustCompile(expression).FindAllStringSubmatch(text, -1) {
		groups = append(groups, match[1])
	}
	NewWithT(t).Expect(groups).NotTo(BeEmpty(), expression)
	return groups
}
