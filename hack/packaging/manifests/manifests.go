// Package manifests builds the folders of config with kustomize.
package manifests

import (
	"fmt"
	"path/filepath"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Build returns the objects of a folder of config in the repository root.
func Build(root, folder string) (resmap.ResMap, error) {
	path := filepath.Join(root, "config", filepath.FromSlash(folder))
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), path)
	if err != nil {
		return nil, fmt.Errorf("build config/%s: %w", folder, err)
	}
	return objects, nil
}
