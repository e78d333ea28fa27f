package v1alpha1

import "slices"

// Demands are the grants that an object needs from its Organization. They apply to
// objects in namespaces other than the Organization's own.
type Demands struct {
	// Groups are the names of user groups that the object declares.
	Groups []string
	// Has are the current names of its user groups, regardless of what it declares.
	Has []string
	// Adopts is set if the object adopts, or has adopted, something that it did not
	// create.
	Adopts bool
	// Privileges are the values of the object that need allowedNamespaces.privileged:
	// paths of fields, or descriptions for messages.
	Privileges []string
}

// GrantsGroup reports whether spec.allowedNamespaces.groups names a group, with case.
// If it is empty, every name is granted, but only for groups that an object creates.
func (a *AllowedNamespaces) GrantsGroup(name string) bool {
	return len(a.Groups) == 0 || slices.ContainsFunc(a.Groups, func(pattern string) bool { return matchesGroup(pattern, name) })
}

// GrantsKind reports whether spec.allowedNamespaces.kinds names a kind. If it is empty,
// every kind is granted.
func (a *AllowedNamespaces) GrantsKind(kind string) bool {
	return len(a.Kinds) == 0 || slices.Contains(a.Kinds, kind)
}

// Demands returns none: the rows of an import are checked for privileges one by one.
func (*BulkUserImport) Demands() Demands { return Demands{} }

// Demands returns none: the rows of an import are checked for privileges one by one.
func (*WorkdayImport) Demands() Demands { return Demands{} }

// Demands returns none: jobs that others have scheduled count, and are never changed.
func (*ScheduledUserState) Demands() Demands { return Demands{} }

// Demands returns the adoption of the device, which always exists before its object.
func (*PushEndpoint) Demands() Demands { return Demands{Adopts: true} }

// Demands returns a privilege: an instance decides whose workers become users.
func (w *WorkdayInstance) Demands() Demands {
	return Demands{Adopts: w.Status.Adopted, Privileges: []string{"a Workday instance"}}
}

// Demands returns the name of the group, whether it was adopted, and every attribute
// that gives members access to systems.
func (g *UserGroup) Demands() Demands {
	d := Demands{Groups: []string{g.GroupName()}, Adopts: g.Status.Adopted}
	if g.Status.Name != "" {
		d.Has = []string{g.Status.Name}
	}
	a := g.Spec.Attributes
	if a == nil {
		return d
	}
	for _, attribute := range []struct {
		name   string
		stated bool
	}{
		{"sudo", a.Sudo != nil}, {"ldapGroups", a.LDAPGroups != nil}, {"posixGroups", len(a.POSIXGroups) > 0},
		{"radius", a.RADIUS != nil}, {"sambaEnabled", a.SambaEnabled != nil},
	} {
		if attribute.stated {
			d.Privileges = append(d.Privileges, "spec.attributes."+attribute.name)
		}
	}
	return d
}
