package rows

import (
	"regexp"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

const (
	relationshipsPath = "relationships"
	portalMFAPath     = "enableUserPortalMultifactor"
	mfaPrefix         = "mfa."
)

// omissible matches JumpCloud's names of what a bulk create may refuse and a user can be
// created without.
var omissible = regexp.MustCompile(`(?i)\b(relationships|manager|mfa)\b`)

// NamesOmissible reports whether JumpCloud's text about a refused create names a member that
// can be omitted from it and sent by an update once the user exists.
func NamesOmissible(text string) bool { return omissible.MatchString(text) }

// Omissible reports whether Omit omits a field of a user with these stated fields. It also
// omits that MFA is switched on if the user is exempt for a time: without the exemption, the
// user could not sign in.
func Omissible(fields []Field, path string) bool {
	return path == relationshipsPath || path == managerPath || strings.HasPrefix(path, mfaPrefix) ||
		path == portalMFAPath && exempt(fields)
}

// Omits returns the paths of the stated fields that Omit omits.
func Omits(fields []Field) (paths []string) {
	for _, field := range fields {
		if field.Value != "" && Omissible(fields, field.Path) {
			paths = append(paths, field.Path)
		}
	}
	return paths
}

// Omit removes from a create what JumpCloud may refuse there.
func Omit(payload *jumpcloud.BulkUserCreate) {
	payload.Relationships, payload.Manager = nil, nil
	if payload.MFA != nil {
		payload.MFA, payload.EnableUserPortalMultifactor = nil, nil
	}
}

// OmittedMFA returns what an update sends of mfa for a user who was created without it, and
// the fields that show it; nil if what is stated is what a new user has. A user with a time to
// enroll is exempt until then.
func OmittedMFA(fields []Field) (mfa *jumpcloud.MFA, shown []Field) {
	mfa = CreatePayload(&Row{Fields: fields}, nil).MFA
	if exempt(fields) {
		mfa.Exclusion = new(true)
		shown = append(shown, Field{Path: mfaPrefix + "exclusion", Value: "true"})
	}
	if mfa != nil && mfa.Configured != nil && *mfa.Configured {
		shown = append(shown, Field{Path: mfaPrefix + "configured", Value: "true"})
	}
	if len(shown) == 0 {
		return nil, nil
	}
	return mfa, shown
}

// exempt reports whether the fields exempt the user from MFA, for a time or for good.
func exempt(fields []Field) bool {
	return slices.ContainsFunc(fields, func(f Field) bool {
		switch f.Path {
		case mfaPrefix + "exclusion":
			return f.Value == "true"
		case mfaPrefix + "exclusionDays", mfaPrefix + "exclusionUntil":
			return f.Value != ""
		default:
			return false
		}
	})
}
