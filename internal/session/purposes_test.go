package session

import (
	"net/http"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

const writerKey = "key-of-the-writer"

// twoConnection has separate credentials for mutating calls.
var twoConnection = Connection{BaseURL: baseURL, Reading: Source{UID: "reader"}, Writing: Source{UID: "writer"}}

// putTwo gives acme two sets of credentials; the simulator refuses mutating calls with those
// for reads.
func (w *remoteWorld) putTwo(c Connection, writing jumpcloud.Credentials) *Session {
	w.sim.AddCredential(jumpcloudtest.Credential{APIKey: key, Organizations: []string{w.org.ID()}, ReadOnly: true})
	w.sim.AddCredential(jumpcloudtest.Credential{APIKey: writerKey, Organizations: []string{w.org.ID()}})
	w.Expect(w.pool.Put(anOrganization("acme"), c, jumpcloud.Separate(credentials, writing), w.org.ID())).To(Succeed())
	s, ok := w.pool.Get(acme)
	w.Expect(ok).To(BeTrue())
	return s
}

// change makes a mutating call.
func (w *remoteWorld) change(s *Session) error {
	_, err := s.Client.CreateUserGroup(w.ctx, jumpcloud.Submission{Deadline: time.Now().Add(time.Minute)}, jumpcloud.UserGroupInput{Name: "engines"})
	return err
}

// If only the credentials for changes are rejected, that is confirmed with them, once; reads
// continue, and no mutating call is sent.
func TestReadsGoOnWhereOnlyTheOtherCredentialsAreRejected(t *testing.T) {
	w := newRemoteWorld(t, 3)
	s := w.putTwo(twoConnection, jumpcloud.APIKey(writerKey))
	var told []Event
	w.pool.Subscribe(t.Context(), func(e Event) { told = append(told, e) })
	w.sim.RevokeCredential(writerKey)
	err := w.change(s)
	w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Auth))
	w.requests()
	rejected, _ := s.ConfirmRejection(t.Context(), err)
	w.Expect(rejected).To(BeTrue())
	asked := w.requests()
	w.Expect(asked).To(HaveLen(1))
	w.Expect(asked[0].Path).To(Equal("/api/organizations"))
	w.Expect(told).To(Equal([]Event{{Organization: acme, Rejected: true}}))

	current, ok := w.pool.Get(acme)
	w.Expect(ok).To(BeTrue())
	w.Expect(current).NotTo(BeIdenticalTo(s))
	w.Expect(current.Unwritable()).To(Equal(v1alpha1.AuthenticationFailedReason))
	w.Expect(why(current)).To(BeEmpty(), "changes wait, they are not left out")
	w.Expect(current.shared).To(BeIdenticalTo(s.shared))
	w.requests()
	_, err = current.Users.Count(t.Context())
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(w.requests()).To(HaveLen(1))
	err = w.change(current)
	w.Expect(jumpcloud.PossiblyAuth(err)).To(BeTrue())
	for _, session := range []*Session{s, current} {
		rejected, err = session.ConfirmRejection(t.Context(), err)
		w.Expect(rejected).To(BeTrue())
		w.Expect(err).NotTo(HaveOccurred())
		err = w.change(current)
	}
	w.Expect(w.requests()).To(BeEmpty())

	w.Expect(w.rejected(twoConnection)).To(Equal("writing"))
	w.Expect(w.pool.Connected(acme, twoConnection)).To(BeTrue())

	withheld := twoConnection
	withheld.Unwritable = v1alpha1.AuthenticationFailedReason
	told = nil
	w.Expect(w.putTwo(withheld, jumpcloud.Unusable())).To(BeIdenticalTo(current), "a check that finds it again changes nothing")
	w.Expect(told).To(BeEmpty())
	healed := w.putTwo(twoConnection, jumpcloud.APIKey(writerKey))
	w.Expect(w.change(healed)).To(Succeed())
	w.Expect(told).To(HaveLen(1))
}

// A suspicion about the credentials for reads is confirmed with those, and without them
// nothing works.
func TestNothingGoesOnWithoutTheCredentialsForReads(t *testing.T) {
	w := newRemoteWorld(t, 3)
	s := w.putTwo(twoConnection, jumpcloud.APIKey(writerKey))
	rejected, err := s.ConfirmRejection(t.Context(), suspicion)
	w.Expect(rejected).To(BeFalse())
	w.Expect(err).NotTo(HaveOccurred())
	w.sim.RevokeCredential(writerKey) // this key is not involved
	w.sim.RevokeCredential(key)
	w.requests()
	rejected, _ = s.ConfirmRejection(t.Context(), suspicion)
	w.Expect(rejected).To(BeTrue())
	w.Expect(w.requests()).To(HaveLen(1))
	_, ok := w.pool.Get(acme)
	w.Expect(ok).To(BeFalse())
	w.Expect(w.rejected(twoConnection)).To(Equal("reading"))
}

// If one set of credentials is used for all calls, it is rejected as a whole, whichever call
// finds that out.
func TestCredentialsForAllCallsAreRejectedAsAWhole(t *testing.T) {
	w := newRemoteWorld(t, 0)
	w.sim.RevokeCredential(key)
	rejected, _ := w.session.ConfirmRejection(t.Context(), w.change(w.session))
	w.Expect(rejected).To(BeTrue())
	_, ok := w.pool.Get(acme)
	w.Expect(ok).To(BeFalse())
}

func TestAnOrganizationThatObservesOnlyPlans(t *testing.T) {
	w := newRemoteWorld(t, 0)
	w.Expect(why(w.session)).To(BeEmpty())
	observing := Connection{BaseURL: baseURL, Reading: Source{UID: "reader"}}
	s := w.putTwo(observing, nil)
	w.Expect(s.Spec.Mode).To(Equal(v1alpha1.ModePlan))
	w.Expect(why(s)).To(ContainSubstring("readCredentials"))
	w.Expect(s.Unwritable()).To(BeEmpty())
	w.requests()
	err := w.change(s)
	w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.NotSent))
	w.Expect(jumpcloud.PossiblyAuth(err)).To(BeFalse())
	w.Expect(w.requests()).To(BeEmpty())

	planned := w.put(anOrganization("acme", func(o *v1alpha1.Organization) { o.Generation, o.Spec.Mode = 2, v1alpha1.ModePlan }), connection)
	w.Expect(why(planned)).To(ContainSubstring("spec.mode is Plan"))
}

// Two organizations at the same endpoint share nothing: neither readings, nor the limiter, nor
// a pause.
func TestOrganizationsShareNothing(t *testing.T) {
	w := newRemoteWorld(t, 3)
	other := w.sim.AddOrganization(jumpcloudtest.OrganizationOptions{APIKey: "other", Users: 5})
	object := anOrganization("other")
	w.Expect(w.pool.Put(object, connection, jumpcloud.APIKey("other"), other.ID())).To(Succeed())
	second, ok := w.pool.Get(keyOf(object))
	w.Expect(ok).To(BeTrue())
	for session, users := range map[*Session]int{w.session: 3, second: 5} {
		count, err := session.Users.Count(t.Context())
		w.Expect(err).NotTo(HaveOccurred())
		w.Expect(count).To(Equal(users))
		_, err = session.UserGroups.Read(t.Context(), time.Time{})
		w.Expect(err).NotTo(HaveOccurred())
	}
	w.Expect(w.requests()).To(HaveLen(4))
	w.sim.Script(jumpcloudtest.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"30"}}})
	_, err := w.session.Client.ListOrganizations(t.Context())
	w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.RateLimited))
	_, err = second.Client.ListOrganizations(t.Context())
	w.Expect(err).NotTo(HaveOccurred())
}

// A caller that asks when the flight that found the rejection has just ended does not send
// another request to JumpCloud.
func TestARejectionIsConfirmedOnceHoweverLateOthersAsk(t *testing.T) {
	for range 50 {
		w := newRemoteWorld(t, 0)
		w.sim.RevokeCredential(key)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				rejected, _ := w.session.ConfirmRejection(t.Context(), suspicion)
				w.Expect(rejected).To(BeTrue())
			})
		}
		all.Wait()
		w.Expect(w.requests()).To(HaveLen(1))
	}
}

// A flight that begins after the one that found the rejection sends no request, even if its
// caller looked before.
func TestAFlightAfterARejectionAsksNothing(t *testing.T) {
	w := newRemoteWorld(t, 0)
	w.sim.RevokeCredential(key)
	w.Expect(jumpcloud.ClassOf(w.session.confirm(t.Context(), jumpcloud.Reading))).To(Equal(jumpcloud.Auth))
	w.Expect(w.session.confirm(t.Context(), jumpcloud.Reading)).To(Succeed())
	w.Expect(w.requests()).To(HaveLen(1))
}

// why returns why nothing may be changed through the session.
func why(s *Session) string {
	because, _ := s.PlanOnly()
	return because
}
