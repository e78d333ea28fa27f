package validation

import (
	"slices"
	"strings"
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
	g.Expect(report.Problems[0].String()).To(Equal("identity.yaml:9:21: BulkUserImport identity/hires: spec.users[0].email: must be an email address such as ada@example.org"))
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

// What is unknown or does not conflict is no problem: a User that only plans, an encrypted
// key, other names and other times.
func TestWhatDoesNotMeetIsNoProblem(t *testing.T) {
	for title, content := range map[string]string{
		"a User in mode Plan": object("User", "ada", "  username: ada\n  email: ada@example.org\n  mode: Plan\n") + "---\n" +
			hires("users.csv", "username,email\nada,ada@example.org"),
		"another person": object("User", "ada", "  username: ada\n  email: ada@example.org\n") + "---\n" +
			hires("users.csv", "username,email\nbob,bob@example.org"),
		"a User of another organization": strings.Replace(object("User", "ada", "  username: ada\n  email: ada@example.org\n"), "{name: acme}", "{name: emca}", 1) + "---\n" +
			hires("users.csv", "username,email\nada,ada@example.org"),
		"another time": object("ScheduledUserState", "a", far+"  users: [{username: ada}]\n") + "---\n" +
			object("ScheduledUserState", "b", strings.Replace(far, "2035", "2036", 1)+"  users: [{username: ada}]\n"),
		"a schedule in mode Plan": object("ScheduledUserState", "a", far+"  users: [{username: ada}]\n  mode: Plan\n") + "---\n" +
			object("ScheduledUserState", "b", far+"  users: [{username: ada}]\n"),
		"a key":              acme("") + "---\n" + apiKey("0123456789abcdef"),
		"an encrypted key":   acme("") + "---\n" + apiKey("ENC[AES256_GCM,data:c2VjcmV0,iv:aXY=,tag:dGFn,type:str]"),
		"a Secret elsewhere": acme(""),
	} {
		t.Run(title, func(t *testing.T) {
			g := NewWithT(t)
			report := validate(t, content)
			g.Expect(report.Problems).To(BeEmpty())
			encrypted := slices.ContainsFunc(report.Notes, func(note manifest.Problem) bool {
				return strings.Contains(note.Message, "What it holds was not looked at")
			})
			g.Expect(encrypted).To(Equal(title == "an encrypted key"))
		})
	}
}
