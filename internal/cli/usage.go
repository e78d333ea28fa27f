package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"k8s.io/apimachinery/pkg/util/duration"
)

// usage is what the operator's metrics say about one organization. A nil value is unknown.
type usage struct {
	RequestsLastMinute     *float64 `json:"requestsLastMinute,omitempty"`
	RequestsLimitPerMinute *float64 `json:"requestsLimitPerMinute,omitempty"`
	// DirectoryAgeSeconds is the time since the users were last read completely.
	DirectoryAgeSeconds *float64 `json:"directoryAgeSeconds,omitempty"`
}

// String returns a line for people; a nil usage is unknown.
func (u *usage) String() string {
	requests, age := "unknown", "unknown"
	if u != nil && u.RequestsLastMinute != nil && u.RequestsLimitPerMinute != nil {
		requests, age = fmt.Sprintf("%.0f of %.0f", *u.RequestsLastMinute, *u.RequestsLimitPerMinute), "not read yet"
	}
	if u != nil && u.DirectoryAgeSeconds != nil {
		age = duration.HumanDuration(time.Duration(*u.DirectoryAgeSeconds * float64(time.Second)))
	}
	return fmt.Sprintf("Requests in the last minute: %s. Age of the directory: %s.", requests, age)
}

// parseUsage extracts the usage of organizations from all metrics of a process.
func parseUsage(metrics io.Reader) (map[string]*usage, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(metrics)
	if err != nil {
		return nil, errors.New("the server did not return metrics")
	}
	organizations := map[string]*usage{}
	for name, set := range map[string]func(*usage, *float64){
		"jumpcloud_api_requests_last_minute":      func(u *usage, v *float64) { u.RequestsLastMinute = v },
		"jumpcloud_api_requests_limit_per_minute": func(u *usage, v *float64) { u.RequestsLimitPerMinute = v },
		"jumpcloud_snapshot_age_seconds":          func(u *usage, v *float64) { u.DirectoryAgeSeconds = v },
	} {
		for _, metric := range families[name].GetMetric() {
			for _, label := range metric.GetLabel() {
				if label.GetName() != "organization" {
					continue
				}
				if organizations[label.GetValue()] == nil {
					organizations[label.GetValue()] = &usage{}
				}
				set(organizations[label.GetValue()], new(metric.GetGauge().GetValue()))
			}
		}
	}
	return organizations, nil
}
