package oneshot_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// Thousands of rows that fail for good must not be looked for again and again, nor be masked
// at a cost that grows with the square of their number.
func TestManyRowsWithPasswordsThatAllFailEndSoon(t *testing.T) {
	const rows = 2000
	synctest.Test(t, func(t *testing.T) {
		lines := []string{"username,email,password"}
		password := func(i int) string { return fmt.Sprintf("Pass-%05d-word", i) }
		for i := range rows {
			lines = append(lines, fmt.Sprintf("%s,%s@example.org,%s", hire(i), hire(i), password(i)))
		}
		w := newWorld(t, nil, func(o *v1alpha1.BulkUserImport) {
			o.Spec.UsersFrom = []v1alpha1.RowsSource{{SecretKeyRef: &v1alpha1.KeyReference{Name: "passwords", Key: "users.csv"}}}
		})
		w.Expect(w.API.Create(t.Context(), &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.Key.Namespace, Name: "passwords"},
			Data:       map[string][]byte{"users.csv": []byte(strings.Join(lines, "\n"))},
		})).To(Succeed())
		for i := range 3 {
			w.Org.ScriptRows(jumpcloudtest.RowFault{Username: hire(i), StatusMsg: password(i) + " is too weak"})
		}
		w.Org.ScriptRows(jumpcloudtest.RowFault{StatusMsg: password(3) + " is too weak"})
		started := time.Now()
		w.rest()
		w.ExpectReady("False/RowsFailed")
		w.Expect(time.Since(started)).To(BeNumerically("<", time.Minute), "they are not looked for again")
		w.Expect(w.Get().Status.Summary.Failed).To(BeEquivalentTo(rows))
		for username, entry := range w.entries() {
			w.Expect(entry.Reason).To(Equal(v1alpha1.RowFailedReason), username)
			w.Expect(entry.Message).To(And(ContainSubstring("*** is too weak"), Not(ContainSubstring("Pass-"))), username)
		}
		shown, err := json.Marshal(w.Get().Status)
		w.Expect(err).NotTo(HaveOccurred())
		w.Expect(string(shown)).NotTo(ContainSubstring("Pass-"))
	})
}

// An import in another namespace must not reveal who is in the directory.
func TestAConflictNamesNobodyToAForeignNamespace(t *testing.T) {
	lines := []string{
		"username,email",
		"ada," + member(1) + "@example.org", // somebody else's email
		"User000002,other@example.org",      // a username that differs by case
	}
	for namespace, named := range map[string]bool{"identity": true, "sales": false} {
		t.Run(namespace, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, lines, func(o *v1alpha1.BulkUserImport) { o.Namespace = namespace })
				w.Org.Generate(10)
				w.rest()
				w.ExpectReady("False/RowsFailed")
				messages := []string{w.Message()}
				for _, failure := range w.Get().Status.Failures {
					w.Expect(failure.Reason).To(Equal(v1alpha1.RemoteConflictReason))
					messages = append(messages, failure.Message)
				}
				for _, entry := range w.entries() {
					messages = append(messages, entry.Message)
				}
				w.Expect(messages).To(HaveLen(5))
				for i := 1; i <= 2; i++ {
					w.Expect(strings.Contains(strings.Join(messages, "\n"), member(i))).To(Equal(named), "%s", messages)
				}
			})
		})
	}
}

// Neither JumpCloud's texts nor those that quote a row are longer than a person reads.
func TestMessagesOfRowsAreBounded(t *testing.T) {
	long := strings.Repeat("long ", 200)
	for name, c := range map[string]struct {
		lines  []string
		world  func(*world)
		change func(*v1alpha1.BulkUserImport)
		reason string
	}{
		"a record": {lines: hires(1), reason: v1alpha1.RowFailedReason, world: func(w *world) {
			w.Org.ScriptRows(jumpcloudtest.RowFault{StatusMsg: long})
		}},
		"records that cannot be told apart": {lines: hires(40), reason: v1alpha1.RowFailedReason, world: func(w *world) {
			for i := range 40 {
				w.Org.ScriptRows(jumpcloudtest.RowFault{Username: hire(i + 1), StatusMsg: fmt.Sprint(i, " ", long)})
			}
		}},
		"records of rows that are lost": {lines: hires(4), reason: v1alpha1.RowNotAppliedReason, world: func(w *world) {
			w.Org.ScriptRows(jumpcloudtest.RowFault{Username: hire(1), StatusMsg: long})
			w.Org.ScriptRows(jumpcloudtest.RowFault{Record: jumpcloudtest.RecordFinished})
		}},
		"a refused job": {lines: hires(1), reason: v1alpha1.SubmissionRejectedReason, world: func(w *world) {
			w.Sim.Script(jumpcloudtest.Fault{
				Match:  jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users"},
				Status: http.StatusBadRequest, Body: `{"message":"` + long + `"}`,
			})
		}},
		"an invalid row": {lines: []string{"username,email", strings.Repeat("a", 3000) + ",a@example.org"}, reason: v1alpha1.RowInvalidReason},
		"a manager who is nowhere": {
			lines:  []string{"username,email,manager", "ada,ada@example.org," + strings.Repeat("m", 900)},
			reason: v1alpha1.RemoteNotFoundReason, change: func(o *v1alpha1.BulkUserImport) { o.Spec.OnUnknownManager = v1alpha1.OnUnknownManagerInvalid },
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, c.lines, func(o *v1alpha1.BulkUserImport) {
					if c.change != nil {
						c.change(o)
					}
				})
				if c.world != nil {
					c.world(w)
				}
				w.rest()
				failures := w.Get().Status.Failures
				w.Expect(failures).NotTo(BeEmpty(), w.Describe)
				for _, failure := range failures {
					w.Expect(failure.Reason).To(Equal(c.reason))
					w.Expect(failure.Message).NotTo(BeEmpty())
					w.Expect(len(failure.Message)).To(BeNumerically("<=", ledger.MaxMessage), failure.Message)
				}
			})
		})
	}
}

// Records may contain their whole user, including ids of other users. Each row gets the text
// of its own record.
func TestRecordsThatNestTheirUserExplainTheirRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, []string{
			"username,email,manager", member(1) + "," + member(1) + "@example.org," + member(2),
			member(2) + "," + member(2) + "@example.org," + member(3), member(3) + "," + member(3) + "@example.org," + member(1),
		})
		w.Org.Generate(10)
		w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.Telling = jumpcloudtest.TellingNested })
		for i := 1; i <= 3; i++ {
			w.Org.ScriptRows(jumpcloudtest.RowFault{Username: member(i), StatusMsg: fmt.Sprint("text ", i)})
		}
		w.rest()
		w.ExpectReady("False/RowsFailed")
		for i := 1; i <= 3; i++ {
			w.Expect(w.entries()[member(i)].Message).To(Equal(fmt.Sprint("text ", i)))
		}
	})
}
