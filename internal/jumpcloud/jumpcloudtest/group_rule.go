package jumpcloudtest

import (
	"slices"
	"time"
)

// What may be done to a member.
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

// reevaluate makes the rules of all dynamic groups due, because a user came,
// changed or went (documented).
func (o *Organization) reevaluate(now time.Time) {
	for _, g := range o.groups.inserted {
		o.evaluateLater(g, now)
	}
}

// evaluateLater makes the rule of a group due. One that is due already is not
// put off: it will see this change too.
func (o *Organization) evaluateLater(g *group, now time.Time) {
	if !g.dynamic() || !g.evaluateFrom.IsZero() {
		return
	}
	g.evaluateFrom = now.Add(o.behavior.evaluationDelay())
	o.groups.due = append(o.groups.due, g)
}

// nextEvaluation is that the rule which is due first decides.
func (o *Organization) nextEvaluation() occurrence {
	if len(o.groups.due) == 0 {
		return occurrence{}
	}
	first := slices.MinFunc(o.groups.due, func(a, b *group) int { return a.evaluateFrom.Compare(b.evaluateFrom) })
	return occurrence{first.evaluateFrom, func() { o.evaluate(first) }}
}

// evaluate lets the rule of a group decide about everybody who is not exempt. Of
// a group that needs a review it only suggests.
func (o *Organization) evaluate(g *group) {
	g.evaluateFrom = time.Time{}
	o.groups.due = without(o.groups.due, g)
	g.suggestions = nil
	if !g.dynamic() {
		return // it was, when this was planned
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
