package options

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/rest"
)

// The operator waits for an API server that is down at the start, or behind a balancer that
// says so; an API server that refuses the request is up.
func TestTheAPIServerIsWaitedFor(t *testing.T) {
	for name, up := range map[string]int{"answers": http.StatusOK, "refuses": http.StatusForbidden} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var status, asked atomic.Int32
			status.Store(http.StatusServiceUnavailable)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(int(status.Load()))
			}))
			defer server.Close()
			o := bind(t, "--health-probe-bind-address="+free(t))
			ended := make(chan error, 1)
			go func() { ended <- o.WaitForAPIServer(t.Context(), &rest.Config{Host: server.URL}) }()

			probe := func(path string) func() int {
				return func() int {
					request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+o.ProbeAddress+path, http.NoBody)
					g.Expect(err).NotTo(HaveOccurred())
					response, err := http.DefaultClient.Do(request)
					if err != nil {
						return 0
					}
					g.Expect(response.Body.Close()).To(Succeed())
					return response.StatusCode
				}
			}
			g.Eventually(probe("/healthz"), "60s").Should(Equal(http.StatusOK), "it is alive")
			g.Expect(probe("/readyz")()).To(Equal(http.StatusServiceUnavailable), "and not ready")
			g.Expect(ended).NotTo(Receive())

			status.Store(int32(up))
			g.Eventually(ended, "60s").Should(Receive(BeNil()))
			g.Expect(asked.Load()).To(BeNumerically(">=", 2))
			listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", o.ProbeAddress)
			g.Expect(err).NotTo(HaveOccurred(), "the manager gets the address")
			g.Expect(listener.Close()).To(Succeed())
		})
	}
}

func TestTheWaitEndsWithTheProcess(t *testing.T) {
	g := NewWithT(t)
	o := bind(t, "--health-probe-bind-address=0")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g.Expect(o.WaitForAPIServer(ctx, &rest.Config{Host: "http://" + free(t)})).To(MatchError(context.Canceled))
}

// free returns an address that nothing listens on.
func free(t *testing.T) string {
	t.Helper()
	g := NewWithT(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	g.Expect(err).NotTo(HaveOccurred())
	defer func() { g.Expect(listener.Close()).To(Succeed()) }()
	return listener.Addr().String()
}
