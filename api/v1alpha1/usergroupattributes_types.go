package v1alpha1

// GroupSudo defines the sudo permissions of members on the systems that are bound to a
// group.
// +kubebuilder:validation:XValidation:rule="self.enabled || !has(self.withoutPassword) || !self.withoutPassword",message="withoutPassword needs enabled"
type GroupSudo struct {
	// Enabled makes members administrators of the group's systems.
	// +required
	Enabled bool `json:"enabled"`
	// WithoutPassword lets them use sudo without a password. Defaults to false.
	// +optional
	WithoutPassword bool `json:"withoutPassword,omitempty"`
}

// LDAPGroup is a group that members appear in, in JumpCloud's LDAP.
type LDAPGroup struct {
	// Name of the group in LDAP. 1 to 1024 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Name string `json:"name"`
}

// POSIXGroup is a group that is created on the systems that are bound to a group.
type POSIXGroup struct {
	// ID is the group's gid; at least 1.
	// +kubebuilder:validation:Minimum=1
	// +required
	ID int64 `json:"id"`
	// Name of the group on systems. 1 to 1024 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Name string `json:"name"`
}

// RADIUSReply is an attribute of JumpCloud's RADIUS replies for members.
type RADIUSReply struct {
	// Name of the attribute. 1 to 1024 characters.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Name string `json:"name"`
	// Value of the attribute. At most 1024 characters.
	// +kubebuilder:validation:MaxLength=1024
	// +required
	Value string `json:"value"`
}

// GroupRADIUS defines JumpCloud's RADIUS replies for members.
type GroupRADIUS struct {
	// Reply contains the attributes of replies; at most 100. An empty list clears them.
	// If absent, they are cleared, too.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	Reply []RADIUSReply `json:"reply,omitempty"`
}

// GroupAttributes are the attributes of a group. An attribute that is absent is not
// changed.
type GroupAttributes struct {
	// Sudo on the systems that are bound to the group. If absent, it is not changed.
	// +optional
	Sudo *GroupSudo `json:"sudo,omitempty"`
	// LDAPGroups that members appear in; at most 100. An empty list clears them; if
	// absent, they are not changed. If a group is created without ldapGroups, JumpCloud
	// adds one with the group's name.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	LDAPGroups *[]LDAPGroup `json:"ldapGroups,omitempty"`
	// POSIXGroups of the members; at most 100. They cannot be changed once they are
	// set. If absent, they are not changed.
	// +kubebuilder:validation:MaxItems=100
	// +listType=atomic
	// +optional
	POSIXGroups []POSIXGroup `json:"posixGroups,omitempty"`
	// RADIUS replies for members. If absent, they are not changed.
	// +optional
	RADIUS *GroupRADIUS `json:"radius,omitempty"`
	// SambaEnabled makes the group visible to Samba. If absent, it is not changed.
	// +optional
	SambaEnabled *bool `json:"sambaEnabled,omitempty"`
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
