package definition

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// flagTexts explains JumpCloud's flags on a query.
var flagTexts = map[string]string{
	"CYCLE":                   "it depends on itself",
	"INVALID_GROUP_REFERENCE": "it refers to a group that does not exist",
}

// QueryTrouble returns what JumpCloud says, by its flags, is wrong with the query of a live
// group, or that its flags cannot be read, in fixed words; "" if nothing is.
func (d *Definition) QueryTrouble(live *jumpcloud.UserGroup) string {
	var texts []string
	for _, flag := range live.MemberQueryErrorFlags {
		text, known := flagTexts[flag]
		if !known {
			text = "for a reason that the operator does not know"
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	switch {
	case len(texts) > 0:
		return fmt.Sprintf("JumpCloud cannot evaluate the memberQuery of the group %q: %s. Correct spec.memberQuery, or what it refers to.",
			d.Name, strings.Join(texts, ", and "))
	case !d.Static() && live.Unread.Has("memberQueryErrorFlags"):
		return fmt.Sprintf("JumpCloud's record of the group %q has memberQueryErrorFlags that cannot be read: whether it can evaluate the memberQuery is not known. "+
			"The group is as declared otherwise. Correct it in JumpCloud.", d.Name)
	default:
		return ""
	}
}
