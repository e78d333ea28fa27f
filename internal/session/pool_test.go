package session

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

var acme = types.NamespacedName{Namespace: "identity", Name: "acme"}

func TestASessionStaysUntilSomethingChanges(t *testing.T) {
	w := newRemoteWorld(t, 0)
	var told []Event
	w.pool.Subscribe(t.Context(), func(e Event) { told = append(told, e) })

	w.Expect(w.put(anOrganization("acme"), connection)).To(BeIdenticalTo(w.session))
	w.Expect(told).To(BeEmpty(), "a resync that finds nothing new wakes nobody")

	changed := w.put(anOrganization("acme", func(o *v1alpha1.Organization) {
		o.Generation, o.Spec.Mode = 2, v1alpha1.ModePlan
	}), connection)
	w.Expect(changed.Spec.Mode).To(Equal(v1alpha1.ModePlan))
	w.Expect(changed.Client).To(BeIdenticalTo(w.session.Client))
	w.Expect(w.session.Spec.Mode).To(BeEmpty(), "a session is immutable")

	rotated := w.put(anOrganization("acme"), connectionOf("2"))
	w.Expect(rotated.Client).NotTo(BeIdenticalTo(w.session.Client))
	w.Expect(rotated.shared).To(BeIdenticalTo(w.session.shared))

	w.pool.Remove(acme)
	w.pool.Remove(acme)
	_, ok := w.pool.Get(acme)
	w.Expect(ok).To(BeFalse())
	w.Expect(told).To(Equal([]Event{{Organization: acme}, {Organization: acme}, {Organization: acme}}))
	w.Expect(w.pool.registry.organizations).To(BeEmpty())
	w.Expect(w.pool.Refused(acme)).To(BeTrue())
	w.pool.Forget(acme)
	w.Expect(w.pool.Refused(acme)).To(BeFalse())
}

func TestSubscriptionsEnd(t *testing.T) {
	w := newRemoteWorld(t, 0)
	ctx, cancel := context.WithCancel(t.Context())
	w.pool.Subscribe(ctx, func(Event) { w.pool.Get(acme) }) // notified without the pool's lock
	w.pool.Remove(acme)
	cancel()
	subscribers := func() int {
		w.pool.subscribers.mu.Lock()
		defer w.pool.subscribers.mu.Unlock()
		return len(w.pool.subscribers.all)
	}
	w.Eventually(subscribers, "2m").Should(BeZero())
}

func TestDialReusesTheSessionsClient(t *testing.T) {
	w := newRemoteWorld(t, 0)
	client, err := w.pool.Dial(anOrganization("acme"), connection, credentials)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(client).To(BeIdenticalTo(w.session.Client))
	w.Expect(w.pool.Connected(acme, connection)).To(BeTrue())

	other := connectionOf("2")
	w.Expect(w.pool.Connected(acme, other)).To(BeFalse())
	client, err = w.pool.Dial(anOrganization("acme"), other, credentials)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(client).NotTo(BeIdenticalTo(w.session.Client))
	organizations, err := client.ListOrganizations(t.Context())
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(organizations).To(HaveLen(1))

	_, err = w.pool.Dial(anOrganization("acme"), Connection{BaseURL: "nowhere"}, credentials)
	w.Expect(err).To(HaveOccurred())
}

// If JumpCloud answers 429 before there is a session, each check waits longer than the
// previous one.
func TestPausesGrowFromCheckToCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newRemoteWorld(t, 0)
		w.pool.Remove(acme)
		w.sim.Script(jumpcloudtest.Fault{Status: http.StatusTooManyRequests, Match: jumpcloudtest.Match{Times: -1}})
		check := func() *jumpcloud.Error {
			client, err := w.pool.Dial(anOrganization("acme"), connection, credentials)
			w.Expect(err).NotTo(HaveOccurred())
			_, err = client.ListOrganizations(t.Context())
			remote, ok := errors.AsType[*jumpcloud.Error](err)
			w.Expect(ok).To(BeTrue(), "%v", err)
			return remote
		}
		var last time.Duration
		for range 6 {
			last = check().RetryAfter
			<-time.After(last)
		}
		w.Expect(last).To(BeNumerically(">=", 30*time.Second))

		w.Expect(check().StatusCode).To(Equal(http.StatusTooManyRequests))
		w.requests()
		w.pool.Remove(acme) // as after a check that gave no session
		w.Expect(check().StatusCode).To(BeZero())
		w.Expect(w.requests()).To(BeEmpty(), "a check that something else wakes keeps the pause")

		w.pool.Forget(acme)
		w.Expect(w.pool.known(acme).limiter).To(BeNil())
		w.Expect(check()).To(HaveOccurred())
		w.put(anOrganization("acme"), connection)
		w.Expect(w.pool.known(acme).limiter).To(BeNil())
	})
}

// JumpCloud limits organizations, so objects that share one share its limiter, and the
// smallest limits apply.
func TestSharersHaveOneLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newRemoteWorld(t, 0)
		calls := func(n int) time.Duration {
			began := time.Now()
			for range n {
				_, err := w.session.Client.ListOrganizations(t.Context())
				w.Expect(err).NotTo(HaveOccurred())
			}
			return time.Since(began)
		}
		w.Expect(calls(5)).To(BeNumerically("<", time.Second))
		w.put(anOrganization("careful", func(o *v1alpha1.Organization) {
			o.Spec.Limits = v1alpha1.Limits{RequestsPerSecond: 1, Burst: 1}
		}), connection)
		w.Expect(calls(5)).To(BeNumerically(">=", 4*time.Second))
		w.pool.Remove(types.NamespacedName{Namespace: "identity", Name: "careful"})
		w.Expect(calls(5)).To(BeNumerically("<", time.Second))
	})
}

func TestAPauseHoldsForAllSharers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newRemoteWorld(t, 0)
		other := w.put(anOrganization("other"), connectionOf("9"))
		w.sim.Script(jumpcloudtest.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"30"}}})
		_, err := w.session.Client.ListOrganizations(t.Context())
		w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
		w.requests()
		_, err = other.Client.ListOrganizations(t.Context())
		w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
		w.Expect(w.requests()).To(BeEmpty())
	})
}

func TestARejectionIsConfirmedOnce(t *testing.T) {
	w := newRemoteWorld(t, 0)
	var mu sync.Mutex
	var told []Event
	w.pool.Subscribe(t.Context(), func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, e)
	})
	w.sim.RevokeCredential(key)
	arrived, release := make(chan struct{}, 10), make(chan struct{})
	w.transport.set(func(*http.Request) { arrived <- struct{}{}; <-release })

	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			rejected, err := w.session.ConfirmRejection(t.Context(), suspicion)
			w.Expect(rejected).To(BeTrue())
			w.Expect(err == nil || jumpcloud.ClassOf(err) == jumpcloud.Auth).To(BeTrue())
		})
	}
	<-arrived
	close(release)
	all.Wait()
	rejected, err := w.session.ConfirmRejection(t.Context(), suspicion)
	w.Expect(rejected).To(BeTrue())
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(w.requests()).To(HaveLen(1))
	w.Expect(told).To(Equal([]Event{{Organization: acme, Rejected: true}}))
	_, ok := w.pool.Get(acme)
	w.Expect(ok).To(BeFalse())

	w.Expect(w.rejected(connection)).To(Equal("reading"))
	w.Expect(w.rejected(connection)).To(BeEmpty(), "the next check asks JumpCloud")
}

func TestARejectionOfOtherCredentialsIsNoNews(t *testing.T) {
	w := newRemoteWorld(t, 0)
	w.sim.RevokeCredential(key)
	rotated := w.put(anOrganization("acme"), connectionOf("2"))
	rejected, _ := w.session.ConfirmRejection(t.Context(), suspicion)
	w.Expect(rejected).To(BeTrue())
	current, ok := w.pool.Get(acme)
	w.Expect(ok).To(BeTrue())
	w.Expect(current).To(BeIdenticalTo(rotated))

	rejected, _ = rotated.ConfirmRejection(t.Context(), suspicion)
	w.Expect(rejected).To(BeTrue())
	w.Expect(w.rejected(connection)).To(BeEmpty(), "other credentials were rejected than those")
}

func TestSuspicionsAreNotBelieved(t *testing.T) {
	for name, fault := range map[string]*jumpcloudtest.Fault{
		"accepted":          nil,
		"unavailable":       {Status: http.StatusBadGateway, Match: jumpcloudtest.Match{Times: -1}},
		"another redirect":  {Status: http.StatusFound, Header: http.Header{"Location": {"https://elsewhere.test/"}}},
		"an answer in HTML": {Status: http.StatusOK, BodyKind: jumpcloudtest.BodyHTML},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newRemoteWorld(t, 0)
				if fault != nil {
					w.sim.Script(*fault)
				}
				rejected, err := w.session.ConfirmRejection(t.Context(), suspicion)
				w.Expect(rejected).To(BeFalse())
				w.Expect(err != nil).To(Equal(fault != nil))
				_, ok := w.pool.Get(acme)
				w.Expect(ok).To(BeTrue())
			})
		})
	}
}

func TestARedirectToLoginIsARejection(t *testing.T) {
	w := newRemoteWorld(t, 0)
	w.sim.Script(jumpcloudtest.Fault{Status: http.StatusFound, Header: http.Header{"Location": {"/login"}}})
	rejected, _ := w.session.ConfirmRejection(t.Context(), suspicion)
	w.Expect(rejected).To(BeTrue())
}

func TestMetricsOfThePool(t *testing.T) {
	w := newRemoteWorld(t, 3)
	registry := prometheus.NewPedanticRegistry()
	w.Expect(registry.Register(w.pool.Collector())).To(Succeed())
	// The same organization at another endpoint must not fail the scrape.
	w.put(anOrganization("proxied"), Connection{BaseURL: "https://proxy.test"})

	expect := func(requests string) {
		want := strings.ReplaceAll(`
# HELP jumpcloud_api_pause_seconds How long an organization stays paused after an answer 429.
# TYPE jumpcloud_api_pause_seconds gauge
jumpcloud_api_pause_seconds{ORGANIZATION} 0
# HELP jumpcloud_api_requests_last_minute Requests of an organization that its limit admitted in the last minute.
# TYPE jumpcloud_api_requests_last_minute gauge
jumpcloud_api_requests_last_minute{ORGANIZATION} REQUESTS
# HELP jumpcloud_api_requests_limit_per_minute Requests in a minute that the limit of an organization admits now, apart from a burst.
# TYPE jumpcloud_api_requests_limit_per_minute gauge
jumpcloud_api_requests_limit_per_minute{ORGANIZATION} 60000
`, "ORGANIZATION", `organization="`+w.org.ID()+`"`)
		w.Expect(testutil.GatherAndCompare(registry, strings.NewReader(strings.Replace(want, "REQUESTS", requests, 1)),
			"jumpcloud_api_pause_seconds", "jumpcloud_api_requests_last_minute", "jumpcloud_api_requests_limit_per_minute")).To(Succeed())
	}
	expect("0")
	w.Expect(testutil.GatherAndCount(registry, "jumpcloud_snapshot_age_seconds")).To(BeZero())
	w.list(func(*jumpcloud.User) {})
	expect("1")
	w.Expect(testutil.GatherAndCount(registry, "jumpcloud_snapshot_age_seconds")).To(Equal(1))
}

func TestCallsAreObserved(t *testing.T) {
	w := newRemoteWorld(t, 0)
	var observed []string
	w.pool = NewPool(PoolOptions{Transport: w.transport, Observe: func(organization string, call jumpcloud.Call) {
		observed = append(observed, organization+" "+call.Endpoint)
	}})
	client, err := w.pool.Dial(anOrganization("acme"), connection, credentials)
	w.Expect(err).NotTo(HaveOccurred())
	_, err = client.ListOrganizations(t.Context())
	w.Expect(err).NotTo(HaveOccurred())
	_, err = w.put(anOrganization("acme"), connection).Client.ListOrganizations(t.Context())
	w.Expect(err).NotTo(HaveOccurred())
	known := anOrganization("acme", func(o *v1alpha1.Organization) { o.Status.OrganizationID = w.org.ID() })
	client, err = w.pool.Dial(known, connectionOf("2"), credentials)
	w.Expect(err).NotTo(HaveOccurred())
	_, err = client.ListOrganizations(t.Context())
	w.Expect(err).NotTo(HaveOccurred())
	named := w.org.ID() + " /organizations"
	w.Expect(observed).To(Equal([]string{" /organizations", named, named}))
}
