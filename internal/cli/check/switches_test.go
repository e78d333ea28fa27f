package check

import (
	"encoding/json"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
)

// sides are the sides of each switch that are not the default: what is set, and
// what must be found. A time is found as that of the look that shows it.
var sides = map[string][]side{
	"duplicateGroupStatus":  {{`400`, `400`}, {`201`, `201`}},
	"groupVisibilityLag":    {{`"3s"`, `"4s"`}},
	"memberLag":             {{`"2s"`, `"2s"`}},
	"duplicateMemberStatus": {{`204`, `204`}, {`400`, `400`}},
	"verboseConnections":    {{`true`, `true`}},
	"missingMemberStatus":   {{`204`, `204`}},
	"deleteGroupStatus":     {{`200`, `200`}},
}

type side struct{ set, found string }

// value is a finding's value as JSON.
func (w *world) value(f Finding) string {
	content, err := json.Marshal(f.Value)
	w.Expect(err).NotTo(HaveOccurred())
	return string(content)
}

// truth is what is to be found about each switch: as it is set, or assumed.
func truth() map[string]string {
	out := map[string]string{}
	for _, g := range all {
		for _, p := range g.probes {
			content, _ := json.Marshal(p.assumed)
			out[p.name] = string(content)
		}
	}
	return out
}

func TestEachSwitchIsFoundOnEitherSide(t *testing.T) {
	t.Parallel()
	for name, tried := range sides {
		for _, s := range tried {
			t.Run(name+" "+s.set, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, fmt.Sprintf(`{%q:%s}`, name, s.set))
				findings := w.check()
				w.Expect(w.value(findings[name])).To(Equal(s.found), findings[name].Shown)
				w.Expect(findings[name].Verdict).To(BeElementOf(Refuted, Measured), findings[name].Shown)
				w.nothingElse(name, findings)
			})
		}
	}
}

// nothingElse reports a finding about another switch that is not true. Times
// depend on each other and are left out.
func (w *world) nothingElse(name string, findings map[string]Finding) {
	for other, want := range truth() {
		if f := findings[other]; other != name && f.Verdict != NotTried && f.Verdict != Measured {
			w.Expect(w.value(f)).To(Equal(want), "%s, with %s changed: %s", other, name, f.Shown)
		}
	}
}

func TestTheDefaultsAreConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `{}`)
	findings := w.check()
	for _, g := range all {
		for _, p := range g.probes {
			if !undecidedByDefault[p.name] {
				w.Expect(findings[p.name].Verdict).To(BeElementOf(Confirmed, Measured), "%s: %s", p.name, findings[p.name].Shown)
			}
		}
	}
	w.nothingElse("", findings)
}

// undecidedByDefault are switches that a key which sees one organization cannot
// tell. They have tests of their own.
var undecidedByDefault = map[string]bool{}
