package validation

import (
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// object returns a manifest of a kind with a spec.
func object(kind, name, spec string) string {
	return fmt.Sprintf("apiVersion: jumpcloud-operator.io/v1alpha1\nkind: %s\nmetadata:\n  name: %s\n  namespace: identity\nspec:\n"+
		"  organizationRef: {name: acme}\n%s", kind, name, spec)
}

// configMap returns a manifest with one key.
func configMap(name, key, content string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: identity}\ndata:\n  %s: |-\n    %s\n",
		name, key, strings.ReplaceAll(content, "\n", "\n    "))
}

// hires returns an import and the file that it reads.
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

// acme returns the Organization that objects refer to.
func acme(spec string) string {
	return "apiVersion: jumpcloud-operator.io/v1alpha1\nkind: Organization\nmetadata: {name: acme, namespace: identity}\n" +
		"spec:\n  credentials: {apiKeySecretRef: {name: jumpcloud}}\n" + spec
}

// abroad returns an object in another namespace than its Organization's, and that
// Organization.
func abroad(kind, spec, granted string) string {
	there := strings.NewReplacer("namespace: identity", "namespace: people", "{name: acme}", "{name: acme, namespace: identity}")
	return there.Replace(object(kind, "engineers", spec)) + "---\n" + acme(granted)
}

// apiKey returns the Secret that acme reads.
func apiKey(value string) string {
	return "apiVersion: v1\nkind: Secret\nmetadata: {name: jumpcloud, namespace: identity}\nstringData: {api-key: \"" + value + "\"}\n"
}

// far are the fields of a suspension in the future.
const far = "  state: Suspended\n  startDate: \"2035-12-31T18:00:00Z\"\n"

// team returns an import of a file whose column Team states an attribute.
func team(file, attribute string) string {
	return object("BulkUserImport", "hires", "  usersFrom:\n  - configMapKeyRef: {name: hires, key: users.csv}\n    columns: {Team: "+attribute+"}\n") +
		"---\n" + configMap("hires", "users.csv", file)
}

// filtered returns an import of some of the rows of a file.
func filtered(filter string) string {
	return object("BulkUserImport", "hires", "  filter: '"+filter+"'\n  usersFrom:\n  - configMapKeyRef: {name: hires, key: users.csv}\n") +
		"---\n" + configMap("hires", "users.csv", "username,email\nada,ada@example.org")
}

// badInput are the rows of docs/bad-input.md that manifests can show.
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

	"A file of members whose header names no user": object("UserGroup", "engineers",
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

	"A header that people wrote":                   hires("users.csv", "username,E-mail\nada,ada@example.org"),
	"A column that names no attribute":             team("username,email,Team\nada,ada@example.org,Engines", "departmant"),
	"A column that the file has no more":           team("username,email\nada,ada@example.org", "department"),
	"A filter that leaves out every row":           filtered(`row["username"] == "bob"`),
	"A filter of rows that does not compile":       filtered(`rows.username == "ada"`),
	"A row without a column that the filter names": filtered(`row.Status == "Active"`),
	"An empty file":                                hires("users.csv", ""),
	"A file that is not UTF-8": object("BulkUserImport", "hires", "  usersFrom:\n  - configMapKeyRef: {name: hires, key: users.csv}\n") +
		"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: hires, namespace: identity}\nbinaryData:\n  users.csv: " +
		base64.StdEncoding.EncodeToString([]byte("username,email,firstname\njoerg,joerg@example.org,J\xf6rg\n")) + "\n",
	"Too many rows": hires("users.json", "[{}"+strings.Repeat(",{}", 100_000)+"]"),
	"A key that does not exist": object("BulkUserImport", "hires", "  usersFrom:\n  - configMapKeyRef: {name: hires, key: hires.csv}\n") +
		"---\n" + configMap("hires", "users.csv", "username,email\nada,ada@example.org"),

	"An Organization of another namespace": abroad("BulkUserImport", "  users: [{username: ada, email: ada@example.org}]\n", ""),
	"A group with sudo, from another namespace": abroad("UserGroup",
		"  name: engineers\n  attributes: {sudo: {enabled: true, withoutPassword: true}}\n", "  allowedNamespaces: {from: All}\n"),
	"A group whose name is not granted":         abroad("UserGroup", "  name: engineers\n", "  allowedNamespaces: {from: All, groups: [people-*]}\n"),
	"A protected group, from another namespace": abroad("UserGroup", "  name: engineers\n", "  protectedGroups: [eng*]\n  allowedNamespaces: {from: All}\n"),
	"A kind that is not granted":                abroad("UserGroup", "  name: engineers\n", "  allowedNamespaces: {from: All, kinds: [BulkUserImport]}\n"),
	"A device, from another namespace":          abroad("PushEndpoint", "  user: {username: ada}\n  endpoint: {name: Phone}\n", "  allowedNamespaces: {from: All}\n"),
	"A connection to Workday, from another namespace": abroad("WorkdayInstance",
		"  reportURL: https://wd.workday.com/report\n", "  allowedNamespaces: {from: All}\n"),

	"A User with an email that is none": object("User", "ada", "  username: ada.byron\n  email: nobody\n"),
	"Two Users for one person": object("User", "countess", "  username: user000001\n  email: user000001@example.org\n") + "---\n" +
		object("User", "ada", "  username: user000001\n  email: user000001@example.org\n"),
	"A second object for the same group": object("UserGroup", "builders", "  name: engineers\n") + "---\n" + object("UserGroup", "engineers", ""),
	"A second object for the same device": object("PushEndpoint", "device", "  user: {username: user000001}\n  endpoint: {name: Phone}\n") + "---\n" +
		object("PushEndpoint", "phone", "  user: {username: user000001}\n  endpoint: {name: Phone}\n"),
	"A second object for the same suspension": object("ScheduledUserState", "contracts", far+"  users: [{username: user000001}, {username: user000002}]\n") + "---\n" +
		object("ScheduledUserState", "leavers", far+"  users: [{username: user000002}, {username: user000003}]\n"),
	"A User and a row of an import about one person": object("User", "ada", "  username: user000001\n  email: user000001@example.org\n") + "---\n" +
		hires("users.csv", "username,email,department\nUser000001,user000001@example.org,Looms"),
	"An invalid row among valid ones, with onInvalidRow: Skip": object("BulkUserImport", "hires",
		"  onInvalidRow: Skip\n  usersFrom:\n  - configMapKeyRef: {name: hires, key: users.csv}\n") + "---\n" +
		configMap("hires", "users.csv", "username,email\nada,ada@example.org\nbob,bob at example.org"),
	"A Secret without the key":  strings.Replace(acme(""), "{name: jumpcloud}", "{name: jumpcloud, key: token}", 1) + "---\n" + apiKey("0123456789abcdef"),
	"An API key that is no key": acme("") + "---\n" + apiKey(`first line\nsecond line`),
	"A second object for the connection to Workday": object("WorkdayInstance", "workday", "  reportURL: https://wd.workday.com/report\n") + "---\n" +
		object("WorkdayInstance", "another", "  reportURL: https://wd.workday.com/report\n"),

	"A report at a host that the Organization does not admit": object("WorkdayInstance", "workday", "  reportURL: https://wd.example.com/report\n") +
		"---\n" + acme(""),
	"A report without TLS": object("WorkdayInstance", "workday", "  reportURL: http://wd.workday.com/report\n"),
	"A mapping of a list":  workday("  mapping: [{attribute: department, from: 'worker.email.split(\"@\")'}]\n"),
	"An expression that may take too long": workday("  mapping: [{attribute: description, from: " +
		`'[[worker.email].map(x, x.replace("a", x))[0]].map(x, x.replace("a", x))[0]'` + "}]\n"),
}

// elsewhere are the rows of docs/bad-input.md that manifests cannot show: they depend on
// JumpCloud, on Workday, on the cluster or on earlier events.
var elsewhere = []string{
	"A ConfigMap that does not exist",
	"The Secret of a password does not exist",
	"An API key that expires while it is used",
	"An API key that may only read",
	"An API key for changes that is wrong",
	"An Organization that does not exist",
	"An API key that is wrong",
	"An API key of another organization",
	"An API key of several organizations",
	"A service account with a wrong secret",
	"An address where nobody answers",
	"An address that JumpCloud blocks",
	"Credentials for changes that are wrong",
	"Credentials for reads that are wrong",
	"Credentials for changes that are missing",
	"Credentials for reads and for changes of two organizations",
	"No Secret with the credentials",
	"A spec.endpoint that the operator does not admit",
	"An approval of another plan",
	"30 suspensions in one file",
	"An Organization in mode Plan",
	"An Organization that only observes",
	"A ConfigMap of somebody else where the results would be",
	"A username that differs only by case",
	"An email that another user has",
	"A suspended user who would be activated",
	"An administrator who would be changed",
	"Operation Update of a user who does not exist",
	"A manager who does not exist",
	"Sudo from another namespace than the Organization's",
	"A user who is deleted between plan and job",
	"A row that JumpCloud does not like",
	"A row that JumpCloud does not like, and does not say why",
	"A user that JumpCloud reports as created, and who is not there",
	"An HTML page where the user list should be",
	"A user list that is cut off",
	"429 to every read",
	"An HTML page as the answer to a job",
	"An answer to a job that is cut off",
	"A job that JumpCloud refuses",
	"A job whose results never end",
	"The source changes while a job is open",
	"The source is deleted while a job is open",
	"The source becomes invalid while a job is open",
	"The API key is revoked while a job is open",
	"The Organization is deleted while a job is open",
	"The import is deleted while a job is open",
	"A ConfigMap of members that does not exist",
	"A file of members that became empty",
	"A member who is not in the directory",
	"A group that exists, with adoptionPolicy: Never",
	"A group that does not exist, with adoptionPolicy: MustExist",
	"Two groups of the same name",
	"A group that exists, from another namespace",
	"A name that another group has",
	"An adopted group that would lose members",
	"More removals than the guard allows",
	"Other POSIX groups than the group has",
	"A query that JumpCloud cannot evaluate",
	"A group that JumpCloud refuses",
	"A date that has passed",
	"A user to be suspended who is not in the directory",
	"An administrator who would be suspended",
	"30 suspensions at a time",
	"A schedule that JumpCloud refuses",
	"A schedule whose answer is lost",
	"A device that is not there",
	"A device by an id that nothing has",
	"Two devices of the same name",
	"A device of a user who is not in the directory",
	"A device of an administrator",
	"No Secret with the credentials for Workday",
	"No credentials for an instance that does not exist",
	"Credentials that Workday does not take",
	"An import while the credentials do not work",
	"An import of an instance that does not exist",
	"A worker without a member that the filter names",
	"A worker whom the report lists twice",
	"A manager who does not exist, with onUnknownManager: Invalid",
	"A User whose username differs only by case",
	"A User with the email of another user",
	"A User with the employee identifier of another user",
	"A User who is an administrator",
	"A User whom somebody suspended",
	"A deletion of a manager",
	"More Users deleted that say Suspend than the guard allows",
}

// documented returns the messages of docs/bad-input.md, by the first column.
func documented(t *testing.T) map[string]string {
	t.Helper()
	content, err := os.ReadFile("../../docs/bad-input.md")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	messages := map[string]string{}
	for line := range strings.Lines(string(content)) {
		if cells := strings.Split(line, " | "); len(cells) == 4 && cells[0] != "| Bad input" {
			messages[strings.TrimPrefix(cells[0], "| ")] = cells[2]
		}
	}
	return messages
}

// same reports whether a problem says what the condition would. The condition also says what
// was not sent, and how many rows there are.
func same(condition, problem string) bool {
	return strings.Contains(condition, strings.TrimSuffix(problem, "."))
}

// Each row of docs/bad-input.md is tested here, or listed in elsewhere.
func TestBadInputIsWhole(t *testing.T) {
	NewWithT(t).Expect(slices.Collect(maps.Keys(documented(t)))).To(ConsistOf(append(slices.Collect(maps.Keys(badInput)), elsewhere...)))
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
			// The API server puts the kind of the error and the value before the message.
			if !same(messages[title], told) {
				g.Expect(told).To(ContainSubstring(messages[title]))
			}
		})
	}
}
