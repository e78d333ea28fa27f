package oneshot_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

// Whichever read of the source fails once: the run stays the same, and nothing is sent twice.
func TestASourceThatCannotBeReadForAMomentChangesNothing(t *testing.T) {
	for n, failed := 0, true; failed; n++ {
		failed = false
		t.Run(fmt.Sprintf("read %d", n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, hires(4))
				w.batches(2)
				reads := 0
				w.OnCall = func(c enginetest.Call, do func() error) error {
					if c.Verb != "get" || c.Object.GetName() != "hires" || isImport(c.Object) {
						return do()
					}
					reads++
					if reads == n+1 || reads == n+2 {
						failed = true
						return apierrors.NewServiceUnavailable("the API server is restarting")
					}
					return do()
				}
				w.rest()
				w.ExpectReady("True/Succeeded")
				w.Expect(w.Get().Status.RunNumber).To(BeEquivalentTo(1))
				w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(4))
				w.Expect(w.Org.Jobs()).To(HaveLen(2))
				w.expectEachSentOnce()
			})
		})
	}
}

func isImport(object client.Object) bool {
	_, ok := object.(*v1alpha1.BulkUserImport)
	return ok
}

// The content of an invalid row is never stored whole: it must not keep the ledger from being
// written.
func TestAnInvalidRowOfAnyLengthDoesNotHoldUpTheOthers(t *testing.T) {
	for _, column := range []string{"username", "email"} {
		t.Run(column, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				long := strings.Repeat("a", 600_000)
				bad := map[string]string{"username": long + ",a@example.org,x", "email": "ada," + long + ",x"}[column]
				w := newWorld(t, append(hires(2), bad), func(o *v1alpha1.BulkUserImport) { o.Spec.OnInvalidRow = v1alpha1.OnInvalidRowSkip })
				w.rest()
				w.Expect(w.Get().Status.Summary.Created).To(BeEquivalentTo(2))
				w.Expect(w.Get().Status.Summary.Failed).To(BeEquivalentTo(1))
			})
		})
	}
}
