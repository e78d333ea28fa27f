package metrics

import (
	"runtime"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Names and labels are a contract with alerts and dashboards.
func TestMetrics(t *testing.T) {
	g := NewWithT(t)
	for _, vector := range []interface{ Reset() }{requests, duration, rateLimited, bulkRows, submissions, driftCorrections} {
		vector.Reset()
	}
	registry := prometheus.NewPedanticRegistry()
	other := prometheus.NewGauge(prometheus.GaugeOpts{Name: "other", Help: "Another collector."})
	g.Expect(Register(registry, other)).To(Succeed())
	g.Expect(Register(registry)).NotTo(Succeed())

	ObserveCall("org", jumpcloud.Call{Method: "GET", Endpoint: "/systemusers", Code: 200, Duration: 30 * time.Millisecond})
	ObserveCall("org", jumpcloud.Call{Method: "POST", Endpoint: "/bulk/users", Code: 429, Duration: time.Second, RateLimited: true})
	ObserveCall("", jumpcloud.Call{Method: "GET", Endpoint: "/organizations"})
	var counters Counters
	counters.Rows("org", "BulkUserImport", "created", 3)
	counters.Rows("org", "BulkUserImport", "created", 2)
	counters.Submission("org", "BulkUserImport", "recovered")
	counters.DriftCorrection("org", "UserGroup")

	want := `
# HELP jumpcloud_api_requests_total HTTP attempts at JumpCloud's API. The code is 0 where there was no answer.
# TYPE jumpcloud_api_requests_total counter
jumpcloud_api_requests_total{code="0",endpoint="/organizations",method="GET",organization=""} 1
jumpcloud_api_requests_total{code="200",endpoint="/systemusers",method="GET",organization="org"} 1
jumpcloud_api_requests_total{code="429",endpoint="/bulk/users",method="POST",organization="org"} 1
# HELP jumpcloud_api_rate_limited_total Answers 429 of JumpCloud's API.
# TYPE jumpcloud_api_rate_limited_total counter
jumpcloud_api_rate_limited_total{organization="org"} 1
# HELP jumpcloud_bulk_rows_total Rows of bulk runs by their outcome.
# TYPE jumpcloud_bulk_rows_total counter
jumpcloud_bulk_rows_total{kind="BulkUserImport",organization="org",outcome="created"} 5
# HELP jumpcloud_submissions_total Attempts to start a job by what became of them.
# TYPE jumpcloud_submissions_total counter
jumpcloud_submissions_total{kind="BulkUserImport",organization="org",outcome="recovered"} 1
# HELP jumpcloud_drift_corrections_total Corrections of live state that had moved away from what is declared.
# TYPE jumpcloud_drift_corrections_total counter
jumpcloud_drift_corrections_total{kind="UserGroup",organization="org"} 1
# HELP jumpcloud_operator_build_info Always 1. The labels say which build of the operator runs.
# TYPE jumpcloud_operator_build_info gauge
jumpcloud_operator_build_info{go_version="` + runtime.Version() + `",revision="unknown",version="development"} 1
`
	g.Expect(testutil.GatherAndCompare(registry, strings.NewReader(want),
		"jumpcloud_api_requests_total", "jumpcloud_api_rate_limited_total", "jumpcloud_bulk_rows_total",
		"jumpcloud_submissions_total", "jumpcloud_drift_corrections_total", "jumpcloud_operator_build_info")).To(Succeed())
	g.Expect(testutil.GatherAndCount(registry, "jumpcloud_api_request_duration_seconds")).To(Equal(3))
}
