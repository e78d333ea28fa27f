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

// GrantsGroup reports whether spec.allowedNamespaces.groups matches the name of a group,
// case-sensitively. If groups is empty, every name is granted, but only for groups that
// an object creates.
func (a *AllowedNamespaces) GrantsGroup(name string) bool {
	return len(a.Groups) == 0 || slices.ContainsFunc(a.Groups, func(pattern string) bool { return matchesGroup(pattern, name) })
}

// GrantsKind reports whether spec.allowedNamespaces.kinds names a kind. If kinds is
// empty, every kind is granted.
func (a *AllowedNamespaces) GrantsKind(kind string) bool {
	return len(a.Kinds) == 0 || slices.Contains(a.Kinds, kind)
}
