package living_test

import (
	"context"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/lifecycle"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/living"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/controller/session"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// contender is members whose claims are only a hint.
type contender struct {
	members
	contends *bool
	err      *error
}

func (c contender) Contends(context.Context, *pass, *object) (bool, error) {
	return *c.contends, *c.err
}

// As long as it cannot be told whether an older object stands for the same,
// nothing is sent, and a deletion waits: it would leave behind what is its own,
// or delete what is not.
func TestADeletionWaitsUntilItIsKnownWhoOwns(t *testing.T) {
	for name, c := range map[string]struct{ contends, deleted bool }{
		"the older one does":     {contends: true},
		"the older one does not": {deleted: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var contends bool
				var err error
				const group = "65f1c0ffee65f1c0ffee5000"
				spec := v1alpha1.UserGroupSpec{
					OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"}, Name: group, DeletionPolicy: v1alpha1.DeletionPolicyDelete,
				}
				older := &object{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "older", UID: "a", CreationTimestamp: metav1.Unix(1, 0)}, Spec: spec}
				mine := &object{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "mine", UID: "b", CreationTimestamp: metav1.Unix(2, 0)}, Spec: spec}
				w := enginetest.NewLiving(t, mine, func(lifecycle.Config) living.Kind[*object, memory] {
					return contender{contends: &contends, err: &err}
				}, enginetest.Options[*object]{Objects: []client.Object{older}})
				w.Org.AddUserGroup(jumpcloudtest.UserGroup{"id": group, "name": "engineers"})
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.Expect(w.Finalized()).To(BeTrue())

				contends, err = c.contends, session.ErrReading
				w.Delete()
				for range 5 {
					w.Pass()
					w.Expect(w.Gone()).To(BeFalse())
				}
				w.Expect(w.Org.UserGroup(group)).NotTo(BeNil())
				err = nil
				w.Until(w.Gone)
				w.Expect(w.Org.UserGroup(group) == nil).To(Equal(c.deleted))
			})
		})
	}
}
