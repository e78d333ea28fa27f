// Command sbom writes what a binary is made of as SPDX 2.3: the modules that are
// linked into it, by what the Go linker recorded.
//
//	sbom BINARY VERSION TIME
//
// The time is that of the commit, in RFC 3339: equal inputs give equal bytes.
package main

import (
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime/debug"

	"github.com/spdx/tools-golang/spdx"
	"github.com/spdx/tools-golang/spdx/v2/common"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return errors.New("usage: sbom BINARY VERSION TIME")
	}
	build, err := buildinfo.ReadFile(args[0])
	if err != nil {
		return err
	}
	document := newDocument(build, args[1], args[2])
	for _, module := range build.Deps {
		add(document, module.Path, module.Version, "NOASSERTION")
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

func newDocument(build *debug.BuildInfo, version, created string) *spdx.Document {
	document := &spdx.Document{
		SPDXVersion: spdx.Version, DataLicense: spdx.DataLicense, SPDXIdentifier: "DOCUMENT",
		DocumentName:      "jumpcloud-operator-" + version,
		DocumentNamespace: "https://" + build.Main.Path + "/spdx/" + version,
		CreationInfo: &spdx.CreationInfo{
			Created: created, Creators: []common.Creator{{CreatorType: "Tool", Creator: "jumpcloud-operator-sbom"}},
		},
	}
	add(document, build.Main.Path, version, "Apache-2.0")
	add(document, "stdlib", build.GoVersion, "BSD-3-Clause")
	document.Relationships[0].RefA, document.Relationships[0].Relationship = common.MakeDocElementID("", "DOCUMENT"), "DESCRIBES"
	return document
}

var unsafeInID = regexp.MustCompile(`[^A-Za-z0-9.-]`)

// add adds a module, on which the first of the document depends.
func add(document *spdx.Document, path, version, license string) {
	id := common.ElementID("Package-" + unsafeInID.ReplaceAllString(path, "-"))
	document.Packages = append(document.Packages, &spdx.Package{
		PackageName: path, PackageVersion: version, PackageSPDXIdentifier: id,
		PackageDownloadLocation: "NOASSERTION", PackageLicenseConcluded: license, PackageLicenseDeclared: license,
		PackageCopyrightText: "NOASSERTION",
		PackageExternalReferences: []*spdx.PackageExternalReference{{
			Category: "PACKAGE-MANAGER", RefType: "purl", Locator: "pkg:golang/" + path + "@" + version,
		}},
	})
	document.Relationships = append(document.Relationships, &spdx.Relationship{
		RefA: common.MakeDocElementID("", string(document.Packages[0].PackageSPDXIdentifier)),
		RefB: common.MakeDocElementID("", string(id)), Relationship: "DEPENDS_ON",
	})
}
