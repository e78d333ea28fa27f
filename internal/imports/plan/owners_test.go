package plan

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

func TestARowAboutTheUserOfAUserObject(t *testing.T) {
	meta := metav1.ObjectMeta{Namespace: "identity", Name: "ada"}
	owning := v1alpha1.UserStatus{ID: adaID, Username: "ada.byron"}
	creating := v1alpha1.UserStatus{}
	creating.Creating = &v1alpha1.CreatingStatus{Name: "Ada.Byron"}
	for name, c := range map[string]struct {
		status  v1alpha1.UserStatus
		opts    Options
		absent  bool // there is no such user
		action  Action
		message string
	}{
		"it has the user":              {status: owning, action: Fail, message: "User identity/ada stands for this user"},
		"of another namespace":         {status: owning, opts: Options{Foreign: true}, action: Fail, message: "a User object stands for this user"},
		"a user who was just deleted":  {status: owning, absent: true, action: Fail, message: "User identity/ada stands"},
		"it creates the user":          {status: creating, absent: true, action: Fail, message: "User identity/ada stands"},
		"it has just created the user": {status: creating, action: Fail, message: "User identity/ada stands"},
		"it has another user":          {status: v1alpha1.UserStatus{ID: chasID, Username: "chas"}, action: Update},
		"it has none":                  {action: Update},
		"who is there is skipped":      {status: owning, opts: Options{OnlyNew: true}, action: Skip},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			c.opts.MatchBy = v1alpha1.MatchByUsername
			c.opts.Owners.Add(&v1alpha1.User{ObjectMeta: meta, Status: c.status})
			m := NewMatcher(c.opts, []*rows.Row{row(1, "username", "ada.byron", "email", "ada@example.org", "department", "Looms")})
			if !c.absent {
				m.Visit(user(adaID, "ada.byron", "ada@example.org"))
			}
			d := m.Decide()[0]
			g.Expect(d.Action).To(Equal(c.action), "%+v", d)
			g.Expect(d.Message).To(HavePrefix(c.message))
			if c.action == Fail {
				g.Expect(d.Reason).To(Equal(v1alpha1.RemoteConflictReason))
			}
		})
	}
}
