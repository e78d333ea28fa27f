// Package modules finds the modules that are linked into a program, and their licenses.
package modules

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// Module is a module that is linked into a program.
type Module struct {
	Path    string
	Version string
	// License is an SPDX expression; "NOASSERTION" if no text was recognized.
	License string
	// Texts are the texts of the licenses and notices in its root.
	Texts []string
}

// Of returns the modules that the linker recorded in a Go program: the program's own first,
// then the standard library, then the others in the order of their paths. It reads the
// program's own license in the working folder, and runs the go command there.
func Of(program string) ([]Module, error) {
	build, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	own, err := read(".", Module{Path: build.Main.Path})
	if err != nil {
		return nil, err
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("find the source of the standard library: %w", err)
	}
	library, err := read(strings.TrimSpace(string(goroot)), Module{Path: "stdlib", Version: build.GoVersion})
	if err != nil {
		return nil, err
	}
	modules := []Module{own, library}
	folders, err := sources(build.Deps)
	if err != nil {
		return nil, err
	}
	for _, dep := range build.Deps {
		module, err := read(folders[dep.Path], Module{Path: dep.Path, Version: dep.Version})
		if err != nil {
			return nil, err
		}
		modules = append(modules, module)
	}
	return modules, nil
}

// sources returns the folders of modules in the module cache, by path.
func sources(modules []*debug.Module) (map[string]string, error) {
	args := []string{"mod", "download", "-json"}
	for _, module := range modules {
		args = append(args, module.Path+"@"+module.Version)
	}
	command := exec.Command("go", args...)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("find the sources of the modules: %w", err)
	}
	folders := map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(output)); decoder.More(); {
		var found struct{ Path, Dir string }
		if err := decoder.Decode(&found); err != nil {
			return nil, fmt.Errorf("find the sources of the modules: %w", err)
		}
		folders[found.Path] = found.Dir
	}
	return folders, nil
}

var legal = regexp.MustCompile(`(?i)^(licen[sc]e|copying|notice)([.-].*)?$`)

func read(folder string, module Module) (Module, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return module, err
	}
	var all bytes.Buffer
	for _, entry := range entries {
		if entry.IsDir() || !legal.MatchString(entry.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return module, err
		}
		module.Texts = append(module.Texts, string(text))
		all.Write(text)
		all.WriteByte('\n')
	}
	if len(module.Texts) == 0 {
		return module, fmt.Errorf("%s has no file with its license", module.Path)
	}
	module.License = expression(all.Bytes())
	return module, nil
}

// expression returns the licenses in a text, joined by AND: all of them apply to a copy of the
// program.
func expression(text []byte) string {
	var ids []string
	for _, match := range licensecheck.Scan(text).Match {
		if !match.IsURL && !slices.Contains(ids, match.ID) {
			ids = append(ids, match.ID)
		}
	}
	if len(ids) == 0 {
		return "NOASSERTION"
	}
	slices.Sort(ids)
	return strings.Join(ids, " AND ")
}
