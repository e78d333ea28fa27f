package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

// Digest identifies one decision: action, key, user, fields, and digests of old and new
// values.
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

// Parts returns what there is to approve in one decision, each in the form of approval.Short:
// the creation of its user, and each of its changes separately, so that an approval of
// everything holds for what is left of it. They omit the id of a user whom the run creates,
// because there is none when the rest is approved.
func (d *Decision) Parts(salt string) []string {
	parts := make([]string, 0, len(d.Changes)+1)
	id := d.UserID
	if d.Created {
		id = ""
	}
	if d.Action == Create {
		whole := *d
		whole.Changes = nil
		parts = append(parts, approval.Short(whole.Digest(salt)))
	}
	for _, change := range d.Changes {
		parts = append(parts, approval.Short(fmt.Sprintf("%s %q %q %q %q %q %q", salt, d.Row.Username(), d.Row.Email(), id, change.Path, change.Old, change.New)))
	}
	return parts
}
