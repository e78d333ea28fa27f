package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

// exported runs the command and returns its output and the files.
func exported(t *testing.T, url string, args ...string) (code int, out string, files map[string]string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	var o, e bytes.Buffer
	line := append([]string{pluginName, "export", "-o", dir, "-n", "identity", "--api-key-file", "-", "--endpoint", url, "--requests-per-second", "1000"}, args...)
	code = Main(t.Context(), line, genericiooptions.IOStreams{In: strings.NewReader("key\n"), Out: &o, ErrOut: &e})
	files = map[string]string{}
	if code == exitFine {
		files = testenv.Files(t, dir)
	}
	return code, strings.ReplaceAll(o.String()+e.String(), dir, "DIR"), files
}

// company is an organization of 1,000 users with everything that can be exported.
func company(t *testing.T) (sim *jumpcloudtest.Server, url string) {
	t.Helper()
	sim = jumpcloudtest.New()
	org := sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "key", Users: 995})
	org.AddUser(jumpcloudtest.User{"username": "Ada.Byron", "email": "ada@example.org", "password": "hunter2", "sudo": true})
	org.AddUser(jumpcloudtest.User{"username": "ada_byron", "email": "ada2@example.org", "account_locked": true})
	org.AddUser(jumpcloudtest.User{"username": "0old", "email": "old@example.org"})
	// Values that people type, and that no manifest can state unchanged.
	org.AddUser(jumpcloudtest.User{
		"username": "spacious", "email": "spacious@example.org", "firstname": " Ada", "department": "Engines ", "jobTitle": " ", "company": "Engines, Inc.",
		"attributes": []any{map[string]any{"name": "desk", "value": "7 "}, map[string]any{"name": "badge", "value": "0042"}},
	})
	org.AddUser(jumpcloudtest.User{
		"username": "split", "email": "split@example.org", "external_password_expiration_date": "2027-01-31T09:00:00.123Z", "description": "a\r\nb",
	})
	for i := range 50 {
		g := jumpcloudtest.UserGroup{"name": fmt.Sprintf("Group %d", i), "attributes": map[string]any{
			"sudo": map[string]any{"enabled": true, "withoutPassword": false}, "posixGroups": []any{map[string]any{"id": 1000 + i, "name": fmt.Sprintf("g%d", i)}},
		}}
		if i%5 == 0 {
			g["membershipMethod"] = "DYNAMIC_AUTOMATED"
			g["memberQuery"] = map[string]any{"queryType": "FilterQuery", "filters": []any{map[string]any{"field": "department", "operator": "eq", "value": "Department 1"}}}
		}
		org.AddUserGroup(g, "user000001", "Ada.Byron")
	}
	for i := range 20 {
		org.AddScheduledState(jumpcloudtest.NewScheduledState{Users: []string{"user000002"}, State: "SUSPENDED", Date: time.Date(2090, 1, 1+i, 9, 0, 0, 0, time.UTC)})
	}
	org.AddPushEndpoint("Ada.Byron", jumpcloudtest.PushEndpoint{"name": "Ada's phone"})
	org.AddWorkday("Workday Import", "https://Reports.example.com/report", "isu", "hunter2")
	url = sim.Start(t)
	return sim, url
}

func TestExportReadsOnlyAndGivesTheSameBytes(t *testing.T) {
	g := NewWithT(t)
	sim, url := company(t)
	code, out, files := exported(t, url)
	g.Expect(code).To(Equal(exitFine), out)
	g.Expect(strings.Fields(out)).To(ContainElements("1000", "User,", "50", "UserGroup,", "20", "ScheduledUserState,"))
	g.Expect(files).To(HaveLen(1 + 1000 + 50 + 20 + 1 + 1 + 1))
	g.Expect(files["users/ada.byron.yaml"]).To(And(ContainSubstring("username: Ada.Byron"), ContainSubstring("sudo: true")))
	g.Expect(files["users/ada-byron.yaml"]).To(And(ContainSubstring("username: ada_byron"), Not(ContainSubstring("accountLocked"))))
	g.Expect(files["users/0old.yaml"]).To(ContainSubstring("adoptionPolicy: MustExist"))
	g.Expect(files["groups/group-1.yaml"]).To(And(ContainSubstring("name: Group 1\n"), ContainSubstring("- username: Ada.Byron"), ContainSubstring("id: 1001")))
	g.Expect(files["groups/group-0.yaml"]).To(And(ContainSubstring("DynamicAutomated"), Not(ContainSubstring("members:"))))
	g.Expect(files["workday.yaml"]).NotTo(ContainSubstring("credentialsSecretRef"))
	g.Expect(files["acme.yaml"]).To(MatchRegexp(`(?m)^  - reports\.example\.com$`), "the host of the report is admitted")
	g.Expect(out).To(ContainSubstring("the account is currently locked"))
	for _, omitted := range []string{
		`all users +passwords, MFA and recovery emails, and what users are bound to: devices, applications`, `all groups +what groups are bound to: devices`,
		"user spacious +department: a manifest cannot state", "user spacious +jobTitle: ", "user spacious +firstname: ", `user spacious +attributes\.desk: `,
		"user split +externalPasswordExpirationDate: ",
	} {
		g.Expect(out).To(MatchRegexp("(?m)^" + omitted))
	}
	g.Expect(files["users/spacious.yaml"]).To(And(ContainSubstring("company: Engines, Inc."), ContainSubstring(`value: "0042"`),
		Not(ContainSubstring("desk")), Not(ContainSubstring("department")), Not(ContainSubstring("firstname"))))
	for line := range strings.Lines(out) {
		g.Expect(len(strings.TrimSpace(line))).To(BeNumerically("<=", maxWidth), line)
	}
	for name, content := range files {
		g.Expect(content).NotTo(ContainSubstring("hunter2"), name)
	}
	g.Expect(sim.MutatingRequests()).To(BeEmpty())
	_, again, same := exported(t, url)
	g.Expect(same).To(Equal(files))
	g.Expect(again).To(Equal(out))
}

func TestExportWritesUsersAsRows(t *testing.T) {
	g := NewWithT(t)
	_, url := company(t)
	code, out, files := exported(t, url, "--users-as", "CSV", "--kinds", "User")
	g.Expect(code).To(Equal(exitFine), out)
	g.Expect(files).To(And(HaveLen(4), HaveKey("users.yaml"), HaveKey("files/users.csv")))
	g.Expect(strings.Count(files["files/users.csv"], "\n")).To(Equal(1000), "a header, and all but the one whom no row may name")
	g.Expect(out).To(ContainSubstring("user 0old"))
}

// Validation accepts what was exported, including the Organization's hosts.
func TestWhatIsExportedIsValid(t *testing.T) {
	g := NewWithT(t)
	_, url := company(t)
	dir := filepath.Join(t.TempDir(), "acme")
	var o, e bytes.Buffer
	streams := genericiooptions.IOStreams{In: strings.NewReader("key\n"), Out: &o, ErrOut: &e}
	g.Expect(Main(t.Context(), []string{pluginName, "export", "-o", dir, "--api-key-file", "-", "--endpoint", url, "--requests-per-second", "1000"}, streams)).
		To(Equal(exitFine), e.String())
	o.Reset()
	g.Expect(Main(t.Context(), []string{pluginName, "validate", dir}, streams)).To(Equal(exitFine), o.String())
	g.Expect(o.String()).To(HaveSuffix("1073 objects, 0 problems, 0 notes.\n"))
}

func TestExportThatFailsLeavesNothing(t *testing.T) {
	g := NewWithT(t)
	_, url := company(t)
	for name, args := range map[string][]string{
		"kind": {"--kinds", "Nonsense"}, "users": {"--users-as", "XML"}, "region": {"--region", "MOON"}, "rate": {"--requests-per-second", "0"},
	} {
		code, out, _ := exported(t, url, args...)
		g.Expect(code).To(Equal(exitUsage), "%s: %s", name, out)
	}
	full := t.TempDir()
	g.Expect(os.WriteFile(filepath.Join(full, "mine"), nil, 0o600)).To(Succeed())
	code, out, _ := exported(t, url, "-o", full)
	g.Expect(code).To(Equal(exitFailed))
	g.Expect(out).To(ContainSubstring("is not empty"))
	for content, says := range map[string]string{
		"wrong-secret": "does not accept the API key", "": "is empty", "wrong-secret\nanother": "more than one line",
		"\xff\xfek\x00e\x00y\x00\r\x00\n\x00": "save it as UTF-8",
	} {
		code, out, _ = exported(t, url, "--api-key-file", keyFile(t, content))
		g.Expect(code).To(Equal(exitFailed))
		g.Expect(out).To(And(ContainSubstring(says), ContainSubstring("--api-key-file"), Not(ContainSubstring("wrong-secret"))))
	}
}

// Windows editors write a byte order mark.
func TestAKeyFileWithAMark(t *testing.T) {
	g := NewWithT(t)
	_, _, url := shop(t)
	code, out, _ := exported(t, url, "--kinds", "UserGroup", "--api-key-file", keyFile(t, "\xef\xbb\xbfkey\r"))
	g.Expect(code).To(Equal(exitFine), out)
}
