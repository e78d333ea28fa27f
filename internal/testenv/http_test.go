package testenv

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestFreeAddressesDiffer(t *testing.T) {
	g := NewWithT(t)
	seen := map[string]bool{}
	for range 50 {
		address, err := FreeAddress(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(seen).NotTo(HaveKey(address))
		seen[address] = true
	}
}
