package cli

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// An import of the file of results must not make users of leavers.
func TestResultsOfLeaversAreNoRows(t *testing.T) {
	g := NewWithT(t)
	var b strings.Builder
	g.Expect(writeImport(&b, []resultRow{
		{Row: 1, Username: "ada.byron", Email: "ada@example.org", Action: "Unchanged"},
		{Row: 2, Username: "chas", Email: "chas@example.org", Action: "Leave"},
		{Row: 3, Username: "mary", Email: "mary@example.org", Action: "SuspendLeaver"},
	})).To(Succeed())
	g.Expect(b.String()).To(Equal("username,email\nada.byron,ada@example.org\n"))
}
