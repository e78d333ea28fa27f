package e2e

import (
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// tells waits until an object has the promised condition.
func tells[T reported](w *badWorld, key T) {
	w.Helper()
	w.says(func() []metav1.Condition {
		object, err := read(w.world, key)
		w.Expect(err).NotTo(HaveOccurred())
		return object.Common().Conditions
	})
}

// badGroup creates a group and waits until it has the promised condition. Nothing may be sent.
func (w *badWorld) badGroup(spec v1alpha1.UserGroupSpec) {
	w.Helper()
	tells(w, w.group("engineers", spec))
	w.Expect(w.mutations()).To(BeZero())
}

// there adds a group at JumpCloud whose id may appear in messages.
func (w *badWorld) there(group jumpcloudtest.UserGroup, members ...string) string {
	id := w.org.AddUserGroup(group, members...)
	w.names = append(w.names, id, "65f1c0ffee65f1c0ffee7001")
	return id
}

// file creates a file of members and returns it as a source of the group.
func (w *badWorld) file(lines ...string) v1alpha1.MembersSource {
	w.Helper()
	return w.world.names("engineers", lines...)
}

// badGroups are groups that cannot be made as declared.
var badGroups = map[string]func(*badWorld){
	"A ConfigMap of members that does not exist": func(w *badWorld) {
		w.badGroup(v1alpha1.UserGroupSpec{MembersFrom: []v1alpha1.MembersSource{
			{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: "engineers", Key: "members.txt"}},
		}})
	},
	"A file of members that became empty": func(w *badWorld) {
		key := w.group("engineers", v1alpha1.UserGroupSpec{MembersFrom: []v1alpha1.MembersSource{w.file(username(1), username(2))}})
		isReady(w.world, key)
		w.setCSV("engineers")
		tells(w, key)
		w.Expect(w.members("engineers")).To(HaveLen(2))
	},
	"A file of members whose header names no user": func(w *badWorld) {
		w.badGroup(v1alpha1.UserGroupSpec{MembersFrom: []v1alpha1.MembersSource{w.file("name,floor", "Ada Byron,2")}})
	},
	"A member who is not in the directory": func(w *badWorld) {
		key := w.group("engineers", v1alpha1.UserGroupSpec{Members: &[]v1alpha1.UserReference{{Username: username(1)}, {Username: "nobody"}}})
		tells(w, key)
		w.Expect(w.members("engineers")).To(ConsistOf(username(1)))
	},
	"A group that exists, with adoptionPolicy: Never": func(w *badWorld) {
		w.there(jumpcloudtest.UserGroup{"name": "engineers"})
		w.badGroup(v1alpha1.UserGroupSpec{AdoptionPolicy: v1alpha1.AdoptNever})
	},
	"A group that does not exist, with adoptionPolicy: MustExist": func(w *badWorld) {
		w.badGroup(v1alpha1.UserGroupSpec{AdoptionPolicy: v1alpha1.AdoptMustExist})
	},
	"Two groups of the same name": func(w *badWorld) {
		w.there(jumpcloudtest.UserGroup{"name": "engineers"})
		w.names = append(w.names, w.org.AddUserGroup(jumpcloudtest.UserGroup{"name": "engineers"}), "65f1c0ffee65f1c0ffee7002")
		w.badGroup(v1alpha1.UserGroupSpec{})
	},
	"A second object for the same group": func(w *badWorld) {
		older := w.group("builders", v1alpha1.UserGroupSpec{Name: "engineers"})
		isReady(w.world, older)
		w.grown(older)
		tells(w, w.group("engineers", v1alpha1.UserGroupSpec{}))
	},
	"A name that another group has": func(w *badWorld) {
		key := w.group("engineers", v1alpha1.UserGroupSpec{})
		isReady(w.world, key)
		w.there(jumpcloudtest.UserGroup{"name": "builders"})
		amend(w.world, key, func(g *v1alpha1.UserGroup) { g.Spec.Name = "builders" })
		tells(w, key)
	},
	"An adopted group that would lose members": func(w *badWorld) {
		w.there(jumpcloudtest.UserGroup{"name": "engineers"}, w.idsOf(1, 2)...)
		w.badGroup(v1alpha1.UserGroupSpec{Members: new(users(1))})
	},
	"More removals than the guard allows": func(w *badWorld) {
		key := w.group("engineers", v1alpha1.UserGroupSpec{Members: new(users(first(8)...))})
		isReady(w.world, key)
		amend(w.world, key, func(g *v1alpha1.UserGroup) { g.Spec.Members = new(users(1)) })
		tells(w, key)
		w.Expect(w.members("engineers")).To(HaveLen(8))
	},
	"Other POSIX groups than the group has": func(w *badWorld) {
		w.there(jumpcloudtest.UserGroup{"name": "engineers", "attributes": map[string]any{
			"posixGroups": []any{map[string]any{"id": 4000, "name": "engineers"}},
		}})
		w.badGroup(v1alpha1.UserGroupSpec{Attributes: &v1alpha1.GroupAttributes{POSIXGroups: []v1alpha1.POSIXGroup{{ID: 4001, Name: "engineers"}}}})
	},
	"A query that JumpCloud cannot evaluate": func(w *badWorld) {
		id := w.there(jumpcloudtest.UserGroup{"name": "engineers", "membershipMethod": "DYNAMIC_AUTOMATED", "memberQueryErrorFlags": []string{"CYCLE"}})
		tells(w, w.group("engineers", v1alpha1.UserGroupSpec{
			MembershipMethod: v1alpha1.MembershipDynamicAutomated, MemberQuery: byDepartment("Engines"),
		}))
		w.Expect(w.org.UserGroup(id)).NotTo(BeNil())
	},
	"A group that JumpCloud refuses": func(w *badWorld) {
		w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: "POST", Path: "/api/v2/usergroups", Times: -1}, Status: 400})
		tells(w, w.group("engineers", v1alpha1.UserGroupSpec{Email: new("engineers")}))
		w.Expect(w.org.UserGroups()).To(BeEmpty())
	},
	"A query for a static group": func(w *badWorld) {
		w.isRefused(&v1alpha1.UserGroup{ObjectMeta: w.meta("engineers"), Spec: v1alpha1.UserGroupSpec{
			OrganizationRef: toAcme, MemberQuery: byDepartment("Engines"),
		}})
	},
}
