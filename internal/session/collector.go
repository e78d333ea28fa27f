package session

import (
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
)

var (
	snapshotAge = prometheus.NewDesc("jumpcloud_snapshot_age_seconds",
		"How long ago the last complete read of an organization's users ended.", []string{"organization"}, nil)
	pauseSeconds = prometheus.NewDesc("jumpcloud_api_pause_seconds",
		"How long an organization stays paused after an answer 429.", []string{"organization"}, nil)
	usedRequests = prometheus.NewDesc("jumpcloud_api_requests_last_minute",
		"Requests of an organization that its limit admitted in the last minute.", []string{"organization"}, nil)
	requestLimit = prometheus.NewDesc("jumpcloud_api_requests_limit_per_minute",
		"Requests in a minute that the limit of an organization admits now, apart from a burst.", []string{"organization"}, nil)
	unreadableRecords = prometheus.NewDesc("jumpcloud_unreadable_records",
		"Users in the last complete list of an organization with a value that cannot be read.", []string{"organization"}, nil)
)

// Collector returns a collector of what is known about the organizations of the pool at the
// time of a scrape.
func (p *Pool) Collector() prometheus.Collector { return collector{p} }

type collector struct{ pool *Pool }

func (collector) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- snapshotAge
	descriptions <- pauseSeconds
	descriptions <- usedRequests
	descriptions <- requestLimit
	descriptions <- unreadableRecords
}

// Collect merges the values of the same organization id at several endpoints: two metrics with
// the same labels would fail every scrape.
func (c collector) Collect(metrics chan<- prometheus.Metric) {
	ages, pauses, unread := map[string]float64{}, map[string]float64{}, map[string]float64{}
	used, limits := map[string]float64{}, map[string]float64{}
	c.pool.locked(func(r *registry) {
		for key, o := range r.organizations {
			if age, read := o.directory.UsersAge(); read {
				ages[key.id] = max(ages[key.id], age.Seconds())
			}
			pauses[key.id] = max(pauses[key.id], o.limiter.PausedFor().Seconds())
			lastMinute, perMinute := o.limiter.Usage()
			used[key.id] = max(used[key.id], float64(lastMinute))
			limits[key.id] = max(limits[key.id], perMinute)
			if records, read := o.directory.UnreadableRecords(); read {
				unread[key.id] = max(unread[key.id], float64(records))
			}
		}
	})
	send := func(description *prometheus.Desc, values map[string]float64) {
		for organization, value := range values {
			metrics <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value, organization)
		}
	}
	send(snapshotAge, ages)
	send(pauseSeconds, pauses)
	send(usedRequests, used)
	send(requestLimit, limits)
	send(unreadableRecords, unread)
}

// UnreadableRecords returns how many users in the latest complete list of the
// Organization have a value that cannot be read, and whether there was a list.
func (p *Pool) UnreadableRecords(organization types.NamespacedName) (records int, known bool) {
	s, ok := p.Get(organization)
	if !ok {
		return 0, false
	}
	return s.shared.directory.UnreadableRecords()
}
