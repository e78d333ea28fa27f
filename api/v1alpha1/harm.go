package v1alpha1

// HarmClass defines how a change may harm users. An Organization's guard counts every
// class except HarmNone.
type HarmClass string

const (
	// HarmNone means that the change is harmless.
	HarmNone HarmClass = "None"
	// HarmAccessLost means that a user loses access, for example by a suspension, a
	// lock, or the removal from a group.
	HarmAccessLost HarmClass = "AccessLost"
	// HarmAccessGained means that a user gains access, for example by the end of a
	// suspension or lock, or by sudo.
	HarmAccessGained HarmClass = "AccessGained"
	// HarmDefenceLowered means that an account is less protected, for example without
	// MFA.
	HarmDefenceLowered HarmClass = "DefenceLowered"
	// HarmIdentityChanged means that a value changes with which a user signs in or
	// recovers the account.
	HarmIdentityChanged HarmClass = "IdentityChanged"
)

// Harmful reports whether the guard counts changes of the class.
func (c HarmClass) Harmful() bool { return c != HarmNone }

// HarmRule defines how a change of one user field may harm the user.
type HarmRule string

// The rules. There is one for each UserField.
const (
	// HarmlessField changes are harmless.
	HarmlessField HarmRule = "Harmless"
	// IdentityField changes are IdentityChanged.
	IdentityField HarmRule = "Identity"
	// PrivilegeField is a flag that gives access.
	PrivilegeField HarmRule = "Privilege"
	// LockField is a flag that takes access away.
	LockField HarmRule = "Lock"
	// StateField is a UserState.
	StateField HarmRule = "State"
	// DefenceField is a flag that protects the account.
	DefenceField HarmRule = "Defence"
	// ExemptionField is a flag or a value that exempts the account from a protection.
	ExemptionField HarmRule = "Exemption"
)

// Class returns the class of a change. Values are in the canonical form of rows:
// "true", "false", "" for none.
func (r HarmRule) Class(before, after string) HarmClass {
	set := after != "" && after != "false"
	switch {
	case r == IdentityField:
		return HarmIdentityChanged
	case r == PrivilegeField && set, r == LockField && !set:
		return HarmAccessGained
	case r == LockField:
		return HarmAccessLost
	case r == DefenceField && !set, r == ExemptionField && set:
		return HarmDefenceLowered
	case r == StateField:
		return stateClass(UserState(before), UserState(after))
	default:
		return HarmNone
	}
}

// stateClass returns the class of a change of state. Activating a user for the first
// time restores no access that was taken away, so it is harmless.
func stateClass(before, after UserState) HarmClass {
	switch {
	case after == UserStateSuspended:
		return HarmAccessLost
	case before == UserStateStaged:
		return HarmNone
	default:
		return HarmAccessGained
	}
}
