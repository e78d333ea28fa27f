package living

import (
	"fmt"
	"strings"
)

const (
	// shown is how many changes a message names.
	shown = 3
	// maxShown bounds the text of each: what is to be done comes after them, and
	// must not be cut off.
	maxShown = 100
)

// sample names the first of some changes.
func sample[T Object, M any](changes []Change[T, M]) string {
	texts := make([]string, 0, shown)
	for i := range changes[:min(len(changes), shown)] {
		text := changes[i].String()
		if len(text) > maxShown {
			text = strings.ToValidUTF8(text[:maxShown], "") + "…"
		}
		texts = append(texts, text)
	}
	text := strings.Join(texts, "; ")
	if more := len(changes) - shown; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// String names a change as people know it.
func (c *Change[T, M]) String() string {
	text := fmt.Sprintf("%s %s", c.Action, cut(c.Subject))
	if len(c.Fields) == 0 {
		return text
	}
	names := make([]string, 0, len(c.Fields))
	for _, field := range c.Fields {
		names = append(names, field.Name)
	}
	return text + " (" + strings.Join(names, ", ") + ")"
}

// harmText tells how many users the plan in the status would harm.
func (w *work[T, M]) harmText() string {
	if w.status.Plan == nil || w.status.Plan.Harmful == 0 {
		return ""
	}
	return ", harming " + plural(int(w.status.Plan.Harmful), "user")
}

func waiting(changes int) string {
	if changes == 1 {
		return "1 change waits"
	}
	return fmt.Sprintf("%d changes wait", changes)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
