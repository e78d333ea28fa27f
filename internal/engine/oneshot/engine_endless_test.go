package oneshot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// A job whose results cannot be read is handed to a person in the end, whatever JumpCloud
// answers. If the results become readable after all, it ends by itself.
func TestAJobWhoseResultsNeverAnswerTimesOut(t *testing.T) {
	for name, fault := range map[string]jumpcloudtest.Fault{
		"errors":    {Status: http.StatusInternalServerError},
		"resets":    {Kind: jumpcloudtest.FaultReset},
		"a refusal": {Status: http.StatusBadRequest, Body: `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(2))
				w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.StuckJobs = jumpcloudtest.StuckUnapplied })
				fault.Match = jumpcloudtest.Match{Method: http.MethodGet, Path: "/api/v2/bulk/users/*/results", Times: -1}
				script := w.Sim.Script(fault)
				w.Until(w.sent(1))
				began := time.Now()
				w.rest()
				w.ExpectReady("Unknown/JobTimedOut")
				w.Expect(time.Since(began)).To(BeNumerically("<=", timing.JobTimeout+2*enginetest.AtRest))
				w.Annotate(v1alpha1.ResolveSubmissionAnnotation, "1/1=Abandon")
				w.rest()
				w.ExpectReady("False/RowsFailed")
				w.Expect(script.Caught()).To(BeNumerically(">", 0))
				w.Expect(w.Org.Jobs()).To(HaveLen(1))
			})
		})
	}
}

// Credentials that may not submit are tried again at the resync and on request, and not in
// between.
func TestARefusalOfCredentialsIsForgotten(t *testing.T) {
	for name, again := range map[string]func(*world){
		"at the resync":                func(*world) { <-time.After(2 * enginetest.ResyncInterval) },
		"on request":                   func(w *world) { w.Request() },
		"a suspension, at the resync":  func(*world) { <-time.After(2 * enginetest.ResyncInterval) },
		"a suspension, on request too": func(w *world) { w.Request() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var w *world
				match := jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users", Times: 2}
				if strings.HasPrefix(name, "a suspension") {
					w, match.Method, match.Path = newLeavers(t, 1), http.MethodPut, "/api/systemusers/*"
				} else {
					w = newWorld(t, hires(2))
				}
				script := w.Sim.Script(jumpcloudtest.Fault{Match: match, Status: http.StatusForbidden})
				w.rest()
				w.ExpectReady("False/PermissionDenied")
				for range 3 {
					w.Annotate("whatever", time.Now().String())
					w.rest()
				}
				w.Expect(script.Caught()).To(Equal(1), "nothing says that the credentials may by now")
				again(w)
				w.rest()
				w.ExpectReady("False/PermissionDenied")
				w.Expect(script.Caught()).To(Equal(2))
				again(w)
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.expectEachSentOnce()
			})
		})
	}
}

// A row whose temporary failure never goes away is sent three times, even if a process dies in
// the meantime.
func TestARowThatFailsEveryTimeIsSentThreeTimes(t *testing.T) {
	for name, lines := range map[string][]string{"create": hires(2), "update": moves(2)} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", name, restart), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, lines)
					w.Org.Generate(10)
					for _, username := range []string{hire(1), member(1)} {
						w.Org.ScriptRows(jumpcloudtest.RowFault{Username: username, Times: 1000})
					}
					jobs := 0
					w.Until(func() bool {
						if restart && len(w.Org.Jobs()) > jobs {
							w.Restart()
						}
						jobs = len(w.Org.Jobs())
						return w.After == 0 || w.After >= enginetest.AtRest
					})
					w.ExpectReady("False/RowsFailed")
					w.Expect(w.Org.Jobs()).To(HaveLen(3))
					w.resyncs()
					w.Expect(w.Org.Jobs()).To(HaveLen(3))
				})
			})
		}
	}
}
