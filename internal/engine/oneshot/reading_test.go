package oneshot

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// A list that cannot be read looks empty, which proves nothing about an attribute that was
// cleared.
func TestWhatCannotBeReadIsNoProof(t *testing.T) {
	const id, desk = "65f1c0ffee65f1c0ffee0001", "attributes.desk"
	for name, c := range map[string]struct {
		unread jumpcloud.Unread
		proved bool
	}{
		"the list is read":        {proved: true},
		"another member is not":   {unread: jumpcloud.Unread{"addresses"}, proved: true},
		"the list cannot be read": {unread: jumpcloud.Unread{"attributes"}},
	} {
		t.Run(name, func(t *testing.T) {
			cleared := ledger.FieldDigest{Path: desk, Digest: ledger.Digest("salt", desk, "")}
			p := newProof([]*ledger.Entry{{Row: 1, UserID: id, Digests: []ledger.FieldDigest{cleared}}}, "salt")
			p.visit(&jumpcloud.User{ID: id, Unread: c.unread})
			_, proved := p.seen[1]
			NewWithT(t).Expect(proved).To(Equal(c.proved))
		})
	}
}
