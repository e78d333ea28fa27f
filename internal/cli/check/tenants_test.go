package check

import (
	"context"
	"fmt"
	"slices"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// Some switches show only with a key that sees several organizations.
func TestSwitchesOfKeysThatSeeSeveralOrganizations(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"multiTenantDefault", "nextEventsIgnoreOrgHeader"} {
		for _, on := range []bool{false, true} {
			t.Run(fmt.Sprint(name, on), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, fmt.Sprintf(`{%q:%t}`, name, on))
				other := w.sim.AddOrganization(jumpcloudtest.OrganizationOptions{Users: 3})
				w.sim.RevokeCredential(apiKey)
				w.sim.AddCredential(jumpcloudtest.Credential{APIKey: apiKey, Organizations: []string{other.ID(), w.org.ID()}})
				findings := w.check()
				w.Expect(findings[name].Value).To(Equal(on), findings[name].Shown)
				w.nothingElse(name, findings)
				w.Expect(slices.ContainsFunc(w.sim.MutatingRequests(), func(r jumpcloudtest.Request) bool {
					return r.Organization == other.ID()
				})).To(BeFalse(), "the other organization is not changed")
			})
		}
	}
}

func TestTheFirstOrganizationDoesNotTellWhetherTheHeaderCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `{}`)
	other := w.sim.AddOrganization(jumpcloudtest.OrganizationOptions{})
	w.sim.RevokeCredential(apiKey)
	w.sim.AddCredential(jumpcloudtest.Credential{APIKey: apiKey, Organizations: []string{w.org.ID(), other.ID()}})
	report, err := Run(context.Background(), w.options())
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(report.Findings).To(ContainElement(And(
		HaveField("Switch", "nextEventsIgnoreOrgHeader"), HaveField("Verdict", NotTried), HaveField("Shown", ContainSubstring("first that the key has access to")))))
}
