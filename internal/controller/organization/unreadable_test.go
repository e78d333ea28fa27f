package organization_test

import (
	"errors"
	"fmt"
	"net/http"
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

// An organization whose id cannot be read stops nobody who is pinned to another one. It may be
// the one that is meant if none is named, and then nothing is chosen.
func TestAnOrganizationWhoseIDCannotBeRead(t *testing.T) {
	for _, pinned := range []bool{true, false} {
		w := newWorld(t, 0)
		w.sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Path: "/api/organizations", Times: -1}, Status: http.StatusOK,
			Body: fmt.Sprintf(`{"totalCount":2,"results":[{"_id":7},{"_id":%q}]}`, w.org.ID()),
		})
		w.operate()
		w.secret(map[string]string{"api-key": apiKey})
		w.organization(func(o *v1alpha1.Organization) {
			if pinned {
				o.Spec.OrganizationID = w.org.ID()
			}
		})
		if !pinned {
			w.await(v1alpha1.RemoteUnavailableReason)
			w.Expect(w.get().Status.OrganizationID).To(BeEmpty())
			continue
		}
		w.await(v1alpha1.SucceededReason)
		w.Expect(w.get().Status.OrganizationID).To(Equal(w.org.ID()))
	}
}
