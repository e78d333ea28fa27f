package e2e

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// startOperator starts one operator for the stories of a test.
func startOperator(t *testing.T, args ...string) {
	t.Helper()
	operator := plane.StartOperator(t, plane.Config, append([]string{
		"--request-timeout=3s", "--submission-settle-window=5s", "--job-stall-timeout=4s",
	}, args...)...)
	operator.WaitReady(t)
}

func TestImports(t *testing.T) {
	startOperator(t)

	t.Run("creates users", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 10)
		w.importOf("hires", v1alpha1.BulkUserImportSpec{UsersFrom: []v1alpha1.RowsSource{w.csv("hires", people(30)...)}})
		done := w.await("hires", v1alpha1.SucceededReason)
		w.Expect(message(done)).To(Equal("30 users: 30 created"))
		w.Expect(w.org.CountUsers()).To(Equal(40))
		w.Expect(w.org.UserByUsername("new00007")).To(HaveKeyWithValue("department", "Engines"))
		w.Expect(w.org.UserByUsername("new00007")).To(HaveKeyWithValue("state", "STAGED"))
		w.Expect(w.org.Mails()).To(BeEmpty())
		w.Expect(done.Finalizers).To(BeEmpty())
		w.once()
	})
}
