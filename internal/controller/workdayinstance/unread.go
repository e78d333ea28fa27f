package workdayinstance

import (
	"fmt"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// unreadable says what cannot be read of what an update would write; "" if nothing: a report
// that cannot be read is not another one, for which credentials would be withdrawn.
func unreadable(live *jumpcloud.WorkdayInstance) string {
	if !live.Unread.Has("reportUrl", "name") {
		return ""
	}
	return fmt.Sprintf("JumpCloud's record of the Workday instance has fields that cannot be read (%s): whether they are as declared is not known, "+
		"so nothing is changed. Correct the instance in JumpCloud, or ask JumpCloud's support to do so.", strings.Join(live.Unread, ", "))
}

// validityUnread reports whether it cannot be read whether the credentials work.
func validityUnread(live *jumpcloud.WorkdayInstance) bool {
	return live.Auth.Basic.Unread.Has("isValid")
}

// mayWork reports whether there may be credentials that work.
func mayWork(info *jumpcloud.WorkdayAuthInfo) bool { return info.IsValid || info.Unread.Has("isValid") }
