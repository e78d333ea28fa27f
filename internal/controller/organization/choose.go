package organization

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// choose returns the organization that the object is pinned to, by its spec, by its status, or
// because there is no other; or the problem with that. writable are those that separate
// credentials for mutating calls see; nil: there are no such credentials.
func choose(o *v1alpha1.Organization, visible, writable []jumpcloud.Organization) (_ *jumpcloud.Organization, reason, problem string) {
	pin, recorded := o.Spec.OrganizationID, o.Status.OrganizationID
	if pin != "" && recorded != "" && pin != recorded {
		return nil, v1alpha1.OrganizationMismatchReason, fmt.Sprintf(
			"This object belongs to JumpCloud's organization %s, and spec.organizationID now names %s. Make a new Organization for that one.", recorded, pin)
	}
	pin = pinOf(o)
	reading := named(o, readingCredentials(o))
	if reason, problem := unpinned(pin, reading, visible); problem != "" {
		return nil, reason, problem
	}
	if writable != nil {
		writing := named(o, o.Spec.Credentials)
		if reason, problem := unpinned(pin, writing, writable); problem != "" {
			return nil, reason, problem
		}
		common := slices.DeleteFunc(slices.Clone(visible), func(seen jumpcloud.Organization) bool { return !slices.Contains(idsOf(writable), seen.ID) })
		if len(common) == 0 {
			return nil, v1alpha1.OrganizationMismatchReason, fmt.Sprintf(
				"The credentials in %s belong to %s, and those in %s to %s. Both must lead to the same one: correct one of the Secrets.",
				reading, naming(idsOf(visible)), writing, naming(idsOf(writable)))
		}
		visible = common
	}
	switch ids := idsOf(visible); {
	case pin != "":
		return &visible[slices.Index(ids, pin)], "", ""
	case len(ids) > 1:
		return nil, v1alpha1.InvalidSpecReason, fmt.Sprintf("The credentials see %s: name one of them in spec.organizationID.", naming(ids))
	default:
		return &visible[0], "", ""
	}
}

// unpinned returns the problem with credentials that do not see the organization that the
// object is pinned to, or see none at all.
func unpinned(pin, secret string, visible []jumpcloud.Organization) (reason, problem string) {
	ids := idsOf(visible)
	switch {
	case len(ids) == 0:
		return v1alpha1.PermissionDeniedReason, fmt.Sprintf(
			"The credentials in %s see no organization: give their administrator or service account access to one.", secret)
	case pin != "" && !sees(visible, pin):
		return v1alpha1.OrganizationMismatchReason, fmt.Sprintf(
			"The credentials in %s belong to %s, not to organization %s. Correct the Secret, or make a new Organization.", secret, naming(ids), pin)
	default:
		return "", ""
	}
}

// pinOf returns the id of the organization that the object is pinned to; "" if it is not.
func pinOf(o *v1alpha1.Organization) string {
	return cmp.Or(o.Spec.OrganizationID, o.Status.OrganizationID)
}

// sees reports whether the organization that an object is pinned to is visible.
func sees(visible []jumpcloud.Organization, pin string) bool {
	return pin != "" && slices.Contains(idsOf(visible), pin)
}

func idsOf(organizations []jumpcloud.Organization) []string {
	ids := make([]string, len(organizations))
	for i := range organizations {
		ids[i] = organizations[i].ID
	}
	return ids
}

// naming lists organizations, as many as a message can hold.
func naming(ids []string) string {
	const most = 20
	if len(ids) == 1 {
		return "organization " + ids[0]
	}
	if len(ids) > most {
		return fmt.Sprintf("%d organizations, among them %s", len(ids), strings.Join(ids[:most], ", "))
	}
	return "the organizations " + strings.Join(ids, ", ")
}
