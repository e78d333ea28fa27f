package scheduleduserstate_test

import (
	"cmp"
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Objects contend for users one by one: a user of another object is left out and reported, and
// the others are scheduled.
func TestUsersAreContendedForOneByOne(t *testing.T) {
	const conflict = "False/RemoteConflict"
	for name, c := range map[string]struct {
		younger   func(*spec)
		ready     string
		jobs      int
		contested string
	}{
		"one of two users":         {younger: users("grace", "ada"), ready: conflict, jobs: 2, contested: "ada"},
		"the only one, by email":   {younger: func(s *spec) { s.Users = []v1alpha1.UserReference{{Email: "ada@example.org"}} }, ready: conflict, jobs: 1, contested: "ada@example.org"},
		"a user who is not there":  {younger: users("grace", "joan"), ready: "False/UsersNotFound", jobs: 2},
		"another user":             {younger: users("grace"), ready: "True/Scheduled", jobs: 2},
		"another time":             {younger: starts(25 * time.Hour), ready: "True/Scheduled", jobs: 2},
		"another state, same time": {younger: becomes(activated), ready: "True/Scheduled", jobs: 2},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				t.Helper()
				younger := object("younger", c.younger)
				younger.CreationTimestamp = later(time.Hour)
				w := newWorld(t, []client.Object{younger}, users("ada", "joan"))
				w.Rest()
				older := w.Key
				w.turnTo("younger")
				w.Rest()
				w.ExpectReady(c.ready)
				w.Expect(w.Sent()).To(HaveLen(c.jobs))
				if c.contested == "" {
					return
				}
				w.Expect(w.Message()).To(ContainSubstring("ScheduledUserState identity/leave"))
				w.Expect(w.phases()).To(Equal(map[string]v1alpha1.ScheduledUserPhase{c.contested: v1alpha1.PhaseContested}))
				w.Key = older
				w.Delete()
				w.Until(w.Gone)
				w.turnTo("younger")
				w.Resync()
				w.ExpectReady("True/Scheduled")
			})
		})
	}
}

func (w *world) turnTo(name string) { w.Key = client.ObjectKey{Namespace: "identity", Name: name} }

// An older object names one of many, and has never scheduled anything.
func TestOneContestedUserOfAThousand(t *testing.T) {
	bubble(t, func(t *testing.T) {
		t.Helper()
		const many = 999
		younger := object("younger")
		younger.CreationTimestamp = later(time.Hour)
		w := newWorld(t, []client.Object{younger}, users("ada"))
		w.Org.Generate(many)
		names := []string{"ada"}
		for i := range many {
			names = append(names, fmt.Sprintf("user%06d", i+1))
		}
		w.EditOrganization(func(o *v1alpha1.Organization) {
			o.Spec.Guard = v1alpha1.Guard{MaxHarmful: new(int32(5000)), MaxPercent: new(int32(100))}
		})
		w.turnTo("younger")
		w.edit(users(names...))
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.summary().Scheduled).To(BeEquivalentTo(many))
		w.Expect(w.phases()).To(Equal(map[string]v1alpha1.ScheduledUserPhase{"ada": v1alpha1.PhaseContested}))
	})
}

// Objects that may not act on what they declare are in nobody's way.
func TestWhoMayNotActDoesNotContend(t *testing.T) {
	for name, spoil := range map[string]func(older *v1alpha1.ScheduledUserState, acme *v1alpha1.Organization){
		"its namespace is not admitted": func(older *v1alpha1.ScheduledUserState, acme *v1alpha1.Organization) {
			older.Namespace, older.Spec.OrganizationRef.Namespace = "tenant", "identity"
			acme.Spec.AllowedNamespaces.From = v1alpha1.NamespacesFromSame
		},
		"its kind is not granted": func(older *v1alpha1.ScheduledUserState, acme *v1alpha1.Organization) {
			older.Namespace, older.Spec.OrganizationRef.Namespace = "tenant", "identity"
			acme.Spec.AllowedNamespaces.Kinds = []string{"UserGroup"}
		},
		"its mode is Plan": func(older *v1alpha1.ScheduledUserState, _ *v1alpha1.Organization) {
			older.Spec.Mode = v1alpha1.ModePlan
		},
		"it is as good as gone": func(older *v1alpha1.ScheduledUserState, _ *v1alpha1.Organization) {
			older.Finalizers, older.DeletionTimestamp = []string{"example.org/other"}, new(later(0))
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				t.Helper()
				older, acme := object("older", users("ada")), &v1alpha1.Organization{}
				older.CreationTimestamp = later(-time.Hour)
				spoil(older, acme)
				w := newWorld(t, []client.Object{older}, users("ada", "grace"))
				w.EditOrganization(func(o *v1alpha1.Organization) {
					if granted := acme.Spec.AllowedNamespaces; granted.From != "" || granted.Kinds != nil {
						granted.From = cmp.Or(granted.From, v1alpha1.NamespacesFromAll)
						o.Spec.AllowedNamespaces = granted
					}
				})
				w.Rest()
				w.ExpectReady("True/Scheduled")
				w.Expect(w.summary().Scheduled).To(BeEquivalentTo(2))
			})
		})
	}
}

// Of three objects in a chain, the middle one has lost its user to the first, and so leaves
// the user to the third at its other date.
func TestWhoHasLostAUserDoesNotContendForThem(t *testing.T) {
	bubble(t, func(t *testing.T) {
		t.Helper()
		first, last := object("first", users("ada")), object("last", users("ada"), becomes(activated), starts(48*time.Hour))
		first.CreationTimestamp, last.CreationTimestamp = later(-time.Hour), later(time.Hour)
		w := newWorld(t, []client.Object{first, last}, users("ada"), ends(48*time.Hour))
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Sim.MutatingRequests()).To(BeEmpty())
		for _, name := range []string{"last", "first"} {
			w.turnTo(name)
			w.Rest()
			w.ExpectReady("True/Scheduled")
		}
		w.Expect(w.pending()).To(HaveLen(2))
	})
}

// An older object declares users whom a younger one has scheduled: the younger one keeps them.
// When it is deleted, its job is cancelled, and the older one goes on.
func TestWhoHasScheduledAUserKeepsThem(t *testing.T) {
	bubble(t, func(t *testing.T) {
		t.Helper()
		younger := object("younger", users("ada", "grace"), starts(30*time.Hour))
		younger.CreationTimestamp = later(time.Hour)
		w := newWorld(t, []client.Object{younger}, users("ada"))
		w.Rest()
		w.turnTo("younger")
		w.Rest()
		w.ExpectReady("True/Scheduled")

		w.turnTo("leave")
		w.edit(starts(30 * time.Hour))
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start.Add(6*time.Hour), "ada", "grace")))

		w.turnTo("younger")
		w.Resync()
		w.ExpectReady("True/Scheduled")
		w.Delete()
		w.Until(w.Gone)
		w.Expect(w.pending()).To(BeEmpty())

		w.turnTo("leave")
		w.Resync()
		w.ExpectReady("True/Scheduled")
		w.Expect(w.pending()).To(ConsistOf(scheduled("SUSPENDED", w.start.Add(6*time.Hour), "ada")))
		w.Expect(w.phases()).To(Equal(map[string]v1alpha1.ScheduledUserPhase{}))
	})
}
