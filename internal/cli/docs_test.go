package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

var (
	// consoles matches the blocks of a page with commands and their output.
	consoles = regexp.MustCompile("(?s)\n```console\n(.*?)```\n")
	// goldenOf are the files with the output of commands, with the namespace that each was
	// created in.
	goldenOf = map[string]struct{ file, namespace string }{
		"plan": {"plan-waits", "plan-waits"}, "approve": {"approve", "approve"}, "results": {"results-failed", "results-failed"},
		"status": {"status", "status"}, "why": {"why", "why"},
	}
)

// shown returns the outputs of the commands on a page, by their first words.
func shown(t *testing.T, page string) map[string][]string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", page))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	outputs := map[string][]string{}
	for _, block := range consoles.FindAllStringSubmatch(string(content), -1) {
		command := ""
		for line := range strings.Lines(block[1]) {
			if called, ok := strings.CutPrefix(line, "$ "); ok {
				command = ""
				if called, ok := strings.CutPrefix(called, displayName+" "); ok {
					command = strings.Fields(called)[0]
					outputs[command] = nil
				}
				continue
			}
			if line = strings.TrimSpace(line); command != "" && line != "" && line != "..." {
				outputs[command] = append(outputs[command], line)
			}
		}
	}
	return outputs
}

// The pages show what the commands print: each line, in the same order.
func TestPagesShowWhatTheCommandsPrint(t *testing.T) {
	for page, commands := range map[string][]string{
		"README.md":        {"plan", "status", "why"},
		"docs/commands.md": {"approve", "plan", "results", "status", "validate", "why"},
	} {
		g := NewWithT(t)
		outputs := shown(t, page)
		for command, lines := range outputs {
			if command == "validate" {
				continue // it is run below
			}
			golden, known := goldenOf[command]
			g.Expect(known).To(BeTrue(), "%s: %s", page, command)
			content, err := os.ReadFile(filepath.Join("testdata", golden.file+".golden"))
			g.Expect(err).NotTo(HaveOccurred())
			left := strings.Split(strings.ReplaceAll(string(content), golden.namespace+"/", "identity/"), "\n")
			for _, line := range lines {
				at := slices.IndexFunc(left, func(l string) bool { return strings.TrimSpace(l) == line })
				g.Expect(at).To(BeNumerically(">=", 0), "%s: %s does not print %q", page, command, line)
				left = left[at+1:]
			}
		}
		for _, command := range commands {
			g.Expect(outputs).To(HaveKey(command), page)
		}
	}
}

func TestThePageShowsWhatValidatePrints(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	g.Expect(os.WriteFile(filepath.Join(dir, "groups.yaml"), []byte(brokenGroup), 0o600)).To(Succeed())
	_, out, _ := validated(t, "", dir, "-n", "identity")
	out = strings.ReplaceAll(out, dir+string(filepath.Separator), "identity/")
	g.Expect(strings.Split(strings.TrimSpace(out), "\n")).To(Equal(shown(t, "docs/commands.md")["validate"]))
}

// Every command is on the page.
func TestThePageNamesEveryCommand(t *testing.T) {
	g := NewWithT(t)
	content, err := os.ReadFile("../../docs/commands.md")
	g.Expect(err).NotTo(HaveOccurred())
	_, help, _ := run(t, "")
	_, list, found := strings.Cut(help, "Available Commands:\n")
	g.Expect(found).To(BeTrue())
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		if name := strings.Fields(line)[0]; name != "help" {
			g.Expect(string(content)).To(MatchRegexp("(?m)^\\| `" + name + "[ `]"))
		}
	}
}

// The completion script on the page completes like the program itself.
func TestThePluginsCompletionScript(t *testing.T) {
	g := NewWithT(t)
	content, err := os.ReadFile("../../docs/commands.md")
	g.Expect(err).NotTo(HaveOccurred())
	script := regexp.MustCompile("(?s)```sh\n(#!/bin/sh\n.*?)```").FindStringSubmatch(string(content))
	g.Expect(script).To(HaveLen(2))
	dir := t.TempDir()
	file := filepath.Join(dir, "kubectl_complete-jumpcloud")
	g.Expect(os.WriteFile(file, []byte(script[1]), 0o700)).To(Succeed())
	g.Expect(os.WriteFile(filepath.Join(dir, pluginName), []byte("#!/bin/sh\nprintf '%s|' \"$@\"\n"), 0o700)).To(Succeed())
	command := exec.CommandContext(t.Context(), file, "results", "jcimport/hires", "--out")
	command.Env = []string{"PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH")}
	out, err := command.CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(out)).To(Equal("__complete|results|jcimport/hires|--out|"))
}

// The files of other tools are accepted as the page says: no row is invalid.
func TestTheFilesOfOtherToolsAreValid(t *testing.T) {
	g := NewWithT(t)
	content, err := os.ReadFile("../../docs/migrating.md")
	g.Expect(err).NotTo(HaveOccurred())
	blocks := regexp.MustCompile("(?s)\n```yaml\n(.*?\n)```\n").FindAllStringSubmatch(string(content), -1)
	g.Expect(blocks).NotTo(BeEmpty())
	for _, block := range blocks {
		code, out, _ := validated(t, block[1], "-", "-n", "identity")
		g.Expect(out).To(ContainSubstring(" 0 problems"), block[1])
		g.Expect(code).To(BeZero())
	}
}
