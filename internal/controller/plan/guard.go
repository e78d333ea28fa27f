package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// alwaysAllowed is how many harmful rows any plan may have.
const alwaysAllowed = 3

// Allowed returns how many harmful changes one plan may make in an
// organization of so many users: the smaller of the two figures, but at
// least 3. An absent figure does not limit.
func Allowed(guard v1alpha1.Guard, users int) int {
	allowed := users
	if guard.MaxHarmful != nil {
		allowed = min(allowed, int(*guard.MaxHarmful))
	}
	if guard.MaxPercent != nil {
		allowed = min(allowed, users*int(*guard.MaxPercent)/100)
	}
	return max(allowed, alwaysAllowed)
}

// Run identifies the run that a plan belongs to.
type Run struct {
	Key    string
	Number int64
}

// Hash names a set of decisions of one run: it covers what would be done to
// whom, and digests of the old and new values. Rows that send nothing do not
// count, and the order does not either.
func Hash(run Run, salt string, decisions []*Decision) string {
	lines := make([]string, 0, len(decisions))
	for _, d := range decisions {
		lines = append(lines, d.Digest(salt))
	}
	sort.Strings(lines)
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d\n%s", run.Key, run.Number, strings.Join(lines, "\n")))
	return "sha256:" + hex.EncodeToString(sum[:])
}

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
