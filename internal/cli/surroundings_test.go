package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"
)

// What cannot be written to a full disk was not shown, and is not approved.
func TestAFullDisk(t *testing.T) {
	w := newWorld(t, "full-disk")
	w.anImportThatWaits()
	for name, args := range talksToACluster {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		w.Expect(err).NotTo(HaveOccurred())
		code, errs := w.runWith(strings.NewReader("yes\n"), full, args...)
		w.Expect(full.Close()).To(Succeed())
		w.Expect(code).To(Equal(exitFailed), name)
		w.Expect(errs).To(And(ContainSubstring("write the output"), ContainSubstring("no space left on device")), name)
	}
	w.Expect(w.planApprovals()).To(BeEmpty())
}

// talksToNoCluster are the commands that write what they find with a key of JumpCloud, or
// without. Each is given a directory of its own.
var talksToNoCluster = map[string]func(w *world, url string) []string{
	"validate": func(w *world, _ string) []string {
		file := filepath.Join(w.t.TempDir(), "user.yaml")
		w.Expect(os.WriteFile(file, []byte(oneUser+"}"), 0o600)).To(Succeed())
		return []string{"validate", file}
	},
	"export": func(w *world, url string) []string {
		return []string{"export", "-o", filepath.Join(w.t.TempDir(), "out"), "--kinds", "User", "--endpoint", url, "--api-key-file", keyFile(w.t, "key")}
	},
	"check": func(*world, string) []string { return []string{"check", "--dry-run"} },
}

// Neither a full disk nor a pipe that nobody reads is a success.
func TestWhatCannotBeWrittenIsNoSuccess(t *testing.T) {
	_, _, url := shop(t)
	for name, arguments := range talksToNoCluster {
		t.Run(name, func(t *testing.T) {
			w := &world{WithT: NewWithT(t), t: t}
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			w.Expect(err).NotTo(HaveOccurred())
			defer func() { _ = full.Close() }()
			reader, closed := io.Pipe()
			w.Expect(reader.Close()).To(Succeed())
			for _, out := range []io.Writer{full, closed} {
				var errs bytes.Buffer
				code := Main(t.Context(), append([]string{pluginName}, arguments(w, url)...), genericiooptions.IOStreams{In: strings.NewReader(""), Out: out, ErrOut: &errs})
				w.Expect(code).To(Equal(exitFailed))
				w.Expect(errs.String()).To(ContainSubstring("write the output"))
			}
		})
	}
}

// Of two contexts, the one that is named counts, and else the current one.
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
