package user_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// harming bounds how many users may be harmed in the Organization's window.
func (w *world) harming(most int32) {
	w.T.Helper()
	w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Guard.Window.MaxHarmful = &most })
}

// remaining returns the Users that still exist.
func (w *world) remaining(keys []client.ObjectKey) (left []client.ObjectKey) {
	w.T.Helper()
	for _, key := range keys {
		err := w.API.Get(w.T.Context(), key, &v1alpha1.User{})
		if !apierrors.IsNotFound(err) {
			w.Expect(err).NotTo(HaveOccurred())
			left = append(left, key)
		}
	}
	return left
}

func (w *world) suspended() int {
	n := 0
	for _, u := range w.Org.Users() {
		if u["state"] == "SUSPENDED" {
			n++
		}
	}
	return n
}

// A namespace with a thousand Users with the policy Suspend is deleted: the window holds the
// finalizers of most of them, and each message says how to go on.
func TestThousandDeletedUsersAreHeldByTheWindow(t *testing.T) {
	const many, room = 1000, 50
	fleet(t, many, func(w *world, keys []client.ObjectKey) {
		for _, key := range keys {
			w.add(key.Name, nil)
		}
		w.harming(room)
		w.restAll(keys)
		for _, key := range keys {
			w.TurnTo(key.Name)
			w.Delete()
		}
		w.restAll(keys)
		left := w.remaining(keys)
		w.Expect(left).To(HaveLen(many - room))
		w.Expect(w.suspended()).To(Equal(room))
		w.Expect(w.Counted().Harmful).To(Equal(room))
		for _, key := range left {
			w.TurnTo(key.Name)
			w.ExpectReady("False/ApprovalRequired")
			w.Expect(w.Message()).To(And(ContainSubstring("status.withheld"), ContainSubstring(v1alpha1.AbandonAnnotation)))
			w.Expect(w.Finalized()).To(BeTrue())
		}
		w.Expect(w.bodies(http.MethodPut)).To(HaveLen(room), "each call is sent once")

		w.TurnTo(left[0].Name)
		w.Annotate(v1alpha1.AbandonAnnotation, "true")
		w.Until(w.Gone)
		w.TurnTo(left[1].Name)
		w.Edit(func(o *v1alpha1.User) { o.Spec.ApprovedPlan = o.Status.Plan.Hash })
		w.Until(w.Gone)
		w.Expect(w.suspended()).To(Equal(room+1), "one was let go without it, the other one was approved")
	}, deletion(v1alpha1.DeletionPolicySuspend))
}
