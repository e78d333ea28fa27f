package approval

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

func TestAllowed(t *testing.T) {
	for _, c := range []struct {
		harmful, percent int32
		users, want      int
	}{
		{25, 5, 10000, 25}, {25, 5, 100, 5}, {25, 5, 10, 3}, {0, 0, 1000, 3}, {100000, 100, 50, 50},
	} {
		NewWithT(t).Expect(Allowed(v1alpha1.Guard{MaxHarmful: &c.harmful, MaxPercent: &c.percent}, c.users)).To(Equal(c.want), "%+v", c)
	}
	NewWithT(t).Expect(Allowed(v1alpha1.Guard{}, 50)).To(Equal(50), "an absent figure does not limit")
}

func approvals(hashes ...string) Approvals { return Approvals{Hashes: hashes} }

func TestJudge(t *testing.T) {
	harmless, gated := Change{Digest: "harmless"}, Change{Digest: "gated", Gated: true}
	one, two := Change{Digest: "one", Harm: 1}, Change{Digest: "two", Harm: 2}
	all := []Change{harmless, gated, one, two}
	withdrawn := func(c Change) Change { c.Withdrawn = true; return c }
	covered := func(c Change) Change { c.Covered = true; return c }
	counted := func(c Change) Change { c.Counted = true; return c }
	gatedOnly := Evaluate(all, Request{Identity: "x", Allowed: 3}).Hash
	everything := Evaluate(all, Request{Identity: "x", Mode: v1alpha1.ModePlan}).Hash

	for name, c := range map[string]struct {
		changes  []Change
		request  Request
		withheld []int
		granted  bool
		changed  bool
	}{
		"harm that the guard allows goes, a gated change waits": {changes: all, request: Request{Allowed: 3}, withheld: []int{1}},
		"harm beyond the guard waits as a whole":                {changes: all, request: Request{Allowed: 2}, withheld: []int{1, 2, 3}},
		"harm that was done counts":                             {changes: all[2:], request: Request{Allowed: 3, Harmed: 1}, withheld: []int{0, 1}},
		"and counts once":                                       {changes: []Change{counted(one), two}, request: Request{Allowed: 3, Harmed: 1}},
		"harm that was approved counts":                         {changes: []Change{one, covered(two)}, request: Request{Allowed: 2}, withheld: []int{0}},
		"nothing waits in mode Apply without harm":              {changes: all[:1], request: Request{}},
		"what was withdrawn waits, whatever harm it does":       {changes: []Change{withdrawn(harmless), withdrawn(one), two}, request: Request{Allowed: 3}, withheld: []int{0, 1}},
		"and beside harm beyond the guard":                      {changes: []Change{withdrawn(harmless), harmless, two}, request: Request{Allowed: 1}, withheld: []int{0, 2}},
		"everything waits for an approval":                      {changes: all, request: Request{Allowed: 9, Mode: v1alpha1.ModeApplyAfterApproval}, withheld: []int{0, 1, 2, 3}},
		"but for what is covered":                               {changes: []Change{covered(harmless), one}, request: Request{Allowed: 9, Mode: v1alpha1.ModeApplyAfterApproval}, withheld: []int{1}},
		"everything waits in mode Plan, approved or not":        {changes: all, request: Request{Identity: "x", Mode: v1alpha1.ModePlan, Approvals: approvals(everything)}, withheld: []int{0, 1, 2, 3}},
		"an approval of what waits":                             {changes: all, request: Request{Identity: "x", Allowed: 3, Approvals: approvals(gatedOnly)}, granted: true},
		"an approval of everything":                             {changes: all, request: Request{Identity: "x", Allowed: 3, Approvals: approvals(everything)}, granted: true},
		"an approval of a part":                                 {changes: all, request: Request{Identity: "x", Allowed: 2, Approvals: approvals(gatedOnly)}, withheld: []int{1, 2, 3}, changed: true},
		"an approval of another run":                            {changes: all, request: Request{Identity: "y", Allowed: 3, Approvals: approvals(gatedOnly)}, withheld: []int{1}, changed: true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			v := Evaluate(c.changes, c.request)
			withheld := map[int]bool{}
			for _, i := range c.withheld {
				withheld[i] = true
			}
			g.Expect(v.Withheld).To(Equal(withheld))
			g.Expect(v.Granted).To(Equal(c.granted))
			g.Expect(v.Changed).To(Equal(c.changed))
		})
	}
	g := NewWithT(t)
	for by, changes := range map[v1alpha1.WithheldBy][]Change{
		v1alpha1.WithheldByWithdrawal: {withdrawn(one), two},
		v1alpha1.WithheldByChange:     {withdrawn(one), gated},
		v1alpha1.WithheldByGuard:      {withdrawn(one), two, two},
	} {
		g.Expect(Evaluate(changes, Request{Allowed: 3}).By).To(Equal(by))
	}
	g.Expect(Evaluate([]Change{two, one, gated, harmless}, Request{Identity: "x", Mode: v1alpha1.ModePlan}).Hash).To(Equal(everything), "the order does not count")
}

func TestAdvice(t *testing.T) {
	g := NewWithT(t)
	const hash = "sha256:abc"
	either := Approvals{}.Advice(hash, "UserGroup", "staff")
	g.Expect(either).To(And(ContainSubstring("spec.approvedPlan to "+hash), ContainSubstring("PlanApproval of it for UserGroup staff")))
	only := Approvals{ObjectsOnly: true}.Advice(hash, "UserGroup", "staff")
	g.Expect(only).To(And(ContainSubstring("PlanApproval of plan "+hash+" for UserGroup staff"), ContainSubstring("spec.approvedPlan is ignored")))
	g.Expect(Approvals{}.Advice(hash, "WorkdayInstance", "hr")).NotTo(ContainSubstring("spec.approvedPlan"))
}

func TestPack(t *testing.T) {
	g := NewWithT(t)
	shorts := []string{Short("b"), Short("a"), Short("b")}
	packed := Pack(shorts)
	g.Expect(Unpack(packed)).To(Equal(map[string]bool{Short("a"): true, Short("b"): true}))
	g.Expect(Pack([]string{shorts[1], shorts[0]})).To(Equal(packed))
	g.Expect(Unpack("")).To(BeEmpty())
	g.Expect(Unpack(packed[:len(packed)-1])).To(HaveLen(1), "what was cut off is dropped")
	many := make([]string, MaxPacked+1)
	for i := range many {
		many[i] = Short(string(rune('a' + i)))
	}
	g.Expect(Unpack(Pack(many))).NotTo(HaveKey(many[MaxPacked]))
	g.Expect(len(Pack(many))).To(BeNumerically("<=", 131072))
}
