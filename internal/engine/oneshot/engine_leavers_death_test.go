package oneshot_test

import (
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// The manifest says whom a run suspends: the status knows what it says, and whoever
// edits it makes nobody else a leaver.
func TestTheLedgerOfLeaversIsEdited(t *testing.T) {
	for name, change := range map[string]func(w *world, c *corev1.ConfigMap) error{
		"to name another user": func(w *world, c *corev1.ConfigMap) error {
			c.Data["manifest.csv"] = strings.Replace(c.Data["manifest.csv"], w.id(member(4)), w.id(member(9)), 1)
			return w.API.Update(w.T.Context(), c)
		},
		"away": func(w *world, c *corev1.ConfigMap) error { return w.API.Delete(w.T.Context(), c) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := staffOf(t, 4, 10)
				w.batches(1)
				w.source(moves(1)...)
				w.Until(func() bool { return w.suspended() == 1 })
				c := &corev1.ConfigMap{}
				c.Namespace, c.Name = w.Key.Namespace, "hires"+ledger.ImportSuffix+"-000"
				w.Expect(w.API.Get(t.Context(), client.ObjectKeyFromObject(c), c)).To(Succeed())
				w.Expect(change(w, c)).To(Succeed())
				w.Restart()
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.expectGone(member(2), member(3), member(4))
				w.expectLeavers()
			})
		})
	}
}

// Wherever the process dies, each leaver is suspended once, and nobody else is.
func TestWhoLeftIsSuspendedAfterADeath(t *testing.T) {
	enginetest.EachDeath(t, func(t *testing.T, d enginetest.Death) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			w := staffOf(t, 4, 10)
			w.batches(1)
			w.Die(d)
			w.source(append(moves(2), hires(1)[1])...)
			w.rest()
			w.ExpectReady("True/Succeeded")
			w.expectGone(member(3), member(4))
			w.expectLeavers()
			for i := 3; i <= 4; i++ {
				w.Expect(w.puts(w.id(member(i)))).To(BeNumerically("<=", 2))
				w.expectRemembered(w.id(member(i)), false)
			}
			w.expectRemembered(w.id(member(1)), true)
			w.Expect(w.Get().Status.Summary).To(And(HaveField("Total", int32(5)), HaveField("Updated", int32(2)), HaveField("Created", int32(1)), HaveField("Unchanged", int32(2))))
		})
	})
}

func TestSuspendedLeaversUnderInterference(t *testing.T) {
	enginetest.RunStories(t, map[string]enginetest.Story[*world]{
		"leavers and a new user": {
			In: in(moves(4), suspending),
			Begin: func(w *world) {
				jobsOfTwo(w)
				w.window(20, 20, 100)
				w.Rest()
			},
			Steps: func(w *world) {
				w.source(append(moves(1), hires(1)[1])...)
				w.Rest()
			},
			End: func(w *world) {
				w.expectNobodyCreatedTwice()
				w.ExpectReady("True/Succeeded")
				w.expectGone(member(2), member(3), member(4))
				w.expectLeavers()
			},
			Harmed: (*world).suspended,
		},
		"leavers who are approved": {
			In: in(moves(3), suspending, afterApproval),
			Begin: func(w *world) {
				jobsOfTwo(w)
				w.Rest()
				w.approve()
				w.Rest()
				w.source(moves(1)...)
				w.Rest()
				w.ExpectReady("False/PlanChanged")
			},
			Steps: func(w *world) {
				w.approve()
				w.Rest()
			},
			End: func(w *world) {
				w.ExpectReady("True/Succeeded")
				w.expectGone(member(2), member(3))
				w.expectLeavers()
			},
		},
	})
}
