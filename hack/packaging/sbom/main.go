// Command sbom writes the contents of a binary as SPDX 2.3: the modules that the Go linker
// recorded in it, and their licenses.
//
//	sbom BINARY VERSION TIME
//
// TIME is that of the commit, in RFC 3339: equal inputs give equal bytes.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"

	"github.com/spdx/tools-golang/spdx"
	"github.com/spdx/tools-golang/spdx/v2/common"

	"github.com/jumpcloud-operator/jumpcloud-operator/hack/packaging/modules"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string, output io.Writer) error {
	if len(args) != 3 {
		return errors.New("usage: sbom BINARY VERSION TIME")
	}
	linked, err := modules.Of(args[0])
	if err != nil {
		return err
	}
	linked[0].Version = args[1]
	document := newDocument(linked[0], args[2])
	for _, module := range linked {
		add(document, module)
	}
	document.Relationships[0].RefA, document.Relationships[0].Relationship = common.MakeDocElementID("", "DOCUMENT"), "DESCRIBES"
	encoder := json.NewEncoder(output)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

func newDocument(own modules.Module, created string) *spdx.Document {
	return &spdx.Document{
		SPDXVersion: spdx.Version, DataLicense: spdx.DataLicense, SPDXIdentifier: "DOCUMENT",
		DocumentName:      "jumpcloud-operator-" + own.Version,
		DocumentNamespace: "https://" + own.Path + "/spdx/" + own.Version,
		CreationInfo: &spdx.CreationInfo{
			Created: created, Creators: []common.Creator{{CreatorType: "Tool", Creator: "jumpcloud-operator-sbom"}},
		},
	}
}

var unsafeInID = regexp.MustCompile(`[^A-Za-z0-9.-]`)

// add adds a module; the first module of the document depends on all others.
func add(document *spdx.Document, module modules.Module) {
	id := common.ElementID("Package-" + unsafeInID.ReplaceAllString(module.Path, "-"))
	document.Packages = append(document.Packages, &spdx.Package{
		PackageName: module.Path, PackageVersion: module.Version, PackageSPDXIdentifier: id,
		PackageDownloadLocation: "NOASSERTION", PackageLicenseConcluded: module.License, PackageLicenseDeclared: module.License,
		PackageCopyrightText: "NOASSERTION",
		PackageExternalReferences: []*spdx.PackageExternalReference{{
			Category: "PACKAGE-MANAGER", RefType: "purl", Locator: "pkg:golang/" + module.Path + "@" + module.Version,
		}},
	})
	document.Relationships = append(document.Relationships, &spdx.Relationship{
		RefA: common.MakeDocElementID("", string(document.Packages[0].PackageSPDXIdentifier)),
		RefB: common.MakeDocElementID("", string(id)), Relationship: "DEPENDS_ON",
	})
}
