package cli

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/pflag"
)

const (
	// metricsTimeout bounds one reading of the metrics.
	metricsTimeout = 10 * time.Second
	// maxMetrics is the maximum number of bytes of metrics that are read.
	maxMetrics = 16 << 20
)

// metricsSource is where to read the operator's metrics.
type metricsSource struct{ address, tokenFile string }

func (m *metricsSource) addTo(flags *pflag.FlagSet) {
	flags.StringVar(&m.address, "metrics-url", "",
		"URL of the metrics of the operator's leader, such as https://127.0.0.1:8443/metrics for a port-forward; shows the number of requests and the age of the directory")
	flags.StringVar(&m.tokenFile, "metrics-token-file", "", "file with a token that may get /metrics; - reads it from standard input")
}

// check refuses what cannot be an address, and sending a token in plain text.
func (m *metricsSource) check() error {
	if m.address == "" {
		if m.tokenFile != "" {
			return usagef("--metrics-token-file can only be used with --metrics-url")
		}
		return nil
	}
	u, err := url.Parse(m.address)
	switch {
	case err != nil, u.Host == "", u.Scheme != "http" && u.Scheme != "https":
		return usagef("invalid --metrics-url: must be a URL such as https://127.0.0.1:8443/metrics")
	case m.tokenFile != "" && u.Scheme == "http" && !loopback(u):
		return usagef("invalid --metrics-url: must use https, because a token is sent to another machine only over https")
	}
	return nil
}

// fill adds the usage to each Organization. The note says why the usage of one is unknown.
func (m *metricsSource) fill(ctx context.Context, in io.Reader, views []statusView) (note string) {
	organizations, err := m.read(ctx, in)
	for i := range views {
		view := &views[i]
		view.Usage = organizations[view.organizationID]
		switch {
		case view.Usage != nil:
		case err != nil:
			return paragraph(0, fmt.Sprintf("The operator's metrics cannot be read: %v.", err))
		case m.address == "":
			return paragraph(0, "Requests and the age of the directory are in the operator's metrics: use --metrics-url to show them.")
		default:
			note = paragraph(0, "The metrics do not contain every Organization: only the leader reports them, and only those that are connected.")
		}
	}
	return note
}

// read returns the usage of organizations by their ids.
func (m *metricsSource) read(ctx context.Context, in io.Reader) (map[string]*usage, error) {
	if m.address == "" {
		return nil, nil
	}
	token := ""
	if m.tokenFile != "" {
		var err error
		if token, err = secretFile(m.tokenFile, in); err != nil {
			return nil, fmt.Errorf("--metrics-token-file: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, metricsTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.address, http.NoBody)
	if err != nil {
		return nil, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := metricsClient(request.URL).Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	switch answer.StatusCode {
	case http.StatusOK:
		return parseUsage(io.LimitReader(answer.Body, maxMetrics))
	// The last one is the answer to a token that is not valid, or has expired.
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusInternalServerError:
		return nil, fmt.Errorf("the server answered %s: --metrics-token-file must contain a valid token of an account with the ClusterRole jumpcloud-operator-metrics-reader",
			answer.Status)
	default:
		return nil, fmt.Errorf("the server answered %s", answer.Status)
	}
}

// metricsClient follows no redirects, so that a token goes nowhere else. A port-forward ends
// at a loopback address, for which the operator's own certificate has no host name that could
// be verified: there the tunnel authenticates the server.
func metricsClient(address *url.URL) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:             http.ProxyFromEnvironment,
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: loopback(address)}, //nolint:gosec // see above
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func loopback(address *url.URL) bool {
	ip := net.ParseIP(address.Hostname())
	return address.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
