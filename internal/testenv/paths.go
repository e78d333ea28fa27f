package testenv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// File names of the control plane's programs.
const (
	etcdName      = "etcd"
	apiServerName = "kube-apiserver"
	kubectlName   = "kubectl"
)

// Root returns the repository's root: the nearest folder with a go.mod, from the working
// folder upwards.
var Root = sync.OnceValues(func() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod in %s or above it: run inside the repository", start)
		}
	}
})

// controlPlaneBinaries returns the folder with the control plane's programs:
// KUBEBUILDER_ASSETS, or the repository's bin if that is not set.
func controlPlaneBinaries(root string) (string, error) {
	dir := os.Getenv("KUBEBUILDER_ASSETS")
	if dir == "" {
		dir = filepath.Join(root, "bin")
	}
	for _, name := range []string{etcdName, apiServerName, kubectlName} {
		if _, err := os.Stat(filepath.Join(dir, name)); errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("%s is not in %s: run `make controlplane` first", name, dir)
		} else if err != nil {
			return "", err
		}
	}
	return dir, nil
}
