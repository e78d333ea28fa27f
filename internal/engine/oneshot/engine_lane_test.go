package oneshot_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// During an import of thousands of rows, and whatever else waits for the rate limit, a call
// that suspends a user waits for at most one other call.
func TestSuspensionsDuringAnImport(t *testing.T) {
	const gone = 6
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, hires(3000))
		w.Org.Generate(200)
		w.EditOrganization(func(o *v1alpha1.Organization) { o.Spec.Limits.RequestsPerSecond, o.Spec.Limits.Burst = 5, 1 })
		leaving := w.suspending(gone)

		ctx, stop := context.WithCancel(t.Context())
		var others sync.WaitGroup
		others.Go(func() { w.passes(ctx, w.Key) })
		for range 8 {
			others.Go(func() { w.read(ctx) })
		}
		<-time.After(10 * time.Second)
		w.Expect(w.API.Create(ctx, leaving)).To(Succeed())
		began := len(w.Sim.History())
		for w.suspended() < gone {
			<-time.After(w.PassOver(w.T.Context(), client.ObjectKeyFromObject(leaving)))
		}
		w.Expect(w.Get().Status.CompletionTime).To(BeNil(), "the import is under way")
		stop()
		others.Wait()

		last, seen := 0, 0
		for i, call := range w.Sim.History()[began:] {
			if call.Method != http.MethodPut {
				continue
			}
			if seen > 0 {
				w.Expect(i-last).To(BeNumerically("<=", 2), "suspension %d", seen+1)
			}
			last, seen = i, seen+1
		}
		w.Expect(seen).To(Equal(gone))
	})
}

// suspending returns another import, which suspends n users.
func (w *world) suspending(n int) *v1alpha1.BulkUserImport {
	object := &v1alpha1.BulkUserImport{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Key.Namespace, Name: "leavers", UID: "leavers-uid", Generation: 1},
		Spec: v1alpha1.BulkUserImportSpec{
			OrganizationRef: v1alpha1.OrganizationReference{Namespace: "identity", Name: "acme"}, StateOnUpdate: v1alpha1.StateOnUpdateApply,
		},
	}
	for i := 1; i <= n; i++ {
		object.Spec.Users = append(object.Spec.Users, v1alpha1.UserRow{
			Username: new(member(i)), Email: new(member(i) + "@example.org"), UserAttributes: v1alpha1.UserAttributes{State: new(v1alpha1.UserStateSuspended)},
		})
	}
	return object
}

// passes makes passes over an object until ctx ends.
func (w *world) passes(ctx context.Context, key client.ObjectKey) {
	for ctx.Err() == nil {
		select {
		case <-time.After(w.PassOver(ctx, key)):
		case <-ctx.Done():
		}
	}
}

// read makes calls for others, one after another, until ctx ends.
func (w *world) read(ctx context.Context) {
	s, ok := w.Pool.Get(client.ObjectKey{Namespace: "identity", Name: "acme"})
	w.Expect(ok).To(BeTrue())
	for ctx.Err() == nil {
		for _, err := range s.Client.UserPages(ctx, jumpcloud.UserListOptions{Limit: 1}) {
			if err != nil {
				<-time.After(100 * time.Millisecond)
			}
			break
		}
	}
}
