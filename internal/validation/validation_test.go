package validation

import (
	"fmt"
	"os"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/manifest"
)

// object is a manifest of a kind with a spec.
func object(kind, name, spec string) string {
	return fmt.Sprintf("apiVersion: jumpcloud-operator.io/v1alpha1\nkind: %s\nmetadata:\n  name: %s\n  namespace: identity\nspec:\n"+
		"  organizationRef: {name: acme}\n%s", kind, name, spec)
}

// configMap is a manifest with one key.
func configMap(name, key, content string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: identity}\ndata:\n  %s: |-\n    %s\n",
		name, key, strings.ReplaceAll(content, "\n", "\n    "))
}

// hires are an import and the file that it reads.
func hires(key, content string) string {
	return object("BulkUserImport", "hires", "  usersFrom:\n  - configMapKeyRef: {name: hires, key: "+key+"}\n") +
		"---\n" + configMap("hires", key, content)
}

func leavers(dates string) string {
	return object("ScheduledUserState", "leavers", "  state: Suspended\n  users: [{username: ada}]\n"+dates)
}

func workday(spec string) string {
	return object("WorkdayImport", "starters", "  workdayInstanceRef: {name: workday}\n"+spec)
}

// badInput are rows of docs/bad-input.md that need no JumpCloud.
var badInput = map[string]string{
	"A column that no user has":             hires("users.csv", "username,emial\nada,ada@example.org"),
	"No header":                             hires("users.csv", "ada,ada@example.org\nbob,bob@example.org"),
	"A header and no rows":                  hires("users.csv", "username,email"),
	"Semicolons beside commas":              hires("users.csv", "username;email,firstname\nada;ada@example.org,Ada"),
	"A number that a spreadsheet shortened": hires("users.csv", "username,email,employeeIdentifier\nada,ada@example.org,1.23E+11"),
	"A user who is her own manager":         hires("users.csv", "username,email,manager\nada,ada@example.org,ada"),
	"A formula where an email belongs":      hires("users.csv", "username,email\nada,=1+1@example.org"),
	"The same username twice":               hires("users.csv", "username,email\nada,ada@example.org\nbob,bob@example.org\nADA,ada2@example.org"),
	"A row without its key":                 hires("users.csv", "username,email\n,ada@example.org"),
	"A comma in a cell, not quoted":         hires("users.csv", "username,email,jobTitle\nada,ada@example.org,Countess, retired"),
	"A quote that is not closed":            hires("users.csv", "username,email,jobTitle\nada,ada@example.org,\"Countess"),
	"A custom attribute with a space":       hires("users.csv", "username,email,attributes.Employee ID\nada,ada@example.org,42"),
	"A username that is too long":           hires("users.csv", "username,email\n"+strings.Repeat("a", 5000)+",ada@example.org"),
	"An email that is none":                 hires("users.csv", "username,email\nada,ada at example.org"),
	"A state that JumpCloud does not have":  hires("users.csv", "username,email,state\nada,ada@example.org,Retired"),
	"Passwords in a ConfigMap":              hires("users.csv", "username,email,password\nada,ada@example.org,Correct-Horse-9"),
	"A group to join":                       hires("users.csv", "username,email,Group1\nada,ada@example.org,Engineers"),
	"JSON that is cut off":                  hires("users.json", `[{"username": "ada", "email": "ada@exam`),
	"A number where text belongs":           hires("users.yaml", "- username: ada\n  email: ada@example.org\n  employeeIdentifier: 0042"),
	"An octal number":                       hires("users.yaml", "- {username: ada, email: ada@example.org, unixUid: 0100}"),
	"An alias in YAML":                      hires("users.yaml", "- &ada {username: ada, email: ada@example.org}\n- *ada"),
	"A key whose format is not known":       hires("users", "username,email\nada,ada@example.org"),
	"501 rows in the spec":                  object("BulkUserImport", "hires", "  users:\n"+strings.Repeat("  - {username: ada}\n", 501)),
	"A default with a bad attribute name": object("BulkUserImport", "hires",
		"  defaults: {attributes: [{name: Employee ID, value: none}]}\n  users: [{username: ada, email: ada@example.org}]\n"),

	"A file of members whose header names nobody": object("UserGroup", "engineers",
		"  membersFrom:\n  - configMapKeyRef: {name: engineers, key: users.csv}\n") + "---\n" +
		configMap("engineers", "users.csv", "name,team\nAda,Engines"),
	"A query for a static group": object("UserGroup", "engineers", "  memberQuery: {filters: [{field: department, operator: eq, value: R}]}\n"),

	"A local time without a time zone":    leavers("  startDate: \"2035-12-31T18:00:00\"\n"),
	"A local time that clocks skip":       leavers("  startDate: \"2031-03-30T02:30:00\"\n  timeZone: Europe/Berlin\n"),
	"A local time that clocks show twice": leavers("  startDate: \"2031-10-26T02:30:00\"\n  timeZone: Europe/Berlin\n"),
	"A time zone that does not exist":     leavers("  startDate: \"2035-12-31T18:00:00\"\n  timeZone: CET+1\n"),
	"A day that does not exist":           leavers("  startDate: \"2035-02-30T18:00:00Z\"\n"),
	"An end before the start":             leavers("  startDate: \"2035-12-31T18:00:00Z\"\n  endDate: \"2035-12-30T18:00:00Z\"\n"),

	"Two kinds of names for one device": object("PushEndpoint", "phone",
		"  user: {username: ada}\n  endpoint: {id: 65f1c0ffee65f1c0ffee8009, name: Phone}\n"),

	"A filter that does not compile":    workday("  filter: worker.emial == ''\n"),
	"A mapping to an unknown attribute": workday("  mapping: [{attribute: departments, from: worker.email}]\n"),
	"A schedule with seconds":           workday("  schedule: 0 0 6 * * 1-5\n"),
}

// documented are the messages of docs/bad-input.md, by the first column.
func documented(t *testing.T) map[string]string {
	t.Helper()
	content, err := os.ReadFile("../../docs/bad-input.md")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	messages := map[string]string{}
	for line := range strings.Lines(string(content)) {
		if cells := strings.Split(line, " | "); len(cells) == 4 {
			messages[strings.TrimPrefix(cells[0], "| ")] = cells[2]
		}
	}
	return messages
}

// same reports whether a problem says what the condition would: that has more around
// it, of what was not sent and how many rows there are.
func same(condition, problem string) bool {
	return strings.Contains(condition, strings.TrimSuffix(problem, "."))
}

func validate(t *testing.T, content string) *Report {
	t.Helper()
	g := NewWithT(t)
	objects, broken := manifest.Parse("identity.yaml", []byte(content))
	g.Expect(broken).To(BeEmpty())
	report, err := Validate(t.Context(), objects, "identity")
	g.Expect(err).NotTo(HaveOccurred())
	return report
}

func TestBadInput(t *testing.T) {
	messages := documented(t)
	for title, content := range badInput {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)
			g.Expect(messages).To(HaveKey(title))
			report := validate(t, content)
			g.Expect(report.Problems).NotTo(BeEmpty())
			first := report.Problems[0]
			g.Expect(first.Line).To(BeNumerically(">", 0))
			told := first.Message
			if first.Field != "" {
				told = first.Field + ": " + told
			}
			// The API server puts the kind of the error, and the value, before the message.
			if !same(messages[title], told) {
				g.Expect(told).To(ContainSubstring(messages[title]))
			}
		})
	}
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
	g.Expect(report.Problems[0].String()).To(Equal("identity.yaml:9: BulkUserImport identity/hires: spec.users[0].email: must be an email address such as ada@example.org"))
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
		HavePrefix("identity.yaml:2: UserGruop identity/a: kind: there is no kind UserGruop in jumpcloud-operator.io/v1alpha1: the kinds of"),
		HavePrefix("identity.yaml:16: UserGroup identity/b: spec.title: Forbidden: unknown field"),
		HavePrefix("identity.yaml:29: UserGroup identity/c: metadata.name: is declared twice, the first time in identity.yaml:18"),
	))
}
