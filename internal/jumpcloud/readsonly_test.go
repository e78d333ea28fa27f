package jumpcloud_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// carried counts what a transport carries.
type carried struct{ requests int }

func (c *carried) RoundTrip(r *http.Request) (*http.Response, error) {
	c.requests++
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}

func TestReadsOnlyCarriesNothingElse(t *testing.T) {
	for call, want := range map[string]bool{
		"GET /api/v2/usergroups":                       true,
		"POST /api/search/systemusers":                 true,
		"POST /prefix/api/search/systemusers":          true,
		"POST /api/systemusers":                        false,
		"POST /api/search/../systemusers":              false,
		"POST /api/v2/bulk/users":                      false,
		"PUT /api/search/systemusers":                  false,
		"PATCH /api/v2/bulk/users":                     false,
		"DELETE /api/v2/bulk/userstates/65f1c0ffee65":  false,
		"POST /api/v2/usergroups/65f1c0ffee65/members": false,
	} {
		t.Run(call, func(t *testing.T) {
			g := NewWithT(t)
			wire := &carried{}
			transport := jumpcloud.NewReadsOnly(wire)
			method, path, _ := strings.Cut(call, " ")
			response, err := transport.RoundTrip(httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader("{}")))
			if want {
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(response.Body.Close()).To(Succeed())
				g.Expect(wire.requests).To(Equal(1))
				g.Expect(transport.Refused()).To(Succeed())
				return
			}
			g.Expect(err).To(MatchError(ContainSubstring("nothing was sent")))
			g.Expect(wire.requests).To(BeZero())
			g.Expect(transport.Refused()).To(MatchError(ContainSubstring(call + " may change something")))
		})
	}
}
