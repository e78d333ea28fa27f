package workdayinstance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"go.uber.org/zap/zapcore"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// A process may die before or after any mutating call: its successor reaches the same end.
func TestAProcessMayDieAtAnyCall(t *testing.T) {
	for name, c := range map[string]struct {
		exists, deletes bool
		adopted         bool
	}{
		"creation": {}, "adoption": {exists: true, adopted: true}, "deletion": {deletes: true},
	} {
		t.Run(name, func(t *testing.T) {
			enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
				t.Helper()
				story(t, func(w *world) {
					if c.exists {
						w.Org.AddWorkday("Workday Import", oldReport, "", "")
					}
					w.Die(d)
					w.Rest()
					w.Expect(w.Get().Status.Adopted).To(Equal(c.adopted))
					w.Expect(w.live("reportUrl")).To(Equal(reportURL))
					username, sent := w.Org.WorkdayCredentials()
					w.Expect(username + ":" + sent).To(Equal(isu + ":" + password))
					w.Expect(w.Get().Status.Auth.Valid).To(BeTrue())
					if c.deletes {
						w.Delete()
						w.Until(func() bool { return !w.Dead && w.Gone() })
						username, _ := w.Org.WorkdayCredentials()
						w.Expect(username).To(BeEmpty())
					}
				}, deauthorizes)
			})
		})
	}
}

// The password appears only in requests: not in what is stored, in events or in logs, even if
// JumpCloud quotes it.
func TestThePasswordStaysSecret(t *testing.T) {
	logged := gbytes.NewBuffer() // parallel tests write into it, too
	log.SetLogger(zap.New(zap.Level(zapcore.Level(-9)), zap.WriteTo(logged)))
	quoting := func(w *world) {
		w.Sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Method: http.MethodGet, Path: "/api/v2/workdays/*", Times: 1, Skip: 1}, Kind: jumpcloudtest.FaultAnswer, Status: 200,
			Body: fmt.Sprintf(`{"id":%q,"name":"Workday Import","reportUrl":%q,"auth":{"basic":{"isValid":false,"expiry":"","message":"login %s/%s failed"},"oauth":{}}}`,
				w.live("id"), reportURL, isu, password),
		})
	}
	for name, trouble := range map[string]func(w *world){
		"none":    func(*world) {},
		"refused": func(w *world) { w.refuse(http.MethodPost, "/api/v2/workdays", 400) },
		"auth fails": func(w *world) {
			w.rotate(isu, "x")
			w.Rest()
			w.rotate(isu, password)
			w.refuse(http.MethodPost, authPath, 400)
		},
		"unavailable": func(w *world) { w.refuse(http.MethodPost, "/api/v2/workdays", 500) },
		"quoted":      func(w *world) { w.Rest(); quoting(w) },
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				var written []string
				w.onWrite(func(stored string) { written = append(written, stored) })
				trouble(w)
				for range 4 {
					w.Resync()
				}
				ledgers := &corev1.ConfigMapList{}
				w.Expect(w.API.List(w.T.Context(), ledgers)).To(Succeed())
				w.Expect(ledgers.Items).To(BeEmpty())
				w.Expect(written).NotTo(BeEmpty())
				w.Expect(string(logged.Contents())).To(ContainSubstring("Pass ended"))
				everything := strings.Join(append(written, w.Events...), "\n") + string(logged.Contents())
				w.Expect(everything).NotTo(ContainSubstring(password))
				if name == "quoted" {
					w.Expect(everything).To(ContainSubstring("login " + isu + "/*** failed"))
				}
			})
		})
	}
}

// A plan for the credentials has the version of their Secret, and nothing else of them.
func TestThePlanDoesNotHoldThePassword(t *testing.T) {
	story(t, func(w *world) {
		w.Org.AddWorkday("Workday Import", reportURL, "", "")
		w.Rest()
		w.ExpectReady("True/Planned")
		before := w.Get().Status.Plan
		w.Expect(before.Changes[0].Fields).To(Equal([]string{"credentials"}))
		w.Expect(before.Changes[0].Action).To(Equal(v1alpha1.ChangeUpdate))
	}, planned)
}

// refuse answers requests with a method and path with a status, in words that quote the
// password.
func (w *world) refuse(method, path string, status int) {
	w.Sim.Script(jumpcloudtest.Fault{
		Match: jumpcloudtest.Match{Method: method, Path: path, Times: 1}, Kind: jumpcloudtest.FaultAnswer, Status: status,
		Body: `{"message":"cannot log in with ` + password + `"}`,
	})
}

// onWrite reports whatever the operator writes to the API server.
func (w *world) onWrite(tell func(stored string)) {
	w.OnCall = func(c enginetest.Call, do func() error) error {
		if c.Object != nil && c.Writes() {
			text, err := json.Marshal(c.Object)
			w.Expect(err).NotTo(HaveOccurred())
			tell(string(text))
		}
		return do()
	}
}
