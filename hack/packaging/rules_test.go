package packaging_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const alertsFile = "config/prometheus/rules.yaml"

// alertCase is a state of the metrics, with the alerts that it makes fire.
type alertCase struct {
	series string        // as for promtool, one value a minute
	after  time.Duration // when the alerts are checked
	firing []string      // summaries; none: the alert does not fire
}

// quiet is what the metrics of a healthy operator show for two hours.
const quiet = `
jumpcloud_api_requests_total{organization="5f",method="GET",endpoint="/systemusers",code="200"} 0+10x120
leader_election_master_status{name="jumpcloud-operator",pod="a"} 1x120
leader_election_master_status{name="jumpcloud-operator",pod="b"} 0x120
jumpcloud_snapshot_age_seconds{organization="5f"} 300x120
jumpcloud_objects_stalled{organization="5f",kind="UserGroup",reason="UsersNotFound"} 0x120
jumpcloud_submissions_total{organization="5f",kind="BulkUserImport",outcome="accepted"} 0+1x120
`

// stalled is what the metrics show of two objects that are Stalled for a reason.
func stalled(kind, reason string) string {
	return strings.ReplaceAll(notReady(kind, reason), "not_ready", "stalled") + "\n" + notReady(kind, reason)
}

// notReady is what they show of two objects that are not Ready for a reason.
func notReady(kind, reason string) string {
	return `jumpcloud_objects_not_ready{organization="5f",kind="` + kind + `",reason="` + reason + `"} 2x120`
}

// alertCases has at least one case that fires for each alert, and cases that almost do.
var alertCases = map[string][]alertCase{
	"JumpCloudRejectsCredentials": {
		{stalled("Organization", "AuthenticationFailed"), 20 * time.Minute, []string{"JumpCloud rejects the credentials of organization 5f."}},
		{stalled("Organization", "AuthenticationFailed"), 10 * time.Minute, nil},
		{`jumpcloud_api_requests_total{organization="5f",code="401"} 0+1x120`, 40 * time.Minute, []string{"JumpCloud rejects the credentials of organization 5f."}},
		{`jumpcloud_api_requests_total{organization="5f",code="302"} 0+1x120`, 40 * time.Minute, []string{"JumpCloud rejects the credentials of organization 5f."}},
	},
	"JumpCloudOrganizationNotReady": {
		{stalled("Organization", "CredentialsNotFound"), 20 * time.Minute, []string{"The operator cannot work for organization 5f."}},
		{stalled("Organization", "CredentialsNotFound"), 10 * time.Minute, nil},
		{`jumpcloud_objects_not_ready{organization="5f",kind="Organization",reason="ProgressingWithRetry"} 1x10 _x110
jumpcloud_objects_not_ready{organization="5f",kind="Organization",reason="RemoteUnavailable"} _x10 1x110`,
			20 * time.Minute, []string{"The operator cannot work for organization 5f."}},
		{stalled("Organization", "AuthenticationFailed"), time.Hour, nil},
		{notReady("Organization", "Deleting"), time.Hour, nil},
		{notReady("Organization", "Paused"), time.Hour, nil},
		{stalled("UserGroup", "NameConflict"), time.Hour, nil},
	},
	"JumpCloudUnavailable": {
		{`jumpcloud_api_requests_total{organization="5f",code="503"} 0+11x120`, time.Hour, []string{"More than half of the requests for organization 5f fail."}},
		{`jumpcloud_api_requests_total{organization="5f",code="0"} 0+11x120`, time.Hour, []string{"More than half of the requests for organization 5f fail."}},
		{`jumpcloud_api_requests_total{organization="5f",code="503"} 0+9x120`, time.Hour, nil},
	},
	"JumpCloudRateLimited": {
		{`jumpcloud_api_rate_limited_total{organization="5f"} 0+1x120`, time.Hour, []string{"JumpCloud often asks the operator to pause for organization 5f."}},
		{`jumpcloud_api_rate_limited_total{organization="5f"} 0+1x15 15x120`, time.Hour, nil},
	},
	"JumpCloudJobNeedsDecision": {
		{`jumpcloud_submissions_total{organization="5f",kind="BulkUserImport",outcome="unknown"} _x60 1x60`, 62 * time.Minute, []string{"A job of a BulkUserImport in organization 5f needs a decision."}},
		{`jumpcloud_submissions_total{organization="5f",kind="BulkUserImport",outcome="timedout"} 1x60 2x60`, 65 * time.Minute, []string{"A job of a BulkUserImport in organization 5f needs a decision."}},
		{`jumpcloud_submissions_total{organization="5f",kind="BulkUserImport",outcome="recovered"} _x60 1x60`, 62 * time.Minute, nil},
	},
	"JumpCloudRowsFail": {
		{`jumpcloud_bulk_rows_total{organization="5f",kind="WorkdayImport",outcome="failed"} _x60 3x60`, 62 * time.Minute, []string{"Rows of a WorkdayImport failed in organization 5f."}},
		{`jumpcloud_bulk_rows_total{organization="5f",kind="WorkdayImport",outcome="created"} _x60 3x60`, 62 * time.Minute, nil},
	},
	"JumpCloudScheduleMissed": {
		{`jumpcloud_schedule_users{organization="5f",phase="missed"} 0x10 1x110`, 12 * time.Minute, []string{"A scheduled change of users in organization 5f did not happen."}},
		{stalled("ScheduledUserState", "ScheduleInPast"), time.Minute, []string{"A scheduled change of users in organization 5f did not happen."}},
		{`jumpcloud_schedule_users{organization="5f",phase="missed"} 0x120`, time.Hour, nil},
	},
	"JumpCloudScheduleLost": {
		{`jumpcloud_schedule_users{organization="5f",phase="lost"} 1x120`, 20 * time.Minute, []string{"A scheduled job of organization 5f was removed, and is not scheduled again."}},
		{`jumpcloud_schedule_users{organization="5f",phase="lost"} 1x10 0x110`, 20 * time.Minute, nil},
	},
	"JumpCloudApprovalWaits": {
		{stalled("UserGroup", "ApprovalRequired"), 70 * time.Minute, []string{"2 objects of kind UserGroup in organization 5f wait for an approval (ApprovalRequired)."}},
		{stalled("UserGroup", "ApprovalRequired"), 50 * time.Minute, nil},
	},
	"JumpCloudObjectsStalled": {
		{stalled("UserGroup", "NameConflict"), 40 * time.Minute, []string{"2 objects of kind UserGroup in organization 5f are stalled (NameConflict)."}},
		{stalled("WorkdayInstance", "AuthenticationFailed"), 40 * time.Minute, []string{"2 objects of kind WorkdayInstance in organization 5f are stalled (AuthenticationFailed)."}},
		{stalled("UserGroup", "ApprovalRequired"), time.Hour, nil},
		{stalled("ScheduledUserState", "ScheduleMissed"), time.Hour, nil},
		{stalled("Organization", "CredentialsNotFound"), time.Hour, nil},
	},
	"JumpCloudDirectoryNotRead": {
		{`jumpcloud_snapshot_age_seconds{organization="slow"} 86000+60x120`, 80 * time.Minute, []string{"The users of organization slow were not read completely for a day."}},
	},
	"JumpCloudOperatorHasNoLeader": {
		{`leader_election_master_status{name="another"} 1x120`, time.Minute, nil},
		{"-leader_election_master_status", 10 * time.Minute, []string{"No replica of jumpcloud-operator is the leader."}},
	},
	"JumpCloudReconcileErrors": {
		{`controller_runtime_reconcile_errors_total{controller="usergroup"} 0+1x120`, time.Hour, []string{"The controller usergroup of jumpcloud-operator keeps failing."}},
		{`controller_runtime_reconcile_errors_total{controller="of-another-operator"} 0+1x120`, time.Hour, nil},
	},
}

// Each alert fires when it should, with its text, and not before.
func TestAlerts(t *testing.T) {
	file := ruleFile(t)
	for name, cases := range alertCases {
		t.Run(name, func(t *testing.T) {
			for _, tc := range cases {
				NewWithT(t).Expect(firing(t, file, tc)[name]).To(Equal(tc.firing), tc.series)
			}
		})
	}
	fires := func(tc alertCase) bool { return len(tc.firing) > 0 }
	for _, name := range alertNames(t) {
		NewWithT(t).Expect(slices.ContainsFunc(alertCases[name], fires)).To(BeTrue(), "%s fires in no case of alertCases", name)
	}
}

// A healthy operator causes no alerts.
func TestNoAlertWithoutCause(t *testing.T) {
	NewWithT(t).Expect(firing(t, ruleFile(t), alertCase{after: 2 * time.Hour})).To(BeEmpty())
}

// Each alert has a section in the runbook and links to it.
func TestRunbookHasEveryAlert(t *testing.T) {
	g := NewWithT(t)
	runbook, err := os.ReadFile("docs/runbook.md")
	g.Expect(err).NotTo(HaveOccurred())
	sections := regexp.MustCompile(`(?m)^## (JumpCloud\w+)$`).FindAllStringSubmatch(string(runbook), -1)
	var titles []string
	for _, section := range sections {
		titles = append(titles, section[1])
	}
	g.Expect(titles).To(ConsistOf(alertNames(t)))
	content, err := os.ReadFile(alertsFile)
	g.Expect(err).NotTo(HaveOccurred())
	for _, name := range titles {
		g.Expect(string(content)).To(ContainSubstring("/docs/runbook.md#" + strings.ToLower(name) + "\n"))
	}
}

// Each indicator of the service levels is a query that Prometheus can parse.
func TestServiceLevelsAreQueries(t *testing.T) {
	g := NewWithT(t)
	runbook, err := os.ReadFile("docs/runbook.md")
	g.Expect(err).NotTo(HaveOccurred())
	_, table, found := strings.Cut(string(runbook), "\n# Service levels\n")
	g.Expect(found).To(BeTrue())
	rows := regexp.MustCompile("(?m)^\\| [^|`]+ \\| `(.+)` \\| .+ \\|$").FindAllStringSubmatch(table, -1)
	g.Expect(rows).To(HaveLen(strings.Count(table, "\n|")-2), "every row but the head has a query")
	for _, row := range rows {
		query := strings.ReplaceAll(row[1], `\|`, "|") // as in a cell of a table
		_, err := parser.NewParser(parser.Options{}).ParseExpr(query)
		g.Expect(err).NotTo(HaveOccurred(), query)
	}
}

func alertNames(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(alertsFile)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	var names []string
	for _, found := range regexp.MustCompile(`(?m)^ +- alert: (\w+)$`).FindAllStringSubmatch(string(content), -1) {
		names = append(names, found[1])
	}
	return names
}

// ruleFile returns a file with the spec of the PrometheusRule, as Prometheus reads it.
func ruleFile(t *testing.T) string {
	t.Helper()
	g := NewWithT(t)
	content, err := os.ReadFile(alertsFile)
	g.Expect(err).NotTo(HaveOccurred())
	object := &unstructured.Unstructured{}
	g.Expect(yaml.Unmarshal(content, &object.Object)).To(Succeed())
	spec, err := yaml.Marshal(object.Object["spec"])
	g.Expect(err).NotTo(HaveOccurred())
	file := filepath.Join(t.TempDir(), "rules.yaml")
	g.Expect(os.WriteFile(file, spec, 0o600)).To(Succeed())
	return file
}

// firing evaluates the rules each minute until the time of the case, and returns the summaries
// of the alerts that fire then.
func firing(t *testing.T, file string, tc alertCase) map[string][]string {
	t.Helper()
	g := NewWithT(t)
	series := quiet + tc.series
	if missing, ok := strings.CutPrefix(tc.series, "-"); ok {
		series = regexp.MustCompile(`(?m)^`+missing+`.*$`).ReplaceAllString(quiet, "")
	}
	suite, err := promqltest.NewLazyLoader("load 1m\n"+regexp.MustCompile(`(?m)^`).ReplaceAllString(strings.TrimSpace(series), "  "), promqltest.LazyLoaderOpts{})
	g.Expect(err).NotTo(HaveOccurred())
	defer func() { g.Expect(suite.Close()).To(Succeed()) }()
	manager := rules.NewManager(&rules.ManagerOptions{
		QueryFunc: rules.EngineQueryFunc(suite.QueryEngine(), suite.Storage()), AppendableV2: suite.Storage(),
		Context: t.Context(), NotifyFunc: func(context.Context, string, ...*rules.Alert) {}, Logger: promslog.NewNopLogger(),
		Parser: parser.NewParser(parser.Options{}),
	})
	groups, errs := manager.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, file)
	g.Expect(errs).To(BeEmpty())
	for now := time.Unix(0, 0).UTC(); !now.After(time.Unix(0, 0).Add(tc.after)); now = now.Add(time.Minute) {
		suite.WithSamplesTill(now, func(err error) {
			g.Expect(err).NotTo(HaveOccurred())
			for _, group := range groups {
				group.Eval(suite.Context(), now)
			}
		})
	}
	return summaries(g, slices.Collect(maps.Values(groups)))
}

// summaries returns the summaries of the alerts that fire, by alert.
func summaries(g Gomega, groups []*rules.Group) map[string][]string {
	found := map[string][]string{}
	for _, group := range groups {
		for _, rule := range group.AlertingRules() {
			g.Expect(rule.LastError()).NotTo(HaveOccurred(), rule.Name())
			for _, alert := range rule.ActiveAlerts() {
				if alert.State == rules.StateFiring {
					found[rule.Name()] = append(found[rule.Name()], alert.Annotations.Get("summary"))
				}
			}
		}
	}
	return found
}
