package jumpcloud_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const clientSecret = "client-secret-0123456789"

// withAccount makes the client use a service account.
func withAccount(tokenURL string) func(*jumpcloud.Options) {
	return func(o *jumpcloud.Options) {
		o.Credentials = jumpcloud.ServiceAccount(jumpcloud.ServiceAccountOptions{
			TokenURL: tokenURL, ClientID: "client-id", ClientSecret: clientSecret,
		})
	}
}

// issuer is a token endpoint that numbers its tokens.
type issuer struct {
	issued   atomic.Int32
	lifetime time.Duration
	delay    time.Duration
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if r.Method != http.MethodPost || id != "client-id" || secret != clientSecret ||
		r.PostFormValue("grant_type") != "client_credentials" || r.PostFormValue("scope") != "api" ||
		r.PostForm.Has("client_secret") {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	elapse(i.delay)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access_token": fmt.Sprintf("token-%d", i.issued.Add(1)), "token_type": "bearer",
		"expires_in": int(i.lifetime.Seconds()),
	})
}

// carryWithTokens returns an in-process client whose tokens come from the issuer.
func carryWithTokens(t *testing.T, i *issuer, handler http.HandlerFunc) (*jumpcloud.Client, *recorder) {
	t.Helper()
	return carry(t, func(w http.ResponseWriter, r *http.Request) { handler(w, r) },
		withAccount("http://token.test/oauth2/token"),
		func(o *jumpcloud.Options) {
			api := o.Transport
			o.Transport = carrier(func(r *http.Request) (*http.Response, error) {
				if r.URL.Host != "token.test" {
					return api.RoundTrip(r)
				}
				w := httptest.NewRecorder()
				i.ServeHTTP(w, r)
				return w.Result(), nil
			})
		})
}

func TestTokensAreRenewedBeforeTheyExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		tokens := &issuer{lifetime: time.Hour}
		client, rec := carryWithTokens(t, tokens, aUser)
		get := func() string {
			_, err := client.GetUser(t.Context(), "u")
			g.Expect(err).NotTo(HaveOccurred())
			r := rec.last(t)
			g.Expect(r.Header).NotTo(HaveKey("X-Api-Key"))
			g.Expect(r.Header.Get("X-Org-Id")).To(Equal(testOrg))
			return r.Header.Get("Authorization")
		}
		g.Expect(get()).To(Equal("Bearer token-1"))
		elapse(time.Hour - 32*time.Second)
		g.Expect(get()).To(Equal("Bearer token-1"))
		elapse(2 * time.Second)
		g.Expect(get()).To(Equal("Bearer token-2"))
	})
}

func TestOneTokenServesManyCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		tokens := &issuer{lifetime: time.Hour, delay: time.Second}
		client, rec := carryWithTokens(t, tokens, aUser)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() { _, _ = client.GetUser(t.Context(), "u") })
		}
		group.Wait()
		g.Expect(rec.all()).To(HaveLen(20))
		g.Expect(tokens.issued.Load()).To(Equal(int32(1)))
	})
}

func TestA401RenewsTheTokenOnce(t *testing.T) {
	calls := map[string]func(context.Context, *jumpcloud.Client) error{
		"read": func(ctx context.Context, c *jumpcloud.Client) error { _, err := c.GetUser(ctx, "u"); return err },
		"mutating call": func(ctx context.Context, c *jumpcloud.Client) error {
			_, err := c.UpdateUser(ctx, soon(), "u", jumpcloud.UserUpdate{})
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				tokens := &issuer{lifetime: time.Hour}
				client, rec := carryWithTokens(t, tokens, sequence(aUser, answers(401, ""), answers(200, `{"_id":"u"}`), answers(401, "{}")))
				g.Expect(call(t.Context(), client)).To(Succeed())
				g.Expect(call(t.Context(), client)).To(Succeed())
				g.Expect(rec.last(t).Header.Get("Authorization")).To(Equal("Bearer token-2"))
				g.Expect(jumpcloud.ClassOf(call(t.Context(), client))).To(Equal(jumpcloud.Auth))
				g.Expect(rec.all()).To(HaveLen(5))
				g.Expect(tokens.issued.Load()).To(Equal(int32(3)))
			})
		})
	}
}

// An API key cannot be renewed.
func TestA401ToAKeyIsFinal(t *testing.T) {
	g := NewWithT(t)
	client, rec := serve(t, answers(401, ""))
	_, err := client.GetUser(t.Context(), "u")
	g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Auth))
	g.Expect(rec.all()).To(HaveLen(1))
}

func TestTokenEndpointFailures(t *testing.T) {
	leak := clientSecret + " in the answer"
	for name, test := range map[string]struct {
		handler      http.HandlerFunc
		read, mutate jumpcloud.Class
	}{
		"invalid_client": {answers(400, `{"error":"invalid_client","error_description":"`+leak+`"}`, "Content-Type", "application/json"), jumpcloud.Auth, jumpcloud.Auth},
		"401":            {answers(401, leak), jumpcloud.Auth, jumpcloud.Auth},
		"400":            {answers(400, leak), jumpcloud.Unavailable, jumpcloud.NotSent},
		"404":            {answers(404, leak), jumpcloud.Unavailable, jumpcloud.NotSent},
		"429":            {answers(429, leak), jumpcloud.Unavailable, jumpcloud.NotSent},
		"500":            {answers(500, leak), jumpcloud.Unavailable, jumpcloud.NotSent},
		"page":           {answers(200, loginPage), jumpcloud.Unavailable, jumpcloud.NotSent},
		"no token":       {answers(200, `{"token_type":"bearer"}`, "Content-Type", "application/json"), jumpcloud.Unavailable, jumpcloud.NotSent},
		"no answer":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, jumpcloud.Unavailable, jumpcloud.NotSent},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			endpoint := httptest.NewServer(test.handler)
			t.Cleanup(endpoint.Close)
			client, rec := serve(t, aUser, withAccount(endpoint.URL))
			_, err := client.GetUser(t.Context(), "u")
			g.Expect(jumpcloud.ClassOf(err)).To(Equal(test.read), "%v", err)
			g.Expect(jumpcloud.IsNotFound(err)).To(BeFalse(), "it is not the API's answer")
			mutating := startSomeJob(t.Context(), client, soon())
			g.Expect(jumpcloud.ClassOf(mutating)).To(Equal(test.mutate), "%v", mutating)
			for _, err := range []error{err, mutating} {
				for ; err != nil; err = errors.Unwrap(err) {
					g.Expect(err.Error()).NotTo(Or(ContainSubstring(clientSecret), ContainSubstring(endpoint.URL)))
				}
			}
			g.Expect(rec.all()).To(BeEmpty())
		})
	}
}

func TestTokenRequestsFollowNoRedirect(t *testing.T) {
	g := NewWithT(t)
	elsewhere := &recorder{handler: answers(200, `{"access_token":"x"}`, "Content-Type", "application/json")}
	other := httptest.NewServer(elsewhere)
	t.Cleanup(other.Close)
	endpoint := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	t.Cleanup(endpoint.Close)
	client, _ := serve(t, aUser, withAccount(endpoint.URL))
	_, err := client.GetUser(t.Context(), "u")
	g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unavailable))
	g.Expect(elsewhere.all()).To(BeEmpty())
}

func TestATokenRequestEndsWithTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		client := newClient(t, "http://jumpcloud.test", withAccount("http://token.test"), func(o *jumpcloud.Options) {
			o.Timeout = 5 * time.Second
			o.Transport = carrier(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
		})
		began := time.Now()
		var group sync.WaitGroup
		for range 2 { // One asks for a token, the other waits for it.
			group.Go(func() {
				err := startSomeJob(t.Context(), client, soon())
				g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.NotSent))
				g.Expect(err).To(MatchError(context.DeadlineExceeded))
			})
		}
		group.Wait()
		g.Expect(time.Since(began)).To(Equal(5 * time.Second))
	})
}

// A request for a token may take longer than the submission's deadline allows.
func TestATokenThatComesTooLateSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		tokens := &issuer{lifetime: time.Hour, delay: 10 * time.Second}
		var api atomic.Int32
		client := newClient(t, "http://jumpcloud.test", withAccount("http://token.test"), func(o *jumpcloud.Options) {
			o.Transport = carrier(func(r *http.Request) (*http.Response, error) {
				if r.URL.Host != "token.test" {
					api.Add(1)
					return nil, io.EOF
				}
				w := httptest.NewRecorder()
				tokens.ServeHTTP(w, r)
				return w.Result(), nil
			})
		})
		err := startSomeJob(t.Context(), client, jumpcloud.Submission{Deadline: time.Now().Add(10 * time.Second)})
		g.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.NotSent))
		g.Expect(api.Load()).To(BeZero())
	})
}
