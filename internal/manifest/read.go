package manifest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Stdin is the path of the standard input.
const Stdin = "-"

// Read reads the objects of files and folders. It builds a folder with a kustomization; of any
// other folder it reads the files that end in .yaml, .yml or .json, but no subfolders, as
// kubectl does. An error means that a path cannot be read; it names the path.
func Read(paths []string, stdin io.Reader) (objects []*Object, problems []Problem, err error) {
	for _, path := range paths {
		found, wrong, err := readPath(path, stdin)
		if err != nil {
			return nil, nil, err
		}
		objects, problems = append(objects, found...), append(problems, wrong...)
	}
	return objects, problems, nil
}

func readPath(path string, stdin io.Reader) ([]*Object, []Problem, error) {
	if path == Stdin {
		content, err := io.ReadAll(stdin)
		if err != nil {
			return nil, nil, fmt.Errorf("read the standard input: %w", err)
		}
		found, problems := Parse("standard input", content)
		return found, problems, nil
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.Contains(path, `\`) && filepath.Separator != '\\':
		return nil, nil, fmt.Errorf("%w: on this system, folders are separated by /", err)
	case err != nil:
		return nil, nil, err
	case info.IsDir():
		return readFolder(path)
	}
	return readFile(path)
}

func readFile(path string) ([]*Object, []Problem, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	found, problems := Parse(path, content)
	return found, problems, nil
}

func readFolder(path string) ([]*Object, []Problem, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, nil, err
	}
	var files []string
	for _, entry := range entries {
		if slices.Contains(konfig.RecognizedKustomizationFileNames(), entry.Name()) {
			found, problems := build(path)
			return found, problems, nil
		}
		if slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(entry.Name())) && !entry.IsDir() {
			files = append(files, filepath.Join(path, entry.Name()))
		}
	}
	if len(files) == 0 {
		return nil, nil, fmt.Errorf("%s has no kustomization and no file that ends in .yaml, .yml or .json", path)
	}
	var objects []*Object
	var problems []Problem
	for _, file := range files {
		found, wrong, err := readFile(file)
		if err != nil {
			return nil, nil, err
		}
		objects, problems = append(objects, found...), append(problems, wrong...)
	}
	return objects, problems, nil
}

// build builds a kustomization, with kustomize's defaults. Plugins and Helm do not run.
func build(path string) ([]*Object, []Problem) {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), path)
	if err != nil {
		return nil, []Problem{{File: path, Message: "cannot be built by kustomize: " + strings.Join(strings.Fields(err.Error()), " ")}}
	}
	var objects []*Object
	for _, resource := range built.Resources() {
		content, err := resource.MarshalJSON()
		if err != nil {
			return nil, []Problem{{File: path, Message: "cannot be built by kustomize: " + err.Error()}}
		}
		value, err := decode(content)
		if err != nil {
			return nil, []Problem{{File: path, Message: "cannot be built by kustomize: " + err.Error()}}
		}
		objects = append(objects, &Object{Unstructured: &unstructured.Unstructured{Object: value}, File: path})
	}
	return objects, nil
}
