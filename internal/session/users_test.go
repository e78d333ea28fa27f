package session

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/directory"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// finish advances a read to its end or an error, however slow the machine is.
func (w *remoteWorld) finish(read *directory.Read) error {
	err := read.Advance(w.ctx)
	for errors.Is(err, directory.ErrReading) {
		err = read.Advance(w.ctx)
	}
	return err
}

// list lists all users.
func (w *remoteWorld) list(visit func(*jumpcloud.User)) {
	w.Expect(w.finish(w.session.Users.Read(directory.Keys{}, visit))).To(Succeed())
}

// Objects of one organization share what any of them has read.
func TestSharersHaveOneDirectory(t *testing.T) {
	w := newRemoteWorld(t, 3)
	w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engineers"})
	listing, err := w.session.UserGroups.Read(t.Context(), time.Time{})
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(listing.Items).To(HaveLen(1))
	w.list(func(*jumpcloud.User) {})
	w.requests()

	other := w.put(anOrganization("other"), connection)
	again, err := other.UserGroups.Read(t.Context(), time.Time{})
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(again).To(BeIdenticalTo(listing))
	count, err := other.Users.Count(t.Context())
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(count).To(Equal(3))
	w.Expect(w.requests()).To(BeEmpty())
}

// A reading that began with one key continues with the key that replaced it.
func TestAReadOutlivesARotation(t *testing.T) {
	w := newRemoteWorld(t, 250)
	w.transport.set(func(r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "skip=99") {
			w.transport.set(nil)
			w.sim.RevokeCredential(key)
		}
	})
	var seen []string
	read := w.session.Users.Read(directory.Keys{}, func(u *jumpcloud.User) { seen = append(seen, u.ID) })
	w.Expect(jumpcloud.PossiblyAuth(w.finish(read))).To(BeTrue())

	w.sim.AddCredential(jumpcloudtest.Credential{APIKey: "second", Organizations: []string{w.org.ID()}})
	w.pool.Remove(acme)
	w.Expect(w.pool.Put(anOrganization("acme"), connectionOf("2"), jumpcloud.APIKey("second"), w.org.ID())).To(Succeed())
	w.Expect(w.finish(read)).To(Succeed())
	w.Expect(seen).To(HaveLen(250))
}

func TestAdministratorsAndListedUsersAreProtected(t *testing.T) {
	w := newRemoteWorld(t, 0)
	id := "65f1c0ffee65f1c0ffee0aaa"
	s := w.put(anOrganization("acme", func(o *v1alpha1.Organization) {
		o.Generation = 2
		o.Spec.ProtectedUsers = []v1alpha1.UserReference{{Username: "root"}, {Email: "Boss@example.org"}, {ID: id}}
	}), connection)
	for _, person := range []directory.User{{Admin: true}, {Username: "root"}, {Email: "boss@Example.org"}, {ID: id}} {
		w.Expect(s.Protected(person)).To(BeTrue(), "%v", person)
	}
	for _, person := range []directory.User{{}, {Username: "Root"}, {Username: id}, {Email: "root"}} {
		w.Expect(s.Protected(person)).To(BeFalse(), "%v", person)
	}
}
