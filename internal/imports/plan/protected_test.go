package plan

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// The manager is handled separately from other fields, and must not bypass the protection.
func TestOnlyTheManagerOfAProtectedUser(t *testing.T) {
	admin := func(u *jumpcloud.User) { u.Admin = &jumpcloud.Admin{ID: "x"} }
	chas := user(chasID, "chas", "chas@example.org")
	protected := Options{Protected: []v1alpha1.UserReference{{Username: "ada.byron"}}}
	for name, c := range map[string]struct {
		opts    Options
		ada     *jumpcloud.User
		manager string
	}{
		"an administrator's, set":       {ada: user(adaID, "ada.byron", "ada@example.org", admin), manager: "chas"},
		"a protected user's, set":       {opts: protected, ada: user(adaID, "ada.byron", "ada@example.org"), manager: "chas"},
		"a protected user's, taken off": {opts: protected, ada: user(adaID, "ada.byron", "ada@example.org", func(u *jumpcloud.User) { u.Manager = new(chasID) })},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			c.opts.MatchBy = v1alpha1.MatchByUsername
			m := NewMatcher(c.opts, []*rows.Row{row(1, "username", "ada.byron", "email", "ada@example.org", "manager", c.manager)})
			m.Visit(c.ada)
			m.Visit(chas)
			d := m.Decide()[0]
			g.Expect(d.Action).To(Equal(Fail), "%+v", d)
			g.Expect(d.Reason).To(Equal(v1alpha1.ProtectedUserReason))
			g.Expect(d.Deferred).To(BeFalse())
		})
	}
}
