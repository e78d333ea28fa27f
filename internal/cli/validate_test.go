package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

const brokenGroup = "\xef\xbb\xbfapiVersion: jumpcloud-operator.io/v1alpha1\r\nkind: UserGroup\r\nmetadata:\r\n  name: engineers\r\n" +
	"spec:\r\n  organizationRef:\r\n    name: acme\r\n  membershipMethod: Sometimes\r\n"

// validated runs the command and returns its exit code and outputs.
func validated(t *testing.T, stdin string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	streams := genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: &o, ErrOut: &e}
	code = Main(t.Context(), append([]string{pluginName, "validate"}, args...), streams)
	return code, o.String(), e.String()
}

func TestValidateNamesThePlace(t *testing.T) {
	g := NewWithT(t)
	file := filepath.Join(t.TempDir(), "groups.yaml")
	g.Expect(os.WriteFile(file, []byte(brokenGroup), 0o600)).To(Succeed())

	code, out, errOut := validated(t, "", file, "-n", "identity")

	g.Expect(code).To(Equal(exitFailed))
	g.Expect(out).To(HavePrefix(file + ":8:3: UserGroup identity/engineers: spec.membershipMethod: Unsupported value: "))
	g.Expect(out).To(HaveSuffix("1 object, 1 problem, 0 notes.\n"))
	g.Expect(errOut).To(Equal("error: the manifests have problems\n"))
}

func TestValidateReadsTheStandardInput(t *testing.T) {
	g := NewWithT(t)
	code, out, _ := validated(t, brokenGroup, "-", "-o", "json")
	g.Expect(code).To(Equal(exitFailed))
	g.Expect(out).To(ContainSubstring(`"file": "standard input",`))
	g.Expect(out).To(ContainSubstring(`"field": "spec.membershipMethod",`))
}

func TestValidateBuildsKustomizations(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	for name, content := range map[string]string{
		"kustomization.yaml": "resources: [import.yaml]\nnamespace: people\nconfigMapGenerator:\n- name: hires\n  files: [users.csv]\n",
		"import.yaml": "apiVersion: jumpcloud-operator.io/v1alpha1\nkind: BulkUserImport\nmetadata: {name: hires}\n" +
			"spec:\n  organizationRef: {name: acme}\n  usersFrom:\n  - configMapKeyRef: {name: hires, key: users.csv}\n",
		"users.csv": "username,emial\nada,ada@example.org\n",
	} {
		g.Expect(os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600)).To(Succeed())
	}
	code, out, _ := validated(t, "", dir)
	g.Expect(out).To(ContainSubstring("people/hires"))
	g.Expect(code).To(Equal(exitFine), "kustomize does not know the reference, so that the ConfigMap is not found: %s", out)
	g.Expect(out).To(ContainSubstring("note: "))
}

func TestValidateTellsOfPathsThatAreNone(t *testing.T) {
	g := NewWithT(t)
	code, _, errOut := validated(t, "", `identity\users.yaml`)
	g.Expect(code).To(Equal(exitFailed))
	g.Expect(errOut).To(ContainSubstring(`on this system, folders are separated by /`))
	code, _, errOut = validated(t, "")
	g.Expect(code).To(Equal(exitUsage))
	g.Expect(errOut).To(ContainSubstring("see kubectl jumpcloud validate --help"))
}
