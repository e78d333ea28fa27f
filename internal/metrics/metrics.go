// Package metrics holds the operator's own metrics. No label names a user.
package metrics

import (
	"runtime"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/buildinfo"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// The label organization is JumpCloud's id, or "" for requests that are made before the id is
// known.
var (
	requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "jumpcloud_api_requests_total",
		Help: "HTTP attempts at JumpCloud's API. The code is 0 where there was no answer.",
	}, []string{"organization", "method", "endpoint", "code"})

	duration = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "jumpcloud_api_request_duration_seconds",
		Help:    "How long HTTP attempts at JumpCloud's API took, until the answer was read.",
		Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 20, 40},
	}, []string{"organization", "method", "endpoint"})

	rateLimited = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "jumpcloud_api_rate_limited_total",
		Help: "Answers 429 of JumpCloud's API.",
	}, []string{"organization"})

	bulkRows = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "jumpcloud_bulk_rows_total",
		Help: "Rows of bulk runs by their outcome.",
	}, []string{"organization", "kind", "outcome"})

	submissions = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "jumpcloud_submissions_total",
		Help: "Attempts to start a job by what became of them.",
	}, []string{"organization", "kind", "outcome"})

	driftCorrections = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "jumpcloud_drift_corrections_total",
		Help: "Corrections of live state that had moved away from what is declared.",
	}, []string{"organization", "kind"})
)

// buildInfo returns a gauge that is always 1 and whose labels identify the build.
func buildInfo() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "jumpcloud_operator_build_info",
		Help: "Always 1. The labels say which build of the operator runs.",
		ConstLabels: prometheus.Labels{
			"version": buildinfo.Version, "revision": buildinfo.Revision(), "go_version": runtime.Version(),
		},
	}, func() float64 { return 1 })
}

// Register registers the metrics, together with other collectors.
func Register(registry prometheus.Registerer, others ...prometheus.Collector) error {
	all := append([]prometheus.Collector{requests, duration, rateLimited, bulkRows, submissions, driftCorrections, buildInfo()}, others...)
	for _, collector := range all {
		if err := registry.Register(collector); err != nil {
			return err
		}
	}
	return nil
}

// ObserveCall counts one HTTP attempt.
func ObserveCall(organizationID string, call jumpcloud.Call) {
	requests.WithLabelValues(organizationID, call.Method, call.Endpoint, strconv.Itoa(call.Code)).Inc()
	duration.WithLabelValues(organizationID, call.Method, call.Endpoint).Observe(call.Duration.Seconds())
	if call.RateLimited {
		rateLimited.WithLabelValues(organizationID).Inc()
	}
}

// Counters count the activity of the kinds.
type Counters struct{}

// Rows counts rows of runs that got an outcome.
func (Counters) Rows(organizationID, kind, outcome string, n int) {
	bulkRows.WithLabelValues(organizationID, kind, outcome).Add(float64(n))
}

// Submission counts an attempt to start a job by its outcome.
func (Counters) Submission(organizationID, kind, outcome string) {
	submissions.WithLabelValues(organizationID, kind, outcome).Inc()
}

// DriftCorrection counts a change that was made because the live state no longer matched a
// declaration that it had matched before.
func (Counters) DriftCorrection(organizationID, kind string) {
	driftCorrections.WithLabelValues(organizationID, kind).Inc()
}
