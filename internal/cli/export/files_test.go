package export

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

// Half of an organization would look like a whole one: if a file cannot be written, none is
// left.
func TestAnExportIsWrittenWholeOrNotAtAll(t *testing.T) {
	g := NewWithT(t)
	parent := t.TempDir()
	dir := filepath.Join(parent, "acme")
	made := &Export{Files: map[string][]byte{"acme.yaml": nil, "users": nil, "users/ada.yaml": nil}}
	g.Expect(made.Write(dir)).To(MatchError(ContainSubstring("nothing was exported")))
	g.Expect(os.ReadDir(parent)).To(BeEmpty())

	delete(made.Files, "users")
	g.Expect(made.Write(dir)).To(Succeed())
	g.Expect(filepath.Join(dir, "users", "ada.yaml")).To(BeAnExistingFile())
}
