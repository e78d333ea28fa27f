package cli

import (
	"bytes"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"
)

// printing returns all commands that write to their output, in each of their formats, with
// their input. Each gets its own directory.
func printing(w *world, url string) map[string][]string {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "user.yaml")
	w.Expect(os.WriteFile(file, []byte(oneUser+"}"), 0o600)).To(Succeed())
	live := []string{"--endpoint", url, "--api-key-file", keyFile(w.t, "key")}
	all := map[string][]string{
		"help": {"--help"}, "help of a command": {"plan", "--help"}, "version": {"version"}, "completion": {"completion", "bash"},
		"validate": {"validate", file}, "validate -o json": {"validate", file, "-o", "json"},
		"validate --against": append([]string{"validate", file, "--against", url}, live[2:]...),
		"export":             append([]string{"export", "-o", filepath.Join(w.t.TempDir(), "out"), "--kinds", "User"}, live...),
		"check --dry-run":    {"check", "--dry-run"},
		"simulator":          {"simulator", "--listen", "127.0.0.1:0"},
	}
	for name, args := range talksToACluster {
		args = append(slices.Clone(args), "--kubeconfig="+w.kubeconfig, "--cache-dir="+w.t.TempDir(), "--namespace="+w.namespace)
		all[name], all[name+" -o json"] = args, append(slices.Clone(args), "-o", "json")
		all[name+" -o yaml"] = append(slices.Clone(args), "-o", "yaml")
		if name == "plan" || name == "results" {
			all[name+" -o csv"] = append(slices.Clone(args), "-o", "csv")
		}
	}
	return all
}

// Output that cannot be written was not shown: neither a full disk nor a pipe without a reader
// is a success, and nothing is approved.
func TestWhatCannotBeWrittenIsNoSuccess(t *testing.T) {
	w := newWorld(t, "unwritable")
	w.anOrganization()
	w.anImportThatWaits()
	_, _, url := shop(t)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	w.Expect(err).NotTo(HaveOccurred())
	defer func() { _ = full.Close() }()
	reader, closed := io.Pipe()
	w.Expect(reader.Close()).To(Succeed())
	root := newRoot(genericiooptions.NewTestIOStreamsDiscard())
	root.InitDefaultCompletionCmd("completion")
	tried := slices.Collect(maps.Values(printing(w, url)))
	for _, command := range root.Commands() {
		w.Expect(tried).To(ContainElement(ContainElement(command.Name())))
	}
	for said, out := range map[string]io.Writer{"no space left on device": full, io.ErrClosedPipe.Error(): closed} {
		for name, args := range printing(w, url) {
			var errs bytes.Buffer
			code := Main(t.Context(), append([]string{pluginName}, args...), genericiooptions.IOStreams{In: strings.NewReader("yes\n"), Out: out, ErrOut: &errs})
			w.Expect(code).To(Equal(exitFailed), name)
			w.Expect(errs.String()).To(And(ContainSubstring("write the output"), ContainSubstring(said)), name)
		}
	}
	w.Expect(w.planApprovals()).To(BeEmpty())
}

// Of two contexts, the named one counts, otherwise the current one.
func TestTwoContexts(t *testing.T) {
	w := newWorld(t, "two-contexts")
	w.anImportThatWaits()
	config, err := clientcmd.LoadFromFile(w.kubeconfig)
	w.Expect(err).NotTo(HaveOccurred())
	here := config.CurrentContext
	cluster := config.Clusters[here].DeepCopy()
	cluster.Server = "https://127.0.0.1:1"
	config.Clusters["elsewhere"] = cluster
	elsewhere := config.Contexts[here].DeepCopy()
	elsewhere.Cluster = "elsewhere"
	config.Contexts["elsewhere"], config.CurrentContext = elsewhere, "elsewhere"
	w.kubeconfig = filepath.Join(t.TempDir(), "two")
	w.Expect(clientcmd.WriteToFile(*config, w.kubeconfig)).To(Succeed())
	for name, args := range talksToACluster {
		code, out, errs := w.run("no\n", args...)
		w.Expect(code).To(Equal(exitFailed), name)
		w.Expect(out).To(BeEmpty(), name)
		w.Expect(errs).To(And(ContainSubstring("127.0.0.1:1"), ContainSubstring("--context")), name)

		_, out, _ = w.run("no\n", append(args, "--context="+here)...)
		w.Expect(out).NotTo(BeEmpty(), name)
	}
	w.Expect(w.planApprovals()).To(BeEmpty())
}
