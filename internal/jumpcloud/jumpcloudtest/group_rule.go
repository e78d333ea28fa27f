package jumpcloudtest

import (
	"slices"
	"time"
)

// Operations on a member.
const (
	opAdd    = "add"
	opRemove = "remove"
	opUpdate = "update"
)

// suggestion is a change of members that the rule of a group would make.
type suggestion struct {
	op     string
	userID string
}

// reevaluate makes the rules of all dynamic groups due, because a user was added, changed or
// removed (documented).
func (o *Organization) reevaluate(now time.Time) {
	for _, g := range o.groups.inserted {
		o.evaluateLater(g, now)
	}
}

// evaluateLater makes the rule of a group due. It does not postpone a rule that is already
// due: that evaluation will see this change too.
func (o *Organization) evaluateLater(g *group, now time.Time) {
	if !g.dynamic() || !g.evaluateFrom.IsZero() {
		return
	}
	g.evaluateFrom = now.Add(o.behavior.evaluationDelay())
	o.groups.due = append(o.groups.due, g)
}

// nextEvaluation returns the evaluation of the rule that is due first.
func (o *Organization) nextEvaluation() occurrence {
	if len(o.groups.due) == 0 {
		return occurrence{}
	}
	first := slices.MinFunc(o.groups.due, func(a, b *group) int { return a.evaluateFrom.Compare(b.evaluateFrom) })
	return occurrence{first.evaluateFrom, func() { o.evaluate(first) }}
}

// evaluate applies the rule of a group to every user who is not exempt. For a group that needs
// a review it only records suggestions.
func (o *Organization) evaluate(g *group) {
	g.evaluateFrom = time.Time{}
	o.groups.due = without(o.groups.due, g)
	g.suggestions = nil
	if !g.dynamic() {
		return // it was dynamic when the evaluation was scheduled
	}
	var changes []suggestion
	rule := o.rule(g.fields["memberQuery"])
	for _, u := range o.users.inserted {
		belongs, is := rule.matches(u), g.members.has[u.id]
		switch {
		case belongs == is || g.exempt(u.id):
		case belongs:
			changes = append(changes, suggestion{opAdd, u.id})
		default:
			changes = append(changes, suggestion{opRemove, u.id})
		}
	}
	if g.text("membershipMethod") == methodReview {
		g.suggestions = changes
		return
	}
	g.apply(changes)
}

func (g *group) apply(changes []suggestion) {
	var gone []string
	for _, change := range changes {
		if change.op == opAdd {
			g.members.add(change.userID)
		} else {
			gone = append(gone, change.userID)
		}
	}
	g.members.remove(gone...)
}
