package withheld

import (
	"fmt"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/approval"
)

const acme types.UID = "organization-uid"

// waits is an object whose plan waits.
func waits(name, hash string) Waiting {
	return Waiting{Kind: "UserGroup", Namespace: "identity", Name: name, UID: types.UID(name + "-uid"), Plan: approval.Plan{
		Hash: hash, Withheld: 3, Harmful: 2, Grant: v1alpha1.Grant{WithheldBy: v1alpha1.WithheldByWindow},
	}}
}

// goes is an object whose plan is carried out by an approval.
func goes(name, hash string) Waiting {
	w := waits(name, "")
	w.Plan = approval.Plan{Grant: v1alpha1.Grant{ApprovedHash: hash}}
	return w
}

func bySpec(hash string) Approvals { return Approvals{Spec: hash} }

func byObject(hashes ...string) (a Approvals) {
	for i, hash := range hashes {
		p := v1alpha1.PlanApproval{ObjectMeta: metav1.ObjectMeta{Name: strconv.Itoa(i)}}
		p.Spec.Plan = hash
		a.Objects = append(a.Objects, p)
	}
	return a
}

func releases(g *WithT, released *v1alpha1.ReleasedStatus, w Waiting, hash string) bool {
	g.Expect(released).NotTo(BeNil())
	return approval.ReleasedIn(released, w.Kind, w.Namespace, w.Name, w.UID)(hash)
}

func TestWithheld(t *testing.T) {
	g := NewWithT(t)
	withheld, released := Decide(acme, nil, Approvals{}, nil)
	g.Expect(withheld).To(BeNil())
	g.Expect(released).To(BeNil())

	var many []Waiting
	for i := range 60 {
		many = append([]Waiting{waits(fmt.Sprintf("g%02d", i), "sha256:p")}, many...)
	}
	withheld, _ = Decide(acme, many, Approvals{}, nil)
	g.Expect(withheld.Changes).To(Equal(int32(180)))
	g.Expect(withheld.Objects).To(HaveLen(50))
	g.Expect(withheld.Objects[0]).To(Equal(v1alpha1.WithheldObject{
		Kind: "UserGroup", Namespace: "identity", Name: "g00", Hash: "sha256:p", Harmful: 2,
	}))
	g.Expect(withheld.Hash).To(MatchRegexp(`^sha256:[0-9a-f]{64}$`))

	for name, other := range map[string]func([]Waiting) []Waiting{
		"an object that is not listed": func(w []Waiting) []Waiting { return w[1:] },
		"another plan":                 func(w []Waiting) []Waiting { w[0].Plan.Hash = "sha256:q"; return w },
		"an object made again":         func(w []Waiting) []Waiting { w[0].UID = "new"; return w },
		"another namespace":            func(w []Waiting) []Waiting { w[0].Namespace = "other"; return w },
	} {
		changed, _ := Decide(acme, other(append([]Waiting{}, many...)), Approvals{}, nil)
		g.Expect(changed.Hash).NotTo(Equal(withheld.Hash), name)
	}
	elsewhere, _ := Decide("another", many, Approvals{}, nil)
	g.Expect(elsewhere.Hash).NotTo(Equal(withheld.Hash))
}

func TestOnlyTheGuardCounts(t *testing.T) {
	g := NewWithT(t)
	mode := waits("a", "sha256:p")
	mode.Plan.WithheldBy = v1alpha1.WithheldByMode
	withheld, _ := Decide(acme, []Waiting{mode}, Approvals{}, nil)
	g.Expect(withheld).To(BeNil())
}

func TestRelease(t *testing.T) {
	g := NewWithT(t)
	a, b, later := waits("a", "sha256:a"), waits("b", "sha256:b"), waits("c", "sha256:c")
	both, _ := Decide(acme, []Waiting{a, b}, Approvals{}, nil)

	withheld, released := Decide(acme, []Waiting{a, b}, bySpec(both.Hash), nil)
	g.Expect(withheld).To(BeNil(), "what is approved waits for none")
	g.Expect(released.Hash).To(Equal(both.Hash))
	g.Expect(releases(g, released, a, "sha256:a")).To(BeTrue())
	g.Expect(releases(g, released, b, "sha256:b")).To(BeTrue())
	g.Expect(releases(g, released, a, "sha256:b")).To(BeFalse())
	g.Expect(releases(g, released, later, "sha256:c")).To(BeFalse())
	made := a
	made.UID = "new"
	g.Expect(releases(g, released, made, "sha256:a")).To(BeFalse())

	withheld, same := Decide(acme, []Waiting{goes("a", "sha256:a"), b, later}, bySpec(both.Hash), released)
	g.Expect(same).To(Equal(released), "it goes on")
	g.Expect(withheld.Objects).To(HaveLen(1), "what is new waits")
	moved := waits("b", "sha256:moved")
	withheld, same = Decide(acme, []Waiting{goes("a", "sha256:a"), moved}, bySpec(both.Hash), released)
	g.Expect(same).To(Equal(released))
	g.Expect(withheld.Objects[0].Hash).To(Equal("sha256:moved"), "a plan that moved waits again")
}

func TestWithdrawal(t *testing.T) {
	g := NewWithT(t)
	a := waits("a", "sha256:a")
	one, _ := Decide(acme, []Waiting{a}, Approvals{}, nil)
	_, released := Decide(acme, []Waiting{a}, byObject(one.Hash), nil)
	for name, now := range map[string]Approvals{"none": {}, "another one": bySpec("sha256:other"), "another object": byObject("sha256:other")} {
		withheld, left := Decide(acme, []Waiting{a}, now, released)
		g.Expect(left).To(BeNil(), name)
		g.Expect(withheld.Hash).To(Equal(one.Hash), name)
	}
}

// An approval counts once: until all of its plans are carried out or gone.
func TestReleaseIsDone(t *testing.T) {
	g := NewWithT(t)
	a, b := waits("a", "sha256:a"), waits("b", "sha256:b")
	one, _ := Decide(acme, []Waiting{a}, Approvals{}, nil)
	for name, approvals := range map[string]Approvals{"spec": bySpec(one.Hash), "object": byObject(one.Hash)} {
		_, released := Decide(acme, []Waiting{a}, approvals, nil)
		withheld, done := Decide(acme, []Waiting{b, goes("a", "sha256:spec")}, approvals, released)
		g.Expect(done).To(Equal(&v1alpha1.ReleasedStatus{Hash: one.Hash}), name)
		g.Expect(withheld.Objects).To(HaveLen(1), name)

		withheld, again := Decide(acme, []Waiting{a}, approvals, done)
		g.Expect(again).To(Equal(done), "%s: the same plan needs another approval", name)
		g.Expect(withheld.Hash).To(Equal(one.Hash))
	}
}

// One release ends before another one takes its place.
func TestOneAfterTheOther(t *testing.T) {
	g := NewWithT(t)
	a, b := waits("a", "sha256:a"), waits("b", "sha256:b")
	first, _ := Decide(acme, []Waiting{a}, Approvals{}, nil)
	second, _ := Decide(acme, []Waiting{b}, Approvals{}, nil)
	_, released := Decide(acme, []Waiting{a}, byObject(first.Hash), nil)

	approvals := byObject(first.Hash, second.Hash)
	withheld, same := Decide(acme, []Waiting{goes("a", "sha256:a"), b}, approvals, released)
	g.Expect(same).To(Equal(released))
	g.Expect(withheld.Hash).To(Equal(second.Hash))
	_, done := Decide(acme, []Waiting{b}, approvals, released)
	g.Expect(done).To(Equal(&v1alpha1.ReleasedStatus{Hash: first.Hash}), "until the PlanApproval says that it was used")
	_, next := Decide(acme, []Waiting{b}, byObject(second.Hash), done)
	g.Expect(next.Hash).To(Equal(second.Hash))
	_, next = Decide(acme, []Waiting{b}, bySpec(second.Hash), released)
	g.Expect(next.Hash).To(Equal(second.Hash), "a withdrawn one makes room")
}

// Plans that do not fit into the status need another approval.
func TestReleaseIsBounded(t *testing.T) {
	g := NewWithT(t)
	var many []Waiting
	for i := range approval.MaxPacked + 1 {
		many = append(many, waits(fmt.Sprintf("g%05d", i), "sha256:p"))
	}
	all, _ := Decide(acme, many, Approvals{}, nil)
	withheld, released := Decide(acme, many, bySpec(all.Hash), nil)
	g.Expect(len(released.Plans)).To(BeNumerically("<=", 131072))
	g.Expect(withheld.Objects).To(HaveLen(1))
	g.Expect(withheld.Objects[0].Name).To(Equal("g10000"))
}
