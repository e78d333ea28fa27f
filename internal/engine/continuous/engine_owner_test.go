package continuous_test

import (
	"errors"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

// As long as it is unknown whether another object stands for the same thing, nothing is sent
// and a deletion waits: it would leave behind what is the object's own, or delete what is not.
func TestADeletionWaitsUntilItIsKnownWhoOwns(t *testing.T) {
	for name, contended := range map[string]bool{"an older one does": true, "no other does": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, []int{1}, []int{1}, deletes)
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.Expect(w.Finalized()).To(BeTrue())
				if contended {
					older := w.Get().DeepCopy()
					older.ObjectMeta = metav1.ObjectMeta{Namespace: "identity", Name: "older", UID: "a-uid", CreationTimestamp: metav1.Unix(1, 0)}
					older.Status = v1alpha1.UserGroupStatus{}
					w.Expect(w.API.Create(t.Context(), older)).To(Succeed())
				}

				w.OnCall = func(c enginetest.Call, do func() error) error {
					if c.Verb == "list" {
						return errors.New("the cache does not answer")
					}
					return do()
				}
				w.Delete()
				for range 5 {
					w.Pass()
					w.Expect(w.Gone()).To(BeFalse())
				}
				w.Expect(w.Org.UserGroup(w.group)).NotTo(BeNil())
				w.OnCall = nil
				w.Until(w.Gone)
				w.Expect(w.Org.UserGroup(w.group) == nil).To(Equal(!contended))
			})
		})
	}
}
