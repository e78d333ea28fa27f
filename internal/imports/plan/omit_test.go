package plan

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

// omitted returns the decision about a row whose create was refused, with a default of the
// import.
func omitted(t *testing.T, live *jumpcloud.User, fields ...string) Decision {
	t.Helper()
	m := NewMatcher(Options{
		Created: map[int]bool{1: true}, Omitted: map[int]bool{1: true},
		Defaults: []rows.Field{{Path: "mfa.exclusionDays", Value: "7"}, {Path: "department", Value: "Engines"}},
	}, []*rows.Row{row(1, append([]string{"username", "ada", "email", "ada@example.org"}, fields...)...)})
	if live != nil {
		m.Visit(live)
	}
	return m.Decide()[0]
}

func TestACreateThatOmitsIsCompletedLater(t *testing.T) {
	g := NewWithT(t)
	d := omitted(t, nil, "manager", adaID)
	g.Expect(d.Action).To(Equal(Create))
	g.Expect(d.Omits).To(BeTrue())
	g.Expect(d.Deferred).To(BeTrue())
	g.Expect(d.Manager).To(BeNil())
}

func TestWhatACreateOmittedIsAnUpdate(t *testing.T) {
	days := &jumpcloud.MFA{Exclusion: new(true), ExclusionDays: new(int64(7))}
	for name, c := range map[string]struct {
		fields  []string
		change  func(*jumpcloud.User)
		paths   []string
		mfa     *jumpcloud.MFA
		harmful bool
	}{
		"days of the defaults":     {paths: []string{"mfa.exclusion"}, mfa: days},
		"and MFA begins with them": {fields: []string{mfaPath, "true"}, paths: []string{mfaPath, "mfa.exclusion"}, mfa: days},
		"an exclusion that is there": {
			fields: []string{"relationships", `[{"type":"a","value":"1"}]`}, change: func(u *jumpcloud.User) { u.MFA = &jumpcloud.MFA{Exclusion: new(true)} },
			paths: []string{"relationships"},
		},
		"another field is as harmful as ever": {
			fields: []string{"passwordNeverExpires", "true"}, change: func(u *jumpcloud.User) { u.MFA = &jumpcloud.MFA{Exclusion: new(true)} },
			paths: []string{"passwordNeverExpires"}, harmful: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			live := user(adaID, "ada", "ada@example.org")
			live.State = new(jumpcloud.StateActivated)
			if c.change != nil {
				c.change(live)
			}
			d := omitted(t, live, c.fields...)
			g.Expect(d.Action).To(Equal(Update))
			var paths []string
			for _, change := range d.Changes {
				paths = append(paths, change.Path)
			}
			g.Expect(paths).To(Equal(c.paths), "no other default counts for a user who is there")
			g.Expect(d.Payload.MFA).To(Equal(c.mfa))
			g.Expect(d.ExclusionByDate).To(Equal(c.mfa != nil))
			g.Expect(d.Harmful).To(Equal(c.harmful))
		})
	}
}

func TestAUserWhoLacksNothingIsComplete(t *testing.T) {
	live := user(adaID, "ada", "ada@example.org")
	live.MFA = &jumpcloud.MFA{Exclusion: new(true)}
	NewWithT(t).Expect(omitted(t, live).Action).To(Equal(Unchanged))
}

// What is not known of mfa does not count as what the create omitted.
func TestWhatACreateOmittedAndCannotBeReadFails(t *testing.T) {
	g := NewWithT(t)
	live := user(adaID, "ada", "ada@example.org")
	live.Unread = jumpcloud.Unread{"mfa"}
	d := omitted(t, live)
	g.Expect(d.Action).To(Equal(Fail))
	g.Expect(d.Message).To(HavePrefix("mfa.exclusion: JumpCloud's value for this user cannot be read"))
}
