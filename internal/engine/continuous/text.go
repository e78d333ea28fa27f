package continuous

import (
	"fmt"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

const (
	// shown is how many changes a message names.
	shown = 3
	// maxShown bounds the text of each: the advice that follows must not be cut off.
	maxShown = 100
)

// sample names the first few changes.
func sample[T Object, M any](changes []Change[T, M]) string {
	texts := make([]string, 0, shown)
	for i := range changes[:min(len(changes), shown)] {
		texts = append(texts, text.Shorten(changes[i].String(), maxShown))
	}
	if more := len(changes) - shown; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, "; ")
}

// String names a change as people know it.
func (c *Change[T, M]) String() string {
	named := fmt.Sprintf("%s %s", c.Action, text.Clip(c.Subject, maxSubject))
	if len(c.Fields) == 0 {
		return named
	}
	return named + " (" + strings.Join(c.Fields.Names(), ", ") + ")"
}

// effects says how many users the plan in the status would harm, and how many JumpCloud would
// mail.
func (r *report[T, M]) effects() (said string) {
	plan := r.status.Plan
	if plan == nil {
		return ""
	}
	if plan.Harmful > 0 {
		said = ", harming " + text.Plural(int(plan.Harmful), "user")
	}
	if plan.ActivationMails > 0 {
		said += ", with activation mail to " + text.Plural(int(plan.ActivationMails), "user")
	}
	return said
}

func waiting(changes int) string { return text.Count(changes, "change waits", "changes wait") }
