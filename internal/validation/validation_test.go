package validation

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/manifest"
)

func validate(t *testing.T, content string) *Report {
	t.Helper()
	g := NewWithT(t)
	objects, broken := manifest.Parse("identity.yaml", []byte(content))
	g.Expect(broken).To(BeEmpty())
	report, err := Validate(t.Context(), objects, "identity")
	g.Expect(err).NotTo(HaveOccurred())
	return report
}

func TestProblemsOfRowsNameTheLineOfTheManifest(t *testing.T) {
	g := NewWithT(t)
	report := validate(t, hires("users.csv", "username,email\nada,ada at example.org"))
	g.Expect(report.Problems).To(HaveLen(1))
	g.Expect(report.Problems[0].String()).To(Equal("identity.yaml:17: BulkUserImport identity/hires: " +
		"ConfigMap hires, key users.csv, line 2: email: must be an email address such as ada@example.org"))
}

func TestWhatIsMissingIsNotedAndTheRestIsLookedAt(t *testing.T) {
	g := NewWithT(t)
	report := validate(t, object("BulkUserImport", "hires", `  users:
  - {username: ada, email: ada at example.org, passwordSecretRef: {name: initial, key: ada}}
  usersFrom:
  - configMapKeyRef: {name: none, key: users.csv}
`))
	g.Expect(report.Problems).To(HaveLen(1))
	g.Expect(report.Problems[0].String()).To(Equal("identity.yaml:9:19: BulkUserImport identity/hires: spec.users[0].email: must be an email address such as ada@example.org"))
	g.Expect(report.Notes).To(HaveLen(3), "the Organization, the ConfigMap and the Secret")
}

func TestWhatTheAPIServerWouldNotKnow(t *testing.T) {
	g := NewWithT(t)
	report := validate(t, object("UserGruop", "a", "")+"---\n"+object("UserGroup", "b", "  title: b\n")+"---\n"+
		object("UserGroup", "c", "")+"---\n"+object("UserGroup", "c", ""))
	var told []string
	for _, problem := range report.Problems {
		told = append(told, problem.String())
	}
	g.Expect(told).To(HaveExactElements(
		HavePrefix("identity.yaml:2:1: UserGruop identity/a: kind: there is no kind UserGruop in jumpcloud-operator.io/v1alpha1: the kinds of"),
		HavePrefix("identity.yaml:16:3: UserGroup identity/b: spec.title: Forbidden: unknown field"),
		HavePrefix("identity.yaml:29:3: UserGroup identity/c: metadata.name: is declared twice, the first time in identity.yaml:18:1"),
	))
}
