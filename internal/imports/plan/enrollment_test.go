package plan

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestDaysToEnrol(t *testing.T) {
	for name, c := range map[string]struct {
		fields   []string
		mfa      bool
		state    jumpcloud.State
		action   Action
		noEffect string
		omitted  string
		byDate   bool
	}{
		"an active user takes a date":            {fields: []string{mfaPath, "true"}, state: jumpcloud.StateActivated, action: Update, byDate: true},
		"a staged user takes days":               {fields: []string{mfaPath, "true"}, state: jumpcloud.StateStaged, action: Update},
		"MFA that is on stays as it is":          {fields: []string{mfaPath, "true"}, mfa: true, state: jumpcloud.StateActivated, action: Unchanged, noEffect: exclusionDaysPath},
		"MFA that is switched off":               {fields: []string{mfaPath, "false"}, mfa: true, state: jumpcloud.StateActivated, action: Update, noEffect: exclusionDaysPath},
		"days alone":                             {state: jumpcloud.StateActivated, action: Unchanged, noEffect: exclusionDaysPath},
		"MFA waits where the state is not known": {fields: []string{mfaPath, "true"}, action: Unchanged, noEffect: exclusionDaysPath, omitted: mfaPath},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r := row(1, append([]string{"username", "ada", "email", "ada@example.org", exclusionDaysPath, "7"}, c.fields...)...)
			m := NewMatcher(Options{EnrollmentDays: true}, []*rows.Row{r})
			m.Visit(user(adaID, "ada", "ada@example.org", func(u *jumpcloud.User) {
				u.EnableUserPortalMultifactor, u.State = &c.mfa, nil
				if c.state != "" {
					u.State = &c.state
				}
			}))
			d := m.Decide()[0]
			g.Expect(d.Action).To(Equal(c.action))
			g.Expect(d.NoEffect).To(Equal(c.noEffect))
			g.Expect(d.Omitted).To(Equal(c.omitted))
			g.Expect(d.ExclusionByDate).To(Equal(c.byDate))
			if c.noEffect == "" {
				g.Expect(d.Payload.MFA).To(HaveValue(Equal(jumpcloud.MFA{Exclusion: new(true), ExclusionDays: new(int64(7))})))
				g.Expect(d.Harmful).To(BeFalse(), "MFA begins")
			} else if d.Payload != nil {
				g.Expect(d.Payload.MFA).To(BeNil())
			}
		})
	}
}
