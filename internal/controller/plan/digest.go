package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Digest names one decision: action, key, user, fields, and digests of old
// and new values.
func (d *Decision) Digest(salt string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q %q %q", d.Action, d.Row.Username(), d.Row.Email(), d.UserID)
	if d.Action == Create {
		for _, field := range d.Row.Fields {
			fmt.Fprintf(&b, " %q %q", field.Path, field.Value)
		}
	}
	for _, change := range d.Changes {
		fmt.Fprintf(&b, " %q %q %q", change.Path, change.Old, change.New)
	}
	sum := sha256.Sum256([]byte(salt + "\n" + b.String()))
	return hex.EncodeToString(sum[:16])
}
