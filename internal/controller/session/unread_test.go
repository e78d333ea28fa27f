package session

import (
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// answer makes every list of users have these records.
func (w *remoteWorld) answer(body string) {
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Path: lists, Times: -1}, Status: http.StatusOK, Body: body})
}

// An unreadable value proves nothing about values of its kind, and hides
// nothing else.
func TestUnreadableValuesProveNoAbsence(t *testing.T) {
	byName, byEmail, byID := v1alpha1.UserReference{Username: "nobody"}, v1alpha1.UserReference{Email: "nobody@x"}, v1alpha1.UserReference{ID: "65f1c0ffee65f1c0ffee0fff"}
	const sound = `{"_id":"65f1c0ffee65f1c0ffee0001","username":"ada","email":"ada@x"}`
	for record, unknown := range map[string][]v1alpha1.UserReference{
		`{"_id":"65f1c0ffee65f1c0ffee0002","username":"chas","email":"c@x","employeeIdentifier":42,"sudo":"x"}`: {},
		`{"_id":"65f1c0ffee65f1c0ffee0002","username":5,"email":"c@x"}`:                                         {byName},
		`{"_id":"65f1c0ffee65f1c0ffee0002","username":"chas","email":{}}`:                                       {byEmail},
		`{"_id":7,"username":"chas","email":"c@x"}`:                                                             {byID},
		`"odd"`: {byName, byEmail, byID},
	} {
		t.Run(record, func(t *testing.T) {
			w := newRemoteWorld(t, 0)
			w.answer(`{"totalCount":"2","results":[` + sound + `,` + record + `]}`)
			for _, ref := range []v1alpha1.UserReference{byName, byEmail, byID} {
				resolution, err := w.session.Directory.Resolve(t.Context(), []v1alpha1.UserReference{ref, named("ada")}, time.Time{})
				if contains(unknown, ref) {
					w.Expect(err).To(MatchError(ErrUnreadable), "%v", ref)
					continue
				}
				w.Expect(err).NotTo(HaveOccurred(), "%v", ref)
				_, found := resolution.Find(ref)
				w.Expect(found).To(BeFalse())
			}
			_, found := w.resolve(time.Time{}, named("ada")).Find(named("ada"))
			w.Expect(found).To(BeTrue())
			records, known := w.session.remote.users.unread()
			w.Expect(known).To(BeTrue())
			w.Expect(records).To(Equal(1))
		})
	}
}

func contains(all []v1alpha1.UserReference, ref v1alpha1.UserReference) bool {
	for _, other := range all {
		if other == ref {
			return true
		}
	}
	return false
}

// A user who is found and has no id is nobody that anything can be done about.
func TestAUserWithoutAnIDIsNotFound(t *testing.T) {
	w := newRemoteWorld(t, 0)
	w.answer(`{"totalCount":1,"results":[{"_id":7,"username":"chas"}]}`)
	_, err := w.session.Directory.Resolve(t.Context(), []v1alpha1.UserReference{named("chas")}, time.Time{})
	w.Expect(err).To(MatchError(ErrUnreadable))
}

// Whoever may be protected is.
func TestWhoMayBeProtectedIs(t *testing.T) {
	g := NewWithT(t)
	s := &Session{}
	g.Expect(s.Protected(Person{Unread: UsernameKeys})).To(BeFalse(), "nobody is, but administrators")
	s.Spec.ProtectedUsers = []v1alpha1.UserReference{{Username: "root"}}
	g.Expect(s.Protected(Person{ID: "x", Unread: UsernameKeys})).To(BeTrue())
	g.Expect(s.Protected(Person{ID: "x", Username: "ada", Unread: EmailKeys})).To(BeFalse())
}

// A total that cannot be read is found out by reading.
func TestATotalThatCannotBeRead(t *testing.T) {
	for _, total := range []string{`null`, `"many"`, `[]`, `-3`, `1.5`} {
		t.Run(total, func(t *testing.T) {
			w := newRemoteWorld(t, 0)
			w.answer(`{"totalCount":` + total + `,"results":[{"_id":"65f1c0ffee65f1c0ffee0001","username":"ada"}]}`)
			_, err := w.session.Directory.Count(t.Context())
			w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Unavailable))
			read := w.session.Directory.Read(Keys{Usernames: []string{"ada"}}, func(*jumpcloud.User) {})
			w.Expect(read.Advance(t.Context())).To(Succeed())
			w.Expect(read.Result().Complete).To(BeTrue())
			w.Expect(w.session.Directory.Count(t.Context())).To(Equal(1))
		})
	}
}
