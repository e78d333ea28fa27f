package usergroup_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// tenant puts an object into another namespace than its Organization.
func tenant(o *v1alpha1.UserGroup) {
	o.Namespace, o.Spec.OrganizationRef.Namespace = "tenant", "identity"
}

func sudo(o *v1alpha1.UserGroup) {
	o.Spec.Attributes = &v1alpha1.GroupAttributes{Sudo: &v1alpha1.GroupSudo{Enabled: true, WithoutPassword: true}}
}

// grant changes what the Organization grants.
func (w *world) grant(changes ...func(*v1alpha1.OrganizationSpec)) {
	w.T.Helper()
	w.EditOrganization(func(o *v1alpha1.Organization) {
		for _, change := range changes {
			change(&o.Spec)
		}
	})
}

func groups(names ...string) func(*v1alpha1.OrganizationSpec) {
	return func(s *v1alpha1.OrganizationSpec) { s.AllowedNamespaces.Groups = names }
}

func adoption(granted bool) func(*v1alpha1.OrganizationSpec) {
	return func(s *v1alpha1.OrganizationSpec) { s.AllowedNamespaces.Adopt = granted }
}

func privileged(s *v1alpha1.OrganizationSpec) { s.AllowedNamespaces.Privileged = true }

func protects(names ...string) func(*v1alpha1.OrganizationSpec) {
	return func(s *v1alpha1.OrganizationSpec) { s.ProtectedGroups = names }
}

func kinds(names ...string) func(*v1alpha1.OrganizationSpec) {
	return func(s *v1alpha1.OrganizationSpec) { s.AllowedNamespaces.Kinds = names }
}

type grants = []func(*v1alpha1.OrganizationSpec)

// JumpCloud has a group "admins", and a tenant declares that group or another one.
func TestWhatATenantMayDo(t *testing.T) {
	const denied = "False/PermissionDenied"
	for name, c := range map[string]struct {
		grants  grants
		changes []edits
		ready   string
		says    string
		// blind is set if nothing may be read.
		blind bool
	}{
		"to make a group takes no grant": {changes: []edits{named("crew")}, ready: "True/UpToDate"},
		"admins with sudo": {
			changes: []edits{named("admins"), sudo}, ready: denied, blind: true,
			says: `spec.allowedNamespaces.privileged of Organization identity/acme does not admit spec.attributes.sudo from namespace tenant.`,
		},
		"admins": {
			changes: []edits{named("admins")}, ready: denied,
			says: `spec.allowedNamespaces.groups of Organization identity/acme does not admit the adoption of the group "admins" from namespace tenant.`,
		},
		"admins, and adopt without groups": {
			grants: grants{adoption(true)}, changes: []edits{named("admins")}, ready: denied, says: "spec.allowedNamespaces.groups of",
		},
		"admins, and groups without adopt": {
			grants: grants{groups("adm*")}, changes: []edits{named("admins")}, ready: denied, says: "spec.allowedNamespaces.adopt of",
		},
		"admins, and other groups": {
			grants: grants{groups("eng-*", "admin"), adoption(true)}, changes: []edits{named("admins")}, ready: denied, blind: true,
			says: `spec.allowedNamespaces.groups of Organization identity/acme does not admit the group "admins" from namespace tenant.`,
		},
		"admins, in mode Plan": {changes: []edits{named("admins"), planned}, ready: denied, says: "spec.allowedNamespaces.groups of"},
		"admins, as granted":   {grants: grants{groups("admins"), adoption(true)}, changes: []edits{named("admins")}, ready: "True/Adopted"},
		"admins, and protected all the same": {
			grants: grants{groups("*"), adoption(true), privileged, protects("adm*")}, changes: []edits{named("admins")}, ready: denied, blind: true,
			says: `spec.protectedGroups of Organization identity/acme does not admit the group "admins" from namespace tenant.`,
		},
		"a new group with sudo":             {changes: []edits{named("crew"), sudo}, ready: denied, blind: true, says: "spec.allowedNamespaces.privileged of"},
		"a new group with sudo, as granted": {grants: grants{privileged}, changes: []edits{named("crew"), sudo}, ready: "True/UpToDate"},
		"a kind that is not granted": {
			grants: grants{kinds("BulkUserImport")}, changes: []edits{named("crew")}, ready: denied, blind: true,
			says: `spec.allowedNamespaces.kinds of Organization identity/acme does not admit kind UserGroup from namespace tenant.`,
		},
		"a kind that is granted": {grants: grants{kinds("UserGroup")}, changes: []edits{named("crew")}, ready: "True/UpToDate"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				admins := w.exists("admins", "root")
				w.grant(c.grants...)
				w.Sim.ForgetHistory()
				w.Rest()
				w.ExpectReady(c.ready)
				w.Expect(w.Message()).To(ContainSubstring(c.says))
				if c.ready == denied {
					w.Expect(w.Condition(v1alpha1.StalledCondition).Reason).To(Equal(v1alpha1.PermissionDeniedReason))
					w.Expect(w.Sent()).To(BeEmpty())
					w.Expect(w.Get().Status.ID).To(BeEmpty())
					w.Expect(w.Org.Members(admins)).To(HaveLen(1))
				}
				if c.blind {
					w.Expect(w.Sim.History()).To(BeEmpty())
				}
				w.Delete()
				w.Rest()
				w.Expect(w.Gone()).To(BeTrue(), w.Describe)
			}, append([]edits{tenant}, c.changes...)...)
		})
	}
}

// The same object in the Organization's own namespace needs no grant.
func TestTheOwnNamespaceNeedsNoGrants(t *testing.T) {
	story(t, func(w *world) {
		w.exists("admins")
		w.grant(kinds("BulkUserImport"), groups("crew"), protects("admins"))
		w.Rest()
		w.Expect(w.Get().Status.Adopted).To(BeTrue())
	}, named("admins"), sudo)
}

func TestARenameTakesTheGrantOfTheNewName(t *testing.T) {
	story(t, func(w *world) {
		w.grant(groups("crew*"), protects("crew-chiefs"))
		w.Rest()
		w.ExpectReady("True/UpToDate")
		for _, name := range []string{"admins", "crew-chiefs"} {
			w.edit(named(name))
			w.ExpectReady("False/PermissionDenied")
			w.Expect(w.groups()).To(Equal([]string{"crew"}))
		}
		w.edit(named("crew-two"))
		w.ExpectReady("True/UpToDate")
		w.Expect(w.groups()).To(Equal([]string{"crew-two"}))
	}, tenant, named("crew"))
}

// Revoking a grant affects what it led to. What a deletion would still do at JumpCloud waits;
// a deletion that changes nothing there does not.
func TestAGrantIsTakenBack(t *testing.T) {
	story(t, func(w *world) {
		w.exists("admins")
		w.grant(groups("admins"), adoption(true))
		w.Rest()
		w.ExpectReady("True/Adopted")
		w.grant(adoption(false))
		w.Sim.ForgetHistory()
		w.Resync()
		w.ExpectReady("False/PermissionDenied")
		w.Expect(w.Sim.History()).To(BeEmpty())
		w.Delete()
		w.Rest()
		w.Expect(w.Gone()).To(BeFalse())
		w.ExpectReady("False/PermissionDenied")
		w.Expect(w.groups()).To(Equal([]string{"admins"}))
		w.grant(adoption(true))
		w.Until(w.Gone)
		w.Expect(w.groups()).To(BeEmpty())
	}, tenant, named("admins"), deletes)
}

// An administrator gives a tenant's group a protected name in the console: the tenant may no
// longer rename or delete it.
func TestAGroupThatCameToBearAProtectedName(t *testing.T) {
	story(t, func(w *world) {
		w.grant(protects("admins"))
		w.Rest()
		w.Org.UpdateUserGroup(w.Get().Status.ID, jumpcloudtest.UserGroup{"name": "admins"})
		w.Sim.ForgetHistory()
		w.Resync()
		w.ExpectReady("False/PermissionDenied")
		w.Expect(w.Message()).To(ContainSubstring("spec.protectedGroups"))
		w.Delete()
		w.Rest()
		w.Expect(w.Gone()).To(BeFalse())
		w.Expect(w.Sent()).To(BeEmpty())
		w.Expect(w.groups()).To(Equal([]string{"admins"}))
	}, tenant, named("crew"), deletes)
}

// A tenant's older object takes the name of another object's group. That object keeps the
// group, in the Organization's namespace or not.
func TestAnOlderObjectTakesTheNameOfAnothersGroup(t *testing.T) {
	for name, where := range map[string]edits{
		"at home":    func(*v1alpha1.UserGroup) {},
		"a tenant's": func(o *v1alpha1.UserGroup) { tenant(o); o.Namespace = "victim" },
	} {
		t.Run(name, func(t *testing.T) {
			victim := object("victim", 1, named("payroll"), members("chas"), where)
			storyWith(t, []client.Object{victim}, func(w *world) {
				w.grant(groups("*"), adoption(true))
				w.Rest()
				w.ExpectReady("True/UpToDate")
				attacker := w.Key
				w.Key = client.ObjectKeyFromObject(victim)
				w.Rest()
				w.ExpectReady("True/UpToDate")
				payroll := w.Get().Status.ID

				for _, restart := range []bool{false, true} {
					if restart {
						w.Restart()
					}
					w.Key = attacker
					w.edit(named("payroll"))
					w.ExpectReady("False/RemoteConflict")
					w.Expect(w.Get().Status.ID).NotTo(Equal(payroll))
					w.Key = client.ObjectKeyFromObject(victim)
					w.Resync()
					w.ExpectReady("True/UpToDate")
				}
				w.Edit(members("eva")) // an object with a new generation holds what it held before
				w.Key = attacker
				w.Resync()
				w.ExpectReady("False/RemoteConflict")
				w.Key = client.ObjectKeyFromObject(victim)
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.Expect(w.who()).To(Equal([]string{"eva"}))
			}, tenant, named("crew"), members("ada"))
		})
	}
}

// A status without a recorded name holds the declared name.
func TestAStatusWithoutANameHoldsTheGroup(t *testing.T) {
	younger := object("younger", 1, named("payroll"))
	storyWith(t, []client.Object{younger}, func(w *world) {
		w.TurnTo("younger")
		w.Rest()
		o := w.Get()
		o.Status.Name = ""
		w.Expect(w.API.Status().Update(t.Context(), o)).To(Succeed())
		w.TurnTo("engineers")
		w.edit(named("payroll"))
		w.ExpectReady("False/RemoteConflict")
		w.TurnTo("younger")
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.Get().Status.Name).To(Equal("payroll"))
	})
}

// An object in mode Plan owns nothing: another object takes the group over, and keeps it when
// the mode is Apply again.
func TestAnObjectInModePlanOwnsNothing(t *testing.T) {
	younger := object("younger", 1, named("engineers"))
	storyWith(t, []client.Object{younger}, func(w *world) {
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.edit(planned)
		w.TurnTo("younger")
		w.Rest()
		w.ExpectReady("True/Adopted")
		w.TurnTo("engineers")
		w.Resync()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Get().Status.ID).To(BeEmpty(), "it is another object's now")
		w.edit(func(o *v1alpha1.UserGroup) { o.Spec.Mode = v1alpha1.ModeApply })
		w.ExpectReady("False/RemoteConflict")
		w.TurnTo("younger")
		w.Resync()
		w.ExpectReady("True/Adopted")
	})
}

// An older object whose namespace is not admitted blocks nobody, even if it once was admitted
// and still knows the group.
func TestWhoIsNotAdmittedOwnsNothing(t *testing.T) {
	story(t, func(w *world) {
		older := w.Key
		w.Rest()
		w.ExpectReady("True/UpToDate")
		home := object("home", 1, named("engineers"))
		w.Expect(w.API.Create(t.Context(), home)).To(Succeed())
		w.Key = client.ObjectKeyFromObject(home)
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.grant(func(s *v1alpha1.OrganizationSpec) { s.AllowedNamespaces.From = v1alpha1.NamespacesFromSame })
		w.Rest()
		w.ExpectReady("True/Adopted")
		w.Key = older
		w.Rest()
		w.ExpectReady("False/NamespaceNotAllowed")
		w.grant(func(s *v1alpha1.OrganizationSpec) { s.AllowedNamespaces.From = v1alpha1.NamespacesFromAll })
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Org.UserGroups()).To(HaveLen(1))
	}, tenant)
}
