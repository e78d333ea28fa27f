// Command chart writes the files of the Helm chart that are generated from config: the output
// of kustomize for its folders. The templates of the chart read these files and apply the
// values, so that nothing of config exists twice.
//
//	chart ROOT [OUTPUT]
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jumpcloud-operator/jumpcloud-operator/hack/packaging/manifests"
)

// file is a file of the chart. It contains the objects of a folder whose kind keep accepts.
type file struct {
	name, folder string
	keep         func(kind string) bool
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 && len(args) != 2 {
		return errors.New("usage: chart ROOT [OUTPUT]")
	}
	root := args[0]
	output := filepath.Join(root, "config", "helm", "jumpcloud-operator", "files")
	if len(args) == 2 {
		output = args[1]
	}
	isCRD := func(kind string) bool { return kind == "CustomResourceDefinition" }
	// Helm creates the namespace itself: --create-namespace.
	isOperator := func(kind string) bool { return kind != "Namespace" && !isCRD(kind) }
	for _, f := range []file{
		{name: "crds", folder: "default", keep: isCRD},
		{name: "cluster", folder: "default", keep: isOperator},
		{name: "namespaced", folder: "namespaced", keep: isOperator},
		{name: "prometheus", folder: "prometheus", keep: isOperator},
		{name: "grafana", folder: "grafana", keep: isOperator},
		{name: "network-policy", folder: "network-policy", keep: isOperator},
	} {
		content, err := f.render(root)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(output, f.name+".yaml"), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (f file) render(root string) ([]byte, error) {
	objects, err := manifests.Build(root, f.folder)
	if err != nil {
		return nil, err
	}
	var documents [][]byte
	for _, object := range objects.Resources() {
		if !f.keep(object.GetKind()) {
			continue
		}
		document, err := object.AsYAML()
		if err != nil {
			return nil, fmt.Errorf("%s/%s of config/%s: %w", object.GetKind(), object.GetName(), f.folder, err)
		}
		documents = append(documents, document)
	}
	header := fmt.Appendf(nil, "# Made by `make chart` from config/%s. Do not edit.\n", f.folder)
	return append(header, bytes.Join(documents, []byte("---\n"))...), nil
}
