package planapproval

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

var errLost = errors.New("the answer is lost")

// atWrite makes something happen before or after the operator's n-th write, counted from 0,
// and may lose the write's answer. It returns the number of writes.
func (w *world) atWrite(n int, after, lost bool, happens func()) *int {
	w.t.Helper()
	api, ok := w.api.(client.WithWatch)
	w.Expect(ok).To(BeTrue())
	writes := new(int)
	write := func(do func() error) error {
		*writes++
		if *writes-1 != n {
			return do()
		}
		if !after {
			happens()
		}
		err := do()
		if after {
			happens()
		}
		if lost {
			return errLost
		}
		return err
	}
	w.reconciler.Client = interceptor.NewClient(api, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, options ...client.PatchOption) error {
			return write(func() error { return c.Patch(ctx, o, p, options...) })
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, o client.Object, options ...client.SubResourceUpdateOption) error {
			return write(func() error { return c.SubResource(sub).Update(ctx, o, options...) })
		},
	})
	return writes
}

// Whatever happens at a write, a PlanApproval finally reports the truth, and belongs to the
// object that it was made for.
func TestSomethingHappensAtAWrite(t *testing.T) {
	mine := types.NamespacedName{Namespace: "identity", Name: "mine"}
	for title, c := range map[string]struct {
		happens func(*world)
		end     string // "": it is gone
	}{
		"nothing":                 {func(*world) {}, "True Granted"},
		"the plan moves":          {func(w *world) { w.become(waiting("sha256:b")) }, "False PlanChanged Stalled"},
		"the plan is carried out": {func(w *world) { w.become(v1alpha1.ChangePlan{Grant: v1alpha1.Grant{DoneHash: "sha256:a"}}) }, "True Used"},
		"the object is made again": {func(w *world) {
			w.Expect(w.api.Delete(w.t.Context(), group("uid", waiting("sha256:a")))).To(Succeed())
			w.Expect(w.api.Create(w.t.Context(), group("another-uid", waiting("sha256:a")))).To(Succeed())
		}, "False PlanChanged Stalled"},
		"the object is deleted": {func(w *world) {
			w.Expect(w.api.Delete(w.t.Context(), group("uid", waiting("sha256:a")))).To(Succeed())
		}, "False SourceNotFound"},
		"an older one turns up": {func(w *world) { w.approve("older", "UserGroup", "sha256:a", time.Minute) }, "False RemoteConflict Stalled"},
		"it is withdrawn":       {func(w *world) { w.Expect(w.api.Delete(w.t.Context(), w.get("mine"))).To(Succeed()) }, ""},
		"it is edited": {func(w *world) {
			note := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"annotations":{"example.org/by":"grace"}}}`))
			w.Expect(w.api.Patch(w.t.Context(), w.get("mine"), note)).To(Succeed())
		}, "True Granted"},
	} {
		for n := range 2 { // the owner reference, and the status
			for _, at := range []struct{ after, lost bool }{{false, false}, {false, true}, {true, false}, {true, true}} {
				t.Run(fmt.Sprintf("%s, write %d, after %v, lost %v", title, n, at.after, at.lost), func(t *testing.T) {
					w := newWorld(t, group("uid", waiting("sha256:a")))
					w.approve("mine", "UserGroup", "sha256:a", 0)
					writes := w.atWrite(n, at.after, at.lost, func() { c.happens(w) })
					_, _ = w.reconciler.Reconcile(t.Context(), reconcile.Request{NamespacedName: mine})
					w.Expect(*writes).To(BeNumerically(">", n), "the write is reached")
					for range 2 { // the first write of the next pass may conflict with the one whose answer was lost
						_, err := w.reconciler.Reconcile(t.Context(), reconcile.Request{NamespacedName: mine})
						w.Expect(err).NotTo(HaveOccurred())
					}
					if c.end == "" {
						w.Expect(w.api.Get(t.Context(), mine, &v1alpha1.PlanApproval{})).NotTo(Succeed(), "it does not come back")
						return
					}
					w.Expect(w.look("mine")).To(Equal(c.end))
					w.Expect(w.get("mine").Status.ObjectUID).To(Or(BeEmpty(), Equal("uid")))
					w.Expect(w.get("mine").OwnerReferences).To(ConsistOf(HaveField("UID", types.UID("uid"))))
					before := *writes
					w.look("mine")
					w.Expect(*writes).To(Equal(before), "at rest nothing is written")
				})
			}
		}
	}
}
