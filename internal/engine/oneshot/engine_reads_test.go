package oneshot_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// The directory is large. A run that needs nothing from it must not read it.
func TestTheDirectoryIsNotReadForNothing(t *testing.T) {
	t.Run("no rows", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, hires(0), func(o *v1alpha1.BulkUserImport) {
				o.Annotations = map[string]string{v1alpha1.AllowEmptyAnnotation: "true"}
			})
			w.Org.Generate(3000)
			w.rest()
			w.ExpectReady("True/Succeeded")
			w.Expect(reads(w.Sim.History())).To(BeZero())
		})
	})
	t.Run("no valid rows", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, []string{"username,email", "ada,", "chas,"}, func(o *v1alpha1.BulkUserImport) {
				o.Spec.OnInvalidRow = v1alpha1.OnInvalidRowSkip
			})
			w.Org.Generate(3000)
			w.rest()
			w.ExpectReady("False/RowsFailed")
			w.Expect(w.Get().Status.Summary.Failed).To(BeEquivalentTo(2))
			w.Expect(reads(w.Sim.History())).To(BeZero())
		})
	})
	t.Run("nothing to prove", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, hires(3))
			w.Org.Generate(3000)
			w.Sim.Script(jumpcloudtest.Fault{
				Match: jumpcloudtest.Match{Method: http.MethodPost, Path: "/api/v2/bulk/users"}, Status: http.StatusBadRequest,
			})
			w.rest()
			w.ExpectReady("False/SubmissionRejected")
			history := w.Sim.History()
			for i, request := range history {
				if request.Path == "/api/v2/bulk/users" {
					w.Expect(reads(history[i:])).To(BeZero(), "what became of the rows is known")
				}
			}
			w.Expect(reads(history)).To(BeNumerically("<", 10), "three rows are searched for")
		})
	})
}
