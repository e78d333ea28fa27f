package organization_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// listUsers reads all users, as an import does.
func (w *world) listUsers() {
	w.Helper()
	s, ok := w.pool.Get(client.ObjectKey{Namespace: w.namespace, Name: "acme"})
	w.Expect(ok).To(BeTrue())
	read := s.Users.Read(directory.Keys{}, func(*jumpcloud.User) {})
	err := read.Advance(w.Context())
	for errors.Is(err, directory.ErrReading) {
		err = read.Advance(w.Context())
	}
	w.Expect(err).NotTo(HaveOccurred())
}

// unreadable expects the status, at the next pass, and the metric to count this many records.
func (w *world) unreadable(records int) {
	w.Helper()
	w.listUsers()
	w.changeOrganization(func(o *v1alpha1.Organization) {
		o.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: fmt.Sprint("counted ", records)}
	})
	w.Eventually(func() int32 { return w.get().Status.UnreadableRecords }).Should(BeEquivalentTo(records))
	w.Expect(testutil.CollectAndCompare(w.pool.Collector(), strings.NewReader(fmt.Sprintf(`
# HELP jumpcloud_unreadable_records Users in the last complete list of an organization with a value that cannot be read.
# TYPE jumpcloud_unreadable_records gauge
jumpcloud_unreadable_records{organization=%q} %d
`, w.org.ID(), records)), "jumpcloud_unreadable_records")).To(Succeed())
}

func TestUnreadableRecordsAreCountedUntilTheyAreCorrected(t *testing.T) {
	w := newWorld(t, 3)
	w.operate()
	w.secret(map[string]string{"api-key": apiKey})
	w.organization()
	w.await(v1alpha1.SucceededReason)
	odd := w.org.Users()[1]["_id"].(string)

	w.Expect(w.org.UpdateUser(odd, jumpcloudtest.User{"employeeIdentifier": 42})).To(BeTrue())
	w.unreadable(1)
	w.Expect(w.org.UpdateUser(odd, jumpcloudtest.User{"employeeIdentifier": "42"})).To(BeTrue())
	w.unreadable(0)
}
