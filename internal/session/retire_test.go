package session

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Deleting a namespace deletes its Secret and its Organization in any order.
func TestASessionOutlivesItsSecret(t *testing.T) {
	w := newRemoteWorld(t, 0)
	deleted := anOrganization("acme", func(o *v1alpha1.Organization) { o.Generation = 2 })
	w.pool.Retire(acme)
	_, ok := w.pool.Get(acme)
	w.Expect(ok).To(BeFalse(), "without its Secret nothing works with the credentials")
	w.Expect(w.pool.Refused(acme)).To(BeTrue())
	w.pool.Retire(acme) // the next check finds no Secret either

	var told []Event
	w.pool.Subscribe(t.Context(), func(e Event) { told = append(told, e) })
	w.Expect(w.pool.Keep(deleted)).To(BeTrue())
	w.Expect(told).To(Equal([]Event{{Organization: acme}}))
	s, ok := w.pool.Get(acme)
	w.Expect(ok).To(BeTrue())
	w.Expect(s.Generation).To(BeEquivalentTo(2))
	w.Expect(s.Client).To(BeIdenticalTo(w.session.Client))
	w.Expect(w.pool.Keep(deleted)).To(BeTrue())
	w.Expect(told).To(HaveLen(1), "a pass that finds nothing new wakes nobody")
	_, err := s.Client.ListOrganizations(t.Context())
	w.Expect(err).NotTo(HaveOccurred())

	w.pool.Forget(acme)
	w.Expect(w.pool.Keep(deleted)).To(BeFalse())
	w.Expect(w.pool.registry.organizations).To(BeEmpty())
}

func TestAnotherEndOfACheckDropsWhatWasKeptAside(t *testing.T) {
	other := connection
	other.Reading.Version, other.Writing.Version = "2", "2"
	for name, then := range map[string]func(w *remoteWorld){
		"refused":   func(w *remoteWorld) { w.pool.Remove(acme) },
		"gone":      func(w *remoteWorld) { w.pool.Forget(acme) },
		"connected": func(w *remoteWorld) { w.put(anOrganization("acme"), other); w.pool.Remove(acme) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newRemoteWorld(t, 0)
			w.pool.Retire(acme)
			then(w)
			w.Expect(w.pool.Keep(anOrganization("acme"))).To(BeFalse())
			w.Expect(w.pool.known(acme).retired).To(BeNil())
			w.Expect(w.pool.registry.organizations).To(BeEmpty())
		})
	}
}

func TestAnotherObjectOfTheNameIsNotConnected(t *testing.T) {
	w := newRemoteWorld(t, 0)
	w.Expect(w.pool.Keep(anOrganization("acme", func(o *v1alpha1.Organization) { o.UID = "another" }))).To(BeFalse())
}

// With two Secrets, the one for changes may be deleted first.
func TestASessionOutlivesTheSecretForChanges(t *testing.T) {
	finalized := func(o *v1alpha1.Organization) { o.Finalizers = []string{v1alpha1.Finalizer} }
	without := connection
	without.Unwritable = v1alpha1.CredentialsNotFoundReason
	for name, then := range map[string]func(w *remoteWorld){
		"only that":              func(*remoteWorld) {},
		"at a resync, too":       func(w *remoteWorld) { w.put(anOrganization("acme", finalized), without) },
		"the one for reads next": func(w *remoteWorld) { w.pool.Retire(acme) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newRemoteWorld(t, 0)
			w.Expect(w.put(anOrganization("acme", finalized), without).Unwritable()).NotTo(BeEmpty(), "nothing is changed without it")
			then(w)
			w.Expect(w.pool.Keep(anOrganization("acme"))).To(BeTrue())
			s, _ := w.pool.Get(acme)
			w.Expect(s.Unwritable()).To(BeEmpty())
			w.Expect(s.Client).To(BeIdenticalTo(w.session.Client))
			w.pool.Forget(acme)
			w.Expect(w.pool.registry.organizations).To(BeEmpty())
			w.Expect(w.pool.known(acme).retired).To(BeNil())
		})
	}
	t.Run("nothing is left to do", func(t *testing.T) {
		w := newRemoteWorld(t, 0)
		w.put(anOrganization("acme"), without)
		w.Expect(w.pool.Keep(anOrganization("acme"))).To(BeFalse())
	})
}
