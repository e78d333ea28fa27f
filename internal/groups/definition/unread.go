package definition

import (
	"fmt"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// Unwritable returns why a live group must not be updated; "" if it may be. An update writes
// the group as a whole, so it would lose what cannot be read.
func Unwritable(live *jumpcloud.UserGroup) string {
	if live.Writable() {
		return ""
	}
	return fmt.Sprintf("JumpCloud's record of the group has fields that cannot be read (%s), which a change would lose. Correct the group in JumpCloud.",
		strings.Join(live.Unread, ", "))
}
