package session

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	snapshotAge = prometheus.NewDesc("jumpcloud_snapshot_age_seconds",
		"How long ago the last complete read of an organization's users ended.", []string{"organization"}, nil)
	pauseSeconds = prometheus.NewDesc("jumpcloud_api_pause_seconds",
		"How long an organization stays paused after an answer 429.", []string{"organization"}, nil)
)

// Collector returns what is known of the organizations of the pool when
// metrics are asked for.
func (p *Pool) Collector() prometheus.Collector { return collector{p} }

type collector struct{ pool *Pool }

func (collector) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- snapshotAge
	descriptions <- pauseSeconds
}

// Collect joins what has the same organization id at several endpoints: two
// metrics with the same labels would fail every scrape.
func (c collector) Collect(metrics chan<- prometheus.Metric) {
	c.pool.mu.Lock()
	ages, pauses := map[string]time.Duration{}, map[string]time.Duration{}
	for key, r := range c.pool.remotes {
		if age, read := r.users.age(); read {
			ages[key.organizationID] = max(ages[key.organizationID], age)
		}
		pauses[key.organizationID] = max(pauses[key.organizationID], r.gate.PausedFor())
	}
	c.pool.mu.Unlock()
	send := func(description *prometheus.Desc, values map[string]time.Duration) {
		for organization, value := range values {
			metrics <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value.Seconds(), organization)
		}
	}
	send(snapshotAge, ages)
	send(pauseSeconds, pauses)
}
