package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// inTheMetrics are the figures of the organization acme-id.
const inTheMetrics = `# TYPE jumpcloud_api_requests_last_minute gauge
jumpcloud_api_requests_last_minute{organization="another"} 7
jumpcloud_api_requests_last_minute{organization="acme-id"} 312
# TYPE jumpcloud_api_requests_limit_per_minute gauge
jumpcloud_api_requests_limit_per_minute{organization="acme-id"} 600
# TYPE jumpcloud_snapshot_age_seconds gauge
jumpcloud_snapshot_age_seconds{organization="acme-id"} 190.5
`

// connected creates an Organization with a JumpCloud id.
func (w *world) connected(id string) {
	w.t.Helper()
	organization := w.anOrganization()
	organization.Status.OrganizationID = id
	w.Expect(plane.Client.Status().Update(w.t.Context(), organization)).To(Succeed())
}

// answering serves metrics.
func answering(t *testing.T, handler http.HandlerFunc) (url string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/metrics"
}

func TestStatusShowsRequestsAndTheAgeOfTheDirectory(t *testing.T) {
	w := newWorld(t, "usage")
	w.connected("acme-id")
	known := answering(t, func(out http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(out, inTheMetrics) })
	code, out, errs := w.run("", "status", "--metrics-url", known)
	w.Expect(code).To(Equal(exitFine), errs)
	w.golden("status-usage", out)

	_, out, errs = w.run("", "status", "-o", "json", "--metrics-url", known)
	w.Expect(errs).To(BeEmpty())
	w.Expect(out).To(ContainSubstring(`"usage": {
      "requestsLastMinute": 312,
      "requestsLimitPerMinute": 600,
      "directoryAgeSeconds": 190.5
    }`))
	_, out, errs = w.run("", "status", "-o", "json")
	w.Expect(out).NotTo(ContainSubstring(`"usage":`))
	w.Expect(errs).To(ContainSubstring("--metrics-url"), "what is missing is no part of the JSON")
}

// Whatever prevents reading the metrics, the status is shown, and says what is unknown and
// why.
func TestMetricsThatCannotBeRead(t *testing.T) {
	w := newWorld(t, "no-metrics")
	w.connected("acme-id")
	elsewhere := answering(t, func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") })
	for said, handler := range map[string]http.HandlerFunc{
		"answered 302 Found":           func(out http.ResponseWriter, in *http.Request) { http.Redirect(out, in, elsewhere, http.StatusFound) },
		"answered 404 Not Found":       http.NotFound,
		"did not return metrics":       func(out http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(out, "<html>Log in</html>") },
		"only the leader reports them": func(http.ResponseWriter, *http.Request) {},
		"EOF":                          func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		code, out, errs := w.run("", "status", "--metrics-url", answering(t, handler), "--metrics-token-file", keyFile(t, "s3cret"))
		w.Expect(code).To(Equal(exitFine), errs)
		w.Expect(out).To(And(ContainSubstring("minute: unknown. Age of the directory: unknown."), ContainSubstring(said), Not(ContainSubstring("s3cret"))), said)
		w.fits(out)
	}
	_, out, _ := w.run("", "status", "--metrics-url", "http://127.0.0.1:1/metrics", "--metrics-token-file", keyFile(t, ""))
	w.Expect(out).To(MatchRegexp(`--metrics-token-file: \S+\s+is\s+empty`))
}

func TestWrongUsesOfTheMetrics(t *testing.T) {
	w := newWorld(t, "metrics-use")
	for said, args := range map[string][]string{
		"can only be used with --metrics-url": {"--metrics-token-file", "token"},
		"must be a URL":                       {"--metrics-url", "127.0.0.1:8443"},
		"must use https":                      {"--metrics-url", "http://metrics.example.com/metrics", "--metrics-token-file", "token"},
	} {
		code, _, errs := w.run("", append([]string{"status"}, args...)...)
		w.Expect(code).To(Equal(exitUsage))
		w.Expect(errs).To(ContainSubstring(said))
	}
}

// The operator's own metrics, which it serves only to clients that the API server admits.
func TestStatusReadsTheMetricsOfTheOperator(t *testing.T) {
	w := newWorld(t, "own-metrics")
	_, org, url := shop(t)
	w.connected(org.ID())
	from := &remote{endpoint: url, requestsPerSecond: 10, region: "US"}
	connected, err := from.pool(t.Context(), "key", &v1alpha1.Organization{ObjectMeta: w.meta("acme"), Spec: *from.spec()})
	w.Expect(err).NotTo(HaveOccurred())
	registry := prometheus.NewRegistry()
	registry.MustRegister(connected.pool.Collector())
	clients, err := rest.HTTPClientFor(plane.Config)
	w.Expect(err).NotTo(HaveOccurred())
	protect, err := filters.WithAuthenticationAndAuthorization(plane.Config, clients)
	w.Expect(err).NotTo(HaveOccurred())
	handler, err := protect(logr.Discard(), promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	w.Expect(err).NotTo(HaveOccurred())
	server := httptest.NewTLSServer(handler)
	defer server.Close()
	kubectl := func(args ...string) string {
		out, err := plane.Kubectl(t.Context(), append(args, "--namespace", w.namespace)...)
		w.Expect(err).NotTo(HaveOccurred())
		return strings.TrimSpace(out)
	}
	status := func(token string) string {
		_, out, errs := w.run(token, "status", "--metrics-url", server.URL+"/metrics", "--metrics-token-file", "-")
		w.Expect(errs).To(BeEmpty())
		return strings.Join(strings.Fields(out), " ")
	}
	_, out, _ := w.run("", "status", "--metrics-url", server.URL+"/metrics")
	w.Expect(out).To(ContainSubstring("answered 401 Unauthorized: --metrics-token-file must contain a valid"))
	for _, name := range []string{"stranger", "scraper"} {
		kubectl("create", "serviceaccount", name)
	}
	scraper := "system:serviceaccount:" + w.namespace + ":scraper"
	kubectl("create", "clusterrole", "reads-metrics", "--verb=get", "--non-resource-url=/metrics")
	kubectl("create", "clusterrolebinding", "reads-metrics", "--clusterrole=reads-metrics", "--serviceaccount="+w.namespace+":scraper")
	w.Eventually(func() error { // a refusal would be cached for a while
		_, err := plane.Kubectl(t.Context(), "auth", "can-i", "get", "/metrics", "--as="+scraper)
		return err
	}).WithTimeout(demoTimeout).Should(Succeed())
	w.Expect(status("stale")).To(ContainSubstring("--metrics-token-file must contain a valid token"))
	w.Expect(status(kubectl("create", "token", "stranger"))).To(ContainSubstring("answered 403 Forbidden: --metrics-token-file must contain a valid token"))
	token := kubectl("create", "token", "scraper")
	w.Expect(status(token)).To(MatchRegexp(`Requests in the last minute: [0-9]+ of 600\. Age of the directory: not read yet\.`))

	s, found := connected.pool.Get(types.NamespacedName{Namespace: w.namespace, Name: "acme"})
	w.Expect(found).To(BeTrue())
	reading := s.Users.Read(directory.Keys{}, func(*jumpcloud.User) {})
	w.Eventually(func() error { return reading.Advance(t.Context()) }).WithTimeout(demoTimeout).Should(Succeed())
	w.Expect(status(token)).To(MatchRegexp(`Requests in the last minute: [0-9]+ of 600\. Age of the directory: [0-9]+`))
}
