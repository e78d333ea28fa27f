package controller_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// another is the name of another object that names people.
func another(uid string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: "people", Name: "another", UID: "another-" + types.UID(uid)}
}

var acme = v1alpha1.OrganizationReference{Namespace: "identity", Name: "acme"}

// userOf makes a User object of a person.
func userOf(change func(*v1alpha1.User)) *v1alpha1.User {
	user := &v1alpha1.User{ObjectMeta: another("user"), Spec: v1alpha1.UserSpec{OrganizationRef: acme}}
	change(user)
	return user
}

// importOf makes a BulkUserImport of these people.
func importOf(people ...person) *v1alpha1.BulkUserImport {
	o := &v1alpha1.BulkUserImport{ObjectMeta: another("import"), Spec: v1alpha1.BulkUserImportSpec{OrganizationRef: acme}}
	for _, p := range people {
		o.Spec.Users = append(o.Spec.Users, v1alpha1.UserRow{Username: new(p.username), Email: new(p.email)})
	}
	return o
}

// workersOf makes a WorkdayImport that remembers these people.
func (w *staff) workersOf(people ...person) *v1alpha1.WorkdayImport {
	w.T.Helper()
	var ids []string
	for _, p := range people {
		ids = append(ids, w.id(p))
	}
	o := &v1alpha1.WorkdayImport{ObjectMeta: another("workers"), Spec: v1alpha1.WorkdayImportSpec{OrganizationRef: acme}}
	o.Status.Leavers = &v1alpha1.LeaversStatus{Digest: ledger.MembersDigest(ids)}
	owner := ledger.OwnerOf(o, v1alpha1.GroupVersion.WithKind("WorkdayImport"), ledger.WorkdayMembersSuffix)
	_, err := (&ledger.Store{Reader: w.API, Writer: w.API}).Write(w.T.Context(), owner, (*ledger.Ledger)(nil).WithMembers(ids))
	w.Expect(err).NotTo(HaveOccurred())
	return o
}

// claims are objects that name the fourth user.
var claims = map[string]func(w *staff) client.Object{
	"a User, by its username": func(*staff) client.Object {
		return userOf(func(u *v1alpha1.User) { u.Spec.Username = new(strings.ToUpper(member(4).username)) })
	},
	"a User, by its email": func(*staff) client.Object {
		return userOf(func(u *v1alpha1.User) { u.Spec.Email = new(member(4).email) })
	},
	"a User, by its employee identifier": func(*staff) client.Object {
		return userOf(func(u *v1alpha1.User) { u.Spec.EmployeeIdentifier = new("E000004") })
	},
	"a User, by its id": func(w *staff) client.Object {
		return userOf(func(u *v1alpha1.User) { u.Status.ID = w.id(member(4)) })
	},
	"a BulkUserImport": func(*staff) client.Object { return importOf(member(9), member(4)) },
	"a WorkdayImport":  func(w *staff) client.Object { return w.workersOf(member(9), member(4)) },
}

// A user who is moved to another object has not left, and is that object's from then on.
func TestWhoIsNamedByAnotherObjectIsNoLeaver(t *testing.T) {
	for name, claim := range claims {
		t.Run(name, func(t *testing.T) {
			eachPolicy(t, func(w *staff) {
				other := claim(w)
				w.create(other)
				w.names(members(3)...)
				w.Rest()
				w.ExpectReady("True/Succeeded")
				w.expectLeft()
				w.Expect(w.API.Delete(w.T.Context(), other)).To(Succeed())
				w.Request()
				w.Rest()
				w.expectLeft()
				w.names(members(2)...)
				w.Rest()
				w.expectLeft(member(3))
			})
		})
	}
}

// Once it is known which users the other import names, the directory is read again.
func TestAnotherImportBlocksWhoLeft(t *testing.T) {
	for name, c := range map[string]struct {
		blocks    client.Object
		corrected func(w *staff) client.Object
	}{
		"a BulkUserImport without rows": {importOf(), func(*staff) client.Object { return importOf(member(9)) }},
		"a WorkdayImport that remembers no one": {&v1alpha1.WorkdayImport{ObjectMeta: another("workers"), Spec: v1alpha1.WorkdayImportSpec{OrganizationRef: acme}},
			func(w *staff) client.Object { return w.workersOf(member(9)) }},
	} {
		t.Run(name, func(t *testing.T) {
			eachPolicy(t, func(w *staff) {
				blocks := c.blocks.DeepCopyObject().(client.Object)
				w.create(blocks)
				w.names(members(3)...)
				w.Rest()
				w.expectDoubt("people/another")
				w.Expect(w.status().Leavers.BlockedBy).To(HaveSuffix("people/another"))
				w.expectRest()
				w.Expect(w.API.Delete(w.T.Context(), blocks)).To(Succeed())
				w.create(c.corrected(w))
				w.Resync()
				w.ExpectReady("True/Succeeded")
				w.expectLeft(member(4))
			})
		})
	}
}

// happening is an event between the plan and the call.
type happening struct {
	happens func(w *staff)
	outcome ledger.Outcome
	says    string
}

func happenings() map[string]happening {
	all := map[string]happening{
		"the user is suspended": {func(w *staff) {
			w.console(member(4), jumpcloudtest.User{"state": "SUSPENDED"})
		}, ledger.OutcomeUnchanged, "was suspended"},
		"the user is staged": {func(w *staff) {
			w.console(member(4), jumpcloudtest.User{"state": "STAGED"})
		}, ledger.OutcomeSkipped, "does not show the user as Activated"},
		"the user becomes an administrator": {func(w *staff) {
			w.console(member(4), jumpcloudtest.User{"admin": map[string]any{"id": "x"}})
		}, ledger.OutcomeSkipped, "is protected"},
		"the user is deleted": {func(w *staff) { w.Org.DeleteUser(w.id(member(4))) }, ledger.OutcomeUnchanged, "was deleted"},
		"the user has the email of a row": {func(w *staff) {
			w.console(member(1), jumpcloudtest.User{"email": "other@example.org"})
			w.console(member(4), jumpcloudtest.User{"email": member(1).email})
		}, ledger.OutcomeSkipped, "a row is about this user again"},
	}
	for name, claim := range claims {
		all[name+" names the user"] = happening{func(w *staff) { w.create(claim(w)) }, ledger.OutcomeUnchanged, "another object"}
	}
	return all
}

// inARun runs a test of an import that is about to suspend two leavers, the third and the
// fourth user, and has just created another user.
func inARun(t *testing.T, tell func(w *staff)) {
	t.Helper()
	eachStaff(t, 4, func(w *staff) {
		w.batches(1)
		jobs := len(w.Org.Jobs())
		w.names(append(members(2), hire)...)
		w.Until(func() bool { return len(w.Org.Jobs()) > jobs })
		w.Expect(w.puts()).To(BeZero())
		tell(w)
	})
}

// Events between the plan and the call count, and the leaver's entry says what became of them.
func TestALeaverIsLookedAtAgainBeforeTheCall(t *testing.T) {
	for name, c := range happenings() {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", name, restart), func(t *testing.T) {
				inARun(t, func(w *staff) {
					id := w.id(member(4))
					c.happens(w)
					if restart {
						w.Restart()
					}
					w.Rest()
					w.ExpectReady("True/Succeeded")
					w.Expect(w.putsOf(id)).To(BeZero())
					w.Expect(w.putsOf(w.id(member(3)))).To(Equal(1))
					w.Expect(w.entry(member(4))).To(And(HaveField("Outcome", c.outcome), HaveField("Message", ContainSubstring(c.says))), w.Describe)
					w.Expect(w.Counted().Harmful).To(Equal(1))
					w.Expect(w.remembers(id)).To(Equal(c.outcome == ledger.OutcomeSkipped))
				})
			})
		}
	}
}

// While it is not known which users another import names, nobody is suspended. Those who have
// left are suspended once it is known.
func TestAnotherImportBlocksTheCalls(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			inARun(t, func(w *staff) {
				blocks := importOf()
				w.create(blocks)
				if restart {
					w.Restart()
				}
				w.Rest()
				w.Expect(w.puts()).To(BeZero())
				w.Expect(w.entry(member(4))).To(And(HaveField("Outcome", ledger.OutcomeSkipped), HaveField("Message", ContainSubstring("people/another"))))
				w.Expect(w.status().Leavers.BlockedBy).To(Equal("BulkUserImport people/another"))
				w.Expect(w.API.Delete(w.T.Context(), blocks)).To(Succeed())
				w.Resync()
				w.ExpectReady("True/Succeeded")
				w.expectGone(member(3), member(4))
			})
		})
	}
}

// A claim counts even if it appears after the look of the pass that makes the calls: before
// the announcement, after it, and between slow calls.
func TestAClaimAppearsWhileLeaversAreSuspended(t *testing.T) {
	announces := func(w *staff) bool {
		jobs := w.status().Jobs
		return len(jobs) > 0 && jobs[0].Operation == v1alpha1.JobSuspend
	}
	for name, c := range map[string]struct {
		when func(w *staff, c enginetest.Call) bool
		puts int
		says string
	}{
		"before the announcement": {func(w *staff, c enginetest.Call) bool { return c.Writes() && w.keepsResults(c.Object) }, 0, "another object"},
		"after the announcement":  {func(w *staff, _ enginetest.Call) bool { return announces(w) }, 0, "may have been sent before"},
		"after a call":            {func(_ *staff, c enginetest.Call) bool { return c.Verb == http.MethodPut }, 1, "may have been sent before"},
	} {
		t.Run(name, func(t *testing.T) {
			eachStaff(t, 4, func(w *staff) {
				others := importOf(members(4)[2:]...)
				w.onCall(func(call enginetest.Call, do func() error) error {
					err := do()
					if others != nil && c.when(w, call) {
						w.create(others)
						others = nil
						<-time.After(time.Second)
					}
					return err
				})
				w.names(members(2)...)
				w.Rest()
				w.Expect(others).To(BeNil())
				w.ExpectReady("True/Succeeded")
				w.Expect(w.puts()).To(Equal(c.puts))
				w.Expect(w.suspended()).To(HaveLen(c.puts))
				w.Expect(w.entry(member(4)).Message).To(ContainSubstring(c.says))
				w.expectLeavers()
			})
		})
	}
}
