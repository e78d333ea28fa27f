package plan

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// A plan found Ada to be a leaver, as row 7. Each case changes one thing before she is
// reconsidered.
func TestALeaverIsReconsidered(t *testing.T) {
	state := func(s jumpcloud.State) *jumpcloud.User {
		return user(adaID, "ada.byron", "ada@example.org", func(u *jumpcloud.User) { u.State = new(s) })
	}
	for name, c := range map[string]struct {
		row    []string
		live   *jumpcloud.User
		claims Claims
		opts   Options
		action Action
		says   string
	}{
		"as she was":                 {live: state(jumpcloud.StateActivated), action: Update},
		"a row names her":            {row: []string{"username", "ada.byron"}, live: state(jumpcloud.StateActivated), action: Skip, says: "a row is about this user again"},
		"a row names her, suspended": {row: []string{"username", "ada.byron"}, live: state(jumpcloud.StateSuspended), action: Skip, says: "a row is about this user again"},
		"it is in doubt":             {live: state(jumpcloud.StateActivated), claims: Claims{Unknown: "b is unread"}, action: Skip, says: "who left is no longer known: b is unread"},
		"another object names her":   {live: state(jumpcloud.StateActivated), claims: Claims{IDs: map[string]bool{adaID: true}}, action: Unchanged, says: "another object"},
		"she is suspended":           {live: state(jumpcloud.StateSuspended), action: Unchanged},
		"she is staged":              {live: state(jumpcloud.StateStaged), action: Skip, says: "does not show the user as Activated"},
		"she is protected":           {live: state(jumpcloud.StateActivated), opts: Options{Protected: []v1alpha1.UserReference{{ID: adaID}}}, action: Skip, says: "is protected"},
		"she is deleted":             {action: Unchanged, says: "was deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			set := setOf(row(1, "username", "chas"))
			if c.row != nil {
				set.Rows = append(set.Rows, *row(2, c.row...))
			}
			roster := NewRoster([]string{adaID}, NamedBy(set), c.opts)
			if c.live != nil {
				roster.Visit(c.live)
			}
			decisions, _ := roster.Reconsider([]Departing{{ID: adaID, Number: 7}, {ID: chasID, Number: 8}}, c.claims)
			g.Expect(decisions).To(HaveLen(1), "nothing is decided about whom the roster does not have")
			d := decisions[0]
			g.Expect(d).To(And(HaveField("Action", c.action), HaveField("UserID", adaID), HaveField("Leaver", true), HaveField("Row.Number", 7)))
			g.Expect(d.Message).To(ContainSubstring(c.says))
			g.Expect(d.Sends()).To(Equal(c.action == Update))
			g.Expect(d.Suspend && d.Harmful).To(Equal(c.action == Update))
		})
	}
}
