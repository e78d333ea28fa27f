package oneshot_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/oneshot"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/plan"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

func reporting(o *v1alpha1.BulkUserImport) { o.Spec.Leavers = v1alpha1.LeaversReport }

// newStaff makes a world with an import of the first n of 10 users, which has run.
func newStaff(t *testing.T, n int, changes ...func(*v1alpha1.BulkUserImport)) *world {
	t.Helper()
	w := newWorld(t, moves(n), append([]func(*v1alpha1.BulkUserImport){reporting}, changes...)...)
	w.Org.Generate(10)
	w.rest()
	w.ExpectReady("True/Succeeded")
	w.expectLeavers()
	return w
}

// expectLeavers expects the status to list these users as having left, and no others.
func (w *world) expectLeavers(usernames ...string) {
	w.T.Helper()
	status := w.Get().Status.Leavers
	w.Expect(status).NotTo(BeNil(), w.Describe)
	var users []string
	for _, user := range status.Users {
		w.Expect(user.ID).To(Equal(w.id(user.Username)))
		users = append(users, user.Username)
	}
	w.Expect(users).To(ConsistOf(usernames), w.Describe)
	w.Expect(status.Count).To(BeEquivalentTo(len(usernames)))
	w.Expect(status.Unknown + status.BlockedBy).To(BeEmpty())
	w.Expect(status.Next).To(BeEmpty())
}

func TestWhoLeftIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newStaff(t, 4)
		mutations := len(w.Sim.MutatingRequests())
		w.source(moves(3)...)
		w.Annotate("x", "wake")
		w.rest()
		w.ExpectReady("True/Succeeded")
		w.expectLeavers(member(4))
		w.Expect(w.Message()).To(Equal("3 users: 3 unchanged; 1 user has left the source (status.leavers)"))
		w.Expect(w.entries()[member(4)]).To(And(HaveField("Row", 4), HaveField("Action", ledger.ActionLeave),
			HaveField("Outcome", ledger.OutcomeSkipped), HaveField("UserID", w.id(member(4)))))
		w.Expect(w.Get().Status.Summary.Total).To(BeEquivalentTo(3))
		w.Expect(w.Sim.MutatingRequests()).To(HaveLen(mutations), "nothing is sent for a report")
		w.Expect(w.value(member(4), "state")).NotTo(Equal("SUSPENDED"))

		version := w.Get().ResourceVersion
		w.Sim.ForgetHistory()
		w.resyncs()
		w.Expect(w.Get().ResourceVersion).To(Equal(version), "nothing is written at rest")
		w.Expect(w.Sim.History()).To(BeEmpty(), "nothing is asked at rest")

		w.source(moves(2)...)
		w.rest()
		w.expectLeavers(member(3), member(4))
		w.source(moves(4)...)
		w.rest()
		w.expectLeavers()
	})
}

// A reading by searches looks once for the members whom no row is about; a reading by a list
// shows them all.
func TestRequestsOfLeavers(t *testing.T) {
	for name, c := range map[string]struct{ users, more int }{"a list": {10, 0}, "searches": {20_000, 1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				requests := func(policy v1alpha1.LeaversPolicy) int {
					w := newWorld(t, moves(4), func(o *v1alpha1.BulkUserImport) { o.Spec.Leavers = policy })
					w.Org.Generate(c.users)
					w.rest()
					w.Sim.ForgetHistory()
					w.source(moves(3)...)
					w.rest()
					return len(w.Sim.History())
				}
				ignored := requests(v1alpha1.LeaversIgnore)
				NewWithT(t).Expect(requests(v1alpha1.LeaversReport)).To(Equal(ignored + c.more))
			})
		})
	}
}

// claimants are other objects that name users.
type claimants struct{ now plan.Claims }

func (c *claimants) Claims(context.Context, lifecycle.Member, string) (plan.Claims, error) {
	return c.now, nil
}

// claimed makes a world like newStaff's, in which other objects name users.
func claimed(t *testing.T, others *claimants) *world {
	t.Helper()
	object := &v1alpha1.BulkUserImport{}
	object.Namespace, object.Name = "identity", "hires"
	object.Spec.OrganizationRef = v1alpha1.OrganizationReference{Namespace: "identity", Name: "acme"}
	object.Spec.UsersFrom = []v1alpha1.RowsSource{{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: "hires", Key: "users.csv"}}}
	reporting(object)
	source := configMap(object.Namespace, "hires", map[string]string{"users.csv": strings.Join(moves(4), "\n")})
	build := func(config lifecycle.Config) *lifecycle.Reconciler[*v1alpha1.BulkUserImport] {
		return lifecycle.NewReconciler(&oneshot.Engine[*v1alpha1.BulkUserImport]{
			Kind: imports{rows.Loader{Reader: config.Client}}, Ledger: &ledger.Store{Reader: config.Client, Writer: config.Client},
			Timing: timing, Counters: noCounters{}, Claimants: others, Turns: turns.New(nil),
		}, config)
	}
	w := &world{enginetest.New(t, object, build, enginetest.Options[*v1alpha1.BulkUserImport]{Objects: []client.Object{source}})}
	w.Org.Generate(10)
	w.rest()
	return w
}

// A ConfigMap of that name that belongs to another owner is not touched, and is reported
// before anything is sent.
func TestMembersOfAConfigMapOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(2), reporting)
		w.ConfigMap("hires"+ledger.ImportMembersSuffix+"-000", map[string]string{"mine": "yes"})
		w.rest()
		w.ExpectReady("False/NameConflict")
		for _, r := range w.Sim.History() {
			w.Expect(r.Method).NotTo(Equal(http.MethodPatch), fmt.Sprint(r))
		}
		w.Expect(w.Org.Jobs()).To(BeEmpty())
	})
}
