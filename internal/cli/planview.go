package cli

import (
	"fmt"
	"strings"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/text"
)

// String returns the plan for people.
func (v *planView) String() string {
	var b strings.Builder
	b.WriteString(paragraph(0, fmt.Sprintf("Plan of %s %s/%s: %s", v.Kind, v.Namespace, v.Name, v.counts())))
	b.WriteString(paragraph(0, v.Status.line()))
	if v.ApprovedHash != "" {
		b.WriteString(paragraph(0, "Approved, and being carried out: "+v.ApprovedHash))
	}
	if v.waits() {
		b.WriteString(paragraph(0, fmt.Sprintf("%s for an approval, because of %s.",
			text.Count(v.Withheld, "change waits", "changes wait"), because(v.WithheldBy))))
		b.WriteString("Hash: " + printable(v.Hash) + "\n")
	}
	t := table{header: []string{"ACTION", "SUBJECT", "WAITS", "HARMFUL", "DETAILS"}}
	for i := range v.Changes {
		c := &v.Changes[i]
		t.add(c.Action, c.Subject, yes(c.Withheld), yes(c.Harmful), c.told())
	}
	if len(v.Changes) > 0 {
		b.WriteString("\n" + t.String())
	}
	return b.String()
}

// counts returns numbers of what the plan would do.
func (v *planView) counts() string {
	invalid := 0
	for i := range v.Changes {
		if v.Changes[i].Invalid {
			invalid++
		}
	}
	if len(v.Changes) == 0 && v.Unchanged == 0 {
		return "nothing to change."
	}
	parts := []string{text.Plural(len(v.Changes)-invalid, "change")}
	if v.Harmful > 0 {
		parts = append(parts, fmt.Sprintf("%d harmful", v.Harmful))
	}
	if invalid > 0 {
		parts = append(parts, text.Plural(invalid, "row")+" that cannot be sent")
	}
	if v.Unchanged > 0 {
		parts = append(parts, fmt.Sprintf("%d unchanged", v.Unchanged))
	}
	return strings.Join(parts, ", ") + "."
}

// because says in words why changes wait.
func because(by v1alpha1.WithheldBy) string {
	switch by {
	case v1alpha1.WithheldByMode:
		return "spec.mode"
	case v1alpha1.WithheldByGuard:
		return "the Organization's spec.guard"
	case v1alpha1.WithheldByWindow:
		return "the Organization's spec.guard.window"
	case v1alpha1.WithheldByChange:
		return "their kind, which always needs an approval"
	case v1alpha1.WithheldByWithdrawal:
		return "the withdrawal of their approval"
	default:
		return string(by)
	}
}

// line returns the state of an object in one paragraph.
func (s state) line() string {
	word := s.Word
	if s.Paused {
		word += ", paused"
	}
	if s.Reason != "" {
		word += " (" + s.Reason + ")"
	}
	if s.Message == "" {
		return word
	}
	return word + ": " + s.Message
}

func yes(set bool) string {
	if set {
		return "yes"
	}
	return ""
}
