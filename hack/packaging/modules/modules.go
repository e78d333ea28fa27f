// Package modules finds the modules that are linked into a program, and their
// licenses.
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
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// Module is one that is linked into a program.
type Module struct {
	Path    string
	Version string
	// License is an SPDX expression, "NOASSERTION" where no text was recognized.
	License string
	// Texts are those of its licenses and notices.
	Texts []string
}

// Of returns the modules of a Go program, by what its linker recorded: the
// program's own first, then the standard library, then the others in order of
// path. It runs the go command, in the folder of the module that it was built
// from.
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
	for _, dep := range build.Deps {
		folder, err := source(dep.Path, dep.Version)
		if err != nil {
			return nil, err
		}
		module, err := read(folder, Module{Path: dep.Path, Version: dep.Version})
		if err != nil {
			return nil, err
		}
		modules = append(modules, module)
	}
	return modules, nil
}

// source returns the folder of a module's source in the module cache.
func source(path, version string) (string, error) {
	command := exec.Command("go", "mod", "download", "-json", path+"@"+version)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("find the source of %s %s: %w", path, version, err)
	}
	var found struct{ Dir string }
	if err := json.Unmarshal(output, &found); err != nil {
		return "", fmt.Errorf("find the source of %s %s: %w", path, version, err)
	}
	return found.Dir, nil
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

// expression returns the licenses that a text holds, joined by AND: whoever gives
// the program away must keep to each of them.
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
