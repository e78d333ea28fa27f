package plan

import (
	"slices"
	"strconv"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const (
	mfaPath           = "enableUserPortalMultifactor"
	exclusionDaysPath = "mfa.exclusionDays"
)

// decideEnrollment decides about the days that a row gives an existing user to enroll. They
// count from when the row switches MFA on, and have no effect otherwise, so no run restarts
// them. If it is not known in which form JumpCloud accepts them, MFA is not switched on,
// because the user could not sign in.
func (m *Matcher) decideEnrollment(d *Decision, user *live) {
	days, stated := d.Row.Get(exclusionDaysPath)
	if !m.opts.EnrollmentDays || !stated || d.Created {
		return
	}
	on := slices.IndexFunc(d.Changes, func(c Change) bool { return c.Path == mfaPath && c.New == "true" })
	switch {
	case on < 0:
		d.NoEffect = exclusionDaysPath
	case user.state != jumpcloud.StateStaged && user.state != jumpcloud.StateActivated && user.state != jumpcloud.StateSuspended:
		d.NoEffect, d.Omitted = exclusionDaysPath, mfaPath
		d.Changes = slices.Delete(d.Changes, on, on+1)
	default:
		d.ExclusionByDate = user.state != jumpcloud.StateStaged
		d.Changes = append(d.Changes, Change{Path: exclusionDaysPath, New: days})
	}
}

// exclusion returns what is sent for days to enroll; nil if nothing is.
func (d *Decision) exclusion() *jumpcloud.MFA {
	for _, change := range d.Changes {
		if days, err := strconv.ParseInt(change.New, 10, 64); change.Path == exclusionDaysPath && err == nil {
			return &jumpcloud.MFA{Exclusion: new(true), ExclusionDays: &days}
		}
	}
	return nil
}
