package main

import (
	"bytes"
	"debug/buildinfo"
	"os"
	"testing"

	. "github.com/onsi/gomega"
	spdx "github.com/spdx/tools-golang/json"
)

// An SBOM is SPDX, and lists the program, the standard library and each linked module, with
// their licenses. Equal inputs give equal bytes.
func TestSBOM(t *testing.T) {
	g := NewWithT(t)
	t.Chdir("../../..") // to the folder with the license
	program, err := os.Executable()
	g.Expect(err).NotTo(HaveOccurred())
	describe := func() []byte {
		var output bytes.Buffer
		g.Expect(run([]string{program, "v1", "2026-01-02T03:04:05Z"}, &output)).To(Succeed())
		return output.Bytes()
	}
	text := describe()
	g.Expect(describe()).To(Equal(text))

	document, err := spdx.Read(bytes.NewReader(text))
	g.Expect(err).NotTo(HaveOccurred())
	build, err := buildinfo.ReadFile(program)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(build.Deps).NotTo(BeEmpty())
	versions := map[string]string{build.Main.Path: "v1", "stdlib": build.GoVersion}
	for _, dependency := range build.Deps {
		versions[dependency.Path] = dependency.Version
	}
	found := map[string]string{}
	for _, module := range document.Packages {
		found[module.PackageName] = module.PackageVersion
		g.Expect(module.PackageLicenseConcluded).NotTo(BeElementOf("", "NOASSERTION"), module.PackageName)
	}
	g.Expect(found).To(Equal(versions))
	g.Expect(document.Relationships).To(HaveLen(len(document.Packages)))
	g.Expect(document.Relationships[0].Relationship).To(Equal("DESCRIBES"))
}
