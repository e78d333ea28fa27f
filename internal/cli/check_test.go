package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	. "github.com/onsi/gomega"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// aCheck returns the command for an organization with that behavior, without waiting.
func aCheck(t *testing.T, behavior string, out, errs io.Writer) (c *checking, org *jumpcloudtest.Organization) {
	t.Helper()
	var b jumpcloudtest.Behavior
	NewWithT(t).Expect(json.Unmarshal([]byte(behavior), &b)).To(Succeed())
	clock := jumpcloudtest.NewFrozenClock(time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC))
	sim := jumpcloudtest.New(jumpcloudtest.WithClock(clock), jumpcloudtest.WithBehavior(b))
	org = sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "the-key", Users: 5})
	return &checking{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader("the-key\n"), Out: out, ErrOut: errs},
		remote:    remote{keyFile: "-", region: "US", endpoint: sim.Start(t), requestsPerSecond: 1000},
		behavior:  filepath.Join(t.TempDir(), "behavior.json"), emailDomain: "example.com", patience: time.Minute, isTest: true, now: clock.Now,
		sleep: func(ctx context.Context, d time.Duration) error {
			clock.Advance(d)
			return ctx.Err()
		},
	}, org
}

// checked runs the command and returns its output and the file that it writes.
func checked(t *testing.T, behavior string) (out, errs, file string) {
	t.Helper()
	g := NewWithT(t)
	var o, e bytes.Buffer
	c, org := aCheck(t, behavior, &o, &e)
	g.Expect(c.run(t.Context())).To(Succeed(), e.String())
	g.Expect(org.CountUsers()).To(Equal(5))
	g.Expect(o.String() + e.String()).NotTo(ContainSubstring("the-key"))
	return o.String(), e.String(), c.behavior
}

// A report that cannot be written is not a success. Even so, everything that was created is
// removed, and the file contains the findings.
func TestACheckWhoseReportCannotBeWritten(t *testing.T) {
	g := NewWithT(t)
	reader, closed := io.Pipe()
	g.Expect(reader.Close()).To(Succeed())
	for _, format := range []string{"", "json"} {
		c, org := aCheck(t, "{}", closed, io.Discard)
		c.format = output{format: format, formats: []string{"json"}}
		g.Expect(c.run(t.Context())).To(MatchError(io.ErrClosedPipe))
		g.Expect(org.CountUsers()).To(Equal(5))
		g.Expect(c.behavior).To(BeAnExistingFile())
	}
}

func TestCheckPrintsATableAndWritesABehaviorThatTheSimulatorTakes(t *testing.T) {
	g := NewWithT(t)
	out, errs, file := checked(t, `{"duplicateGroupStatus":400,"failedWord":"error","resultLag":"5s","telling":"meta"}`)
	for line := range strings.Lines(out + errs) {
		g.Expect(utf8.RuneCountInString(strings.TrimRight(line, "\n"))).To(BeNumerically("<=", maxWidth), line)
	}
	g.Expect(out).To(MatchRegexp(`duplicateGroupStatus +400 +refuted +a second group of the same name: POST /v2/usergroups: 400 Bad`))
	g.Expect(out).To(MatchRegexp(`duplicateMemberStatus +409 +confirmed `))
	g.Expect(out).To(MatchRegexp(`globalEmails +not tried `))
	g.Expect(out).To(ContainSubstring("for simulator --behavior"))
	g.Expect(errs).To(ContainSubstring("Everything it creates is called jcop-check-"))

	url, _ := serve(t, "--behavior", file)
	behavior := get(t, url+"/_simulator/behavior", "")
	g.Expect(behavior).To(HaveKeyWithValue("duplicateGroupStatus", 400.0))
	g.Expect(behavior).To(HaveKeyWithValue("failedWord", "error"))
}

// A behavior that was checked, written and served must be found again.
func TestTheSimulatorBehavesAsWhatWasChecked(t *testing.T) {
	g := NewWithT(t)
	behavior := `{"duplicateGroupStatus":400,"memberLag":"3s","recordsWhenDone":true,"rowDuration":"300ms","resultLag":"2s",
		"startStatus":201,"maxRows":500,"oversizeLimit":"accept","keepStatesOfDeletedUsers":true,"usedSearchConditions":40}`
	_, _, file := checked(t, behavior)
	content, err := os.ReadFile(file)
	g.Expect(err).NotTo(HaveOccurred())
	_, _, again := checked(t, string(content))
	g.Expect(os.ReadFile(again)).To(MatchJSON(content))
}

func TestCheckSaysFirstWhatItWouldMake(t *testing.T) {
	g := NewWithT(t)
	code, out, errs := run(t, "", "check", "--dry-run")
	g.Expect(code).To(Equal(exitFine), errs)
	g.Expect(out).To(MatchRegexp(`(?m)^bulk jobs +3 users`))
}

func TestCheckRefuses(t *testing.T) {
	g := NewWithT(t)
	sim := jumpcloudtest.New()
	url := sim.Start(t)
	sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "large", Users: 51})
	sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "fine"})
	const test = "--i-know-this-is-a-test-organization"
	for name, tc := range map[string]struct {
		key  string
		args []string
		code int
		says string
	}{
		"an organization that may be in use": {"fine", nil, exitUsage, test},
		"a large organization":               {"large", []string{test}, exitFailed, "has 51 users"},
		"a wrong key":                        {"wrong", []string{test}, exitFailed, "--api-key-file"},
		"no domain":                          {"fine", []string{test, "--email-domain", "a@b"}, exitUsage, "--email-domain"},
		"no patience":                        {"fine", []string{test, "--patience", "0"}, exitUsage, "--patience"},
		"a format that there is not":         {"fine", []string{test, "-o", "csv"}, exitUsage, "--output"},
		"a file that cannot be written":      {"fine", []string{test, "--behavior", "/nowhere/behavior.json"}, exitFailed, "--behavior"},
	} {
		code, out, errs := run(t, tc.key, append([]string{"check", "--api-key-file", "-", "--endpoint", url}, tc.args...)...)
		g.Expect(code).To(Equal(tc.code), name)
		g.Expect(out).To(BeEmpty(), name)
		g.Expect(errs).To(ContainSubstring(tc.says), name)
	}
	g.Expect(sim.MutatingRequests()).To(BeEmpty())
}
