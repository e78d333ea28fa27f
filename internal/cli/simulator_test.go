package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"go.uber.org/goleak"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

// serve runs the command until stop is called or the test has ended. stop returns once the
// command has ended. url is its base URL.
func serve(t *testing.T, args ...string) (url string, stop func()) {
	t.Helper()
	g := NewWithT(t)
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		var errs bytes.Buffer
		code := Main(ctx, append([]string{pluginName, "simulator", "--listen", "127.0.0.1:0"}, args...),
			genericiooptions.IOStreams{In: strings.NewReader(""), Out: in, ErrOut: &errs})
		var err error
		if code != exitFine {
			err = errors.New(errs.String())
		}
		in.CloseWithError(err)
		ended <- err
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		g.Eventually(ended, "2m").Should(Receive(BeNil()), "it stops gracefully")
	})
	t.Cleanup(stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(line).To(HavePrefix("simulator ready on http://127.0.0.1:"))
	return strings.TrimSpace(strings.TrimPrefix(line, "simulator ready on ")), stop
}

func get(t *testing.T, url, key string) map[string]any {
	t.Helper()
	g := NewWithT(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	g.Expect(err).NotTo(HaveOccurred())
	request.Header.Set("X-Api-Key", key)
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(response.StatusCode).To(Equal(200))
	body := map[string]any{}
	g.Expect(json.NewDecoder(response.Body).Decode(&body)).To(Succeed())
	g.Expect(response.Body.Close()).To(Succeed())
	return body
}

func TestGeneratedUsers(t *testing.T) {
	g := NewWithT(t)
	url, _ := serve(t, "--users", "7", "--api-key", "k", "--behavior", `{"jobDuration":"3s"}`)
	g.Expect(get(t, url+"/api/systemusers", "k")).To(HaveKeyWithValue("totalCount", 7.0))
	g.Expect(get(t, url+"/_simulator/organizations/65f1c0ffee65f1c0ffee9000/behavior", "")).To(HaveKeyWithValue("jobDuration", "3s"))
}

func TestSeedFile(t *testing.T) {
	g := NewWithT(t)
	file := filepath.Join(t.TempDir(), "seed.json")
	g.Expect(os.WriteFile(file, []byte(`{"organizations":[{"apiKey":"k","directory":[{"username":"a","email":"a@x.org"}]}]}`), 0o600)).To(Succeed())
	url, _ := serve(t, "--seed", file)
	g.Expect(get(t, url+"/api/systemusers", "k")).To(HaveKeyWithValue("totalCount", 1.0))
}

// The seed in the documentation must be valid.
func TestDocumentedSeed(t *testing.T) {
	g := NewWithT(t)
	documentation, err := os.ReadFile("../../docs/simulator.md")
	g.Expect(err).NotTo(HaveOccurred())
	_, seed, _ := strings.Cut(string(documentation), "```json\n")
	seed, _, _ = strings.Cut(seed, "```")
	file := filepath.Join(t.TempDir(), "seed.json")
	g.Expect(os.WriteFile(file, []byte(seed), 0o600)).To(Succeed())
	url, _ := serve(t, "--seed", file)
	g.Expect(get(t, url+"/api/systemusers", "simulator")).To(HaveKeyWithValue("totalCount", 1.0))
}

func TestStopsAlthoughARequestHangs(t *testing.T) {
	g := NewWithT(t)
	url, stop := serve(t)
	send := func(method, path, body string) (answer []map[string]any, err error) {
		request, err := http.NewRequestWithContext(context.Background(), method, url+path, strings.NewReader(body))
		g.Expect(err).NotTo(HaveOccurred())
		response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
		if err != nil {
			return nil, err
		}
		_ = json.NewDecoder(response.Body).Decode(&answer) // some answers are no list
		return answer, response.Body.Close()
	}
	_, err := send("POST", "/_simulator/faults", `{"kind":"hang"}`)
	g.Expect(err).NotTo(HaveOccurred())
	ended := make(chan error, 1)
	go func() {
		_, err := send("GET", "/login", "")
		ended <- err
	}()
	g.Eventually(func() ([]map[string]any, error) {
		return send("GET", "/_simulator/faults", "")
	}, "2m").Should(ConsistOf(HaveKeyWithValue("caught", 1.0)))
	stop()
	g.Eventually(ended, "2m").Should(Receive(HaveOccurred()))
}

func TestMistakes(t *testing.T) {
	g := NewWithT(t)
	broken := filepath.Join(t.TempDir(), "seed.json")
	g.Expect(os.WriteFile(broken, []byte(`{"organizations":[{"id":"acme"}]}`), 0o600)).To(Succeed())
	for name, tc := range map[string]struct {
		args []string
		code int
	}{
		"unknown flag":      {[]string{"--nonsense"}, exitUsage},
		"argument":          {[]string{"serve"}, exitUsage},
		"unknown switch":    {[]string{"--behavior", `{"nonsense":true}`}, exitUsage},
		"seed file missing": {[]string{"--seed", filepath.Join(t.TempDir(), "none.json")}, exitFailed},
		"seed is refused":   {[]string{"--seed", broken}, exitFailed},
		"address":           {[]string{"--listen", "nowhere:-1"}, exitFailed},
	} {
		var errs bytes.Buffer
		code := Main(t.Context(), append([]string{pluginName, "simulator"}, tc.args...),
			genericiooptions.IOStreams{In: strings.NewReader(""), Out: io.Discard, ErrOut: &errs})
		g.Expect(code).To(Equal(tc.code), name)
		g.Expect(errs.String()).To(HavePrefix("error: "), name)
	}
}
