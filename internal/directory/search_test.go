package directory

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// people adds users whose names are hard to search for.
func (w *world) people() {
	for i, username := range []string{"ada.byron", "Ada.Byron2", "a+b(c)", "adaxbyron"} {
		w.org.AddUser(jumpcloudtest.User{
			"username": username, "email": fmt.Sprintf("person%d@example.org", i), "employeeIdentifier": fmt.Sprintf("E%d", i),
		})
	}
}

func (w *world) idOf(username string) string {
	return w.org.UserByUsername(username)["_id"].(string)
}

func TestFewUsersAreSearchedFor(t *testing.T) {
	w := newWorld(t, 1000)
	w.people()
	cases := map[string]struct {
		keys Keys
		want []string
	}{
		"username":            {Keys{Usernames: []string{"ada.byron"}}, []string{"ada.byron"}},
		"username, any case":  {Keys{Usernames: []string{"ADA.BYRON2"}}, []string{"Ada.Byron2"}},
		"no pattern":          {Keys{Usernames: []string{"a+b(c)"}}, []string{"a+b(c)"}},
		"email, any case":     {Keys{Emails: []string{"Person0@Example.org"}}, []string{"ada.byron"}},
		"employee identifier": {Keys{EmployeeIdentifiers: []string{"E1"}}, []string{"Ada.Byron2"}},
		"id":                  {Keys{IDs: []string{w.idOf("adaxbyron")}}, []string{"adaxbyron"}},
		"one by all its keys": {Keys{Usernames: []string{"ada.byron"}, Emails: []string{"person0@example.org"}, EmployeeIdentifiers: []string{"E0"}}, []string{"ada.byron"}},
		"two":                 {Keys{Usernames: []string{"ada.byron", ""}, Emails: []string{"person2@example.org"}}, []string{"ada.byron", "a+b(c)"}},
		"nobody":              {Keys{Usernames: []string{"nobody"}}, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var usernames []string
			read := w.users.Read(tc.keys, func(u *jumpcloud.User) { usernames = append(usernames, *u.Username) })
			g.Expect(w.finish(read)).To(Succeed())
			g.Expect(usernames).To(ConsistOf(tc.want))
			g.Expect(read.Result().Complete).To(BeTrue())
			g.Expect(read.Result().Users).To(Equal(1004))
		})
	}
	all := w.paths()
	w.Expect(all[0]).To(Equal(lists+" skip=0"), "the number of users is asked for once")
	w.Expect(all[1:]).To(HaveEach(searches))
	w.Expect(all).To(HaveLen(len(cases) + 1))
}

func TestManyKeysAreSearchedForInChunks(t *testing.T) {
	w := newWorld(t, 5000)
	var keys Keys
	for _, user := range w.org.Users()[:45] {
		keys.Usernames = append(keys.Usernames, user["username"].(string))
		keys.Emails = append(keys.Emails, user["email"].(string))
	}
	var seen visits
	read := w.users.Read(keys, seen.visit)
	w.Expect(w.finish(read)).To(Succeed())
	w.Expect(seen).To(HaveLen(45))
	w.Expect(w.paths()).To(Equal([]string{lists + " skip=0", searches, searches}), "fifty conditions, and then as many as a page has users")
}

func TestManyUsersAreListed(t *testing.T) {
	w := newWorld(t, 250)
	var seen visits
	read := w.users.Read(Keys{Usernames: usernames(200)}, seen.visit)
	w.Expect(w.finish(read)).To(Succeed())
	w.Expect(seen).To(HaveLen(250), "five searches are more than three pages")
	w.Expect(w.paths()).To(HaveLen(4))
}

func TestAServerThatCannotFilterIsListed(t *testing.T) {
	for name, change := range map[string]func(*jumpcloudtest.Behavior){
		"ignores filters": func(b *jumpcloudtest.Behavior) { b.IgnoreSearchFilters = true },
		"refuses them":    func(b *jumpcloudtest.Behavior) { b.MaxSearchConditions = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1000)
			w.people()
			w.org.Configure(change)
			var seen visits
			read := w.users.Read(Keys{Usernames: []string{"ada.byron"}}, seen.visit)
			w.Expect(w.finish(read)).To(Succeed())
			slices.Sort(seen)
			w.Expect(seen).To(BeEquivalentTo(w.ids()))
			w.Expect(read.Result().Complete).To(BeTrue())
		})
	}
}

// After a search that fails half-way through, nobody is visited twice.
func TestAListingAfterASearchVisitsNobodyTwice(t *testing.T) {
	w := newWorld(t, 9000)
	var keys Keys
	for _, user := range w.org.Users()[:80] {
		keys.Usernames = append(keys.Usernames, user["username"].(string))
	}
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Path: searches, Skip: 1, Times: -1}, Status: http.StatusBadRequest})
	var seen visits
	read := w.users.Read(keys, seen.visit)
	w.Expect(w.finish(read)).To(Succeed())
	slices.Sort(seen)
	w.Expect(seen).To(BeEquivalentTo(w.ids()))
}

func TestASearchGoesOnAfterAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 9000)
		var keys Keys
		for _, user := range w.org.Users()[:80] {
			keys.Usernames = append(keys.Usernames, user["username"].(string))
		}
		w.sim.Script(jumpcloudtest.Fault{
			Match: jumpcloudtest.Match{Path: searches, Skip: 2}, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}},
		})
		var seen visits
		read := w.users.Read(keys, seen.visit)
		w.Expect(jumpcloud.ClassOf(read.Advance(t.Context()))).To(Equal(jumpcloud.RateLimited))
		<-time.After(time.Minute)
		w.Expect(w.finish(read)).To(Succeed())
		w.Expect(seen).To(HaveLen(80))
		w.Expect(w.paths()).To(HaveLen(1 + 3 + 1))
	})
}

func TestForbiddenSearchesAreNotListed(t *testing.T) {
	w := newWorld(t, 1000)
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Path: searches}, Status: http.StatusForbidden})
	err := w.finish(w.users.Read(Keys{Usernames: []string{"a"}}, func(*jumpcloud.User) {}))
	w.Expect(jumpcloud.ClassOf(err)).To(Equal(jumpcloud.Refused))
}
