package cluster

import (
	"io/fs"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

const (
	config        = root + "/config"
	kustomization = "kustomization.yaml"
)

// applied are the files that were applied to the node: manifests, kustomizations, and the
// files that these consist of.
var applied = map[string]bool{}

// apply applies a folder with a kustomization.
func apply(folder string) {
	GinkgoHelper()
	kubectl("apply", "--server-side", "-k", folder)
	markApplied(folder)
}

// applyFile applies a manifest.
func applyFile(path string) {
	GinkgoHelper()
	kubectl("apply", "--server-side", "-f", path)
	markApplied(path)
}

// patch patches an object with a manifest.
func patch(object, namespace, path string) {
	GinkgoHelper()
	kubectl("patch", object, "--namespace="+namespace, "--type=merge", "--patch-file="+path)
	markApplied(path)
}

// markApplied records a file or the kustomization of a folder, and every file and
// folder that the kustomization names.
func markApplied(path string) {
	GinkgoHelper()
	path = filepath.Clean(path)
	info, err := os.Stat(path)
	Expect(err).NotTo(HaveOccurred())
	if info.IsDir() {
		path = filepath.Join(path, kustomization)
	}
	if applied[path] {
		return
	}
	applied[path] = true
	if filepath.Base(path) != kustomization {
		return
	}
	for _, named := range texts(read(path)) {
		named = filepath.Join(filepath.Dir(path), named)
		if _, err := os.Stat(named); err == nil {
			markApplied(named)
		}
	}
}

// texts returns the strings in a decoded YAML value.
func texts(value any) (found []string) {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		for _, item := range value {
			found = append(found, texts(item)...)
		}
	case map[string]any:
		for _, item := range value {
			found = append(found, texts(item)...)
		}
	}
	return found
}

// read reads the first document of a YAML or JSON file.
func read(path string) any {
	GinkgoHelper()
	content, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	var document any
	Expect(yaml.Unmarshal(content, &document)).To(Succeed(), path)
	return document
}

// manifests returns the files of a folder that have an apiVersion and a kind: those of
// Kubernetes and kustomize. It skips Helm charts, which hack/packaging installs with Helm.
func manifests(folder string) (found []string) {
	GinkgoHelper()
	Expect(filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if _, err := os.Stat(filepath.Join(path, "Chart.yaml")); err == nil {
				return fs.SkipDir
			}
			return nil
		}
		switch filepath.Ext(path) {
		case ".yaml", ".yml", ".json":
			if document, ok := read(path).(map[string]any); ok && document["apiVersion"] != nil && document["kind"] != nil {
				found = append(found, path)
			}
		}
		return nil
	})).To(Succeed())
	return found
}
