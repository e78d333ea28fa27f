package lifecycle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// claimant is a script whose objects say in annotations what they claim and hold.
type claimant struct{ script }

const claimsAnnotation, holdsAnnotation, plansAnnotation = "claims", "holds", "plans"

func (*claimant) Claims(o *v1alpha1.BulkUserImport) []string {
	return strings.Fields(o.Annotations[claimsAnnotation])
}

func (*claimant) Holds(o *v1alpha1.BulkUserImport) []string {
	return strings.Fields(o.Annotations[holdsAnnotation])
}

func (*claimant) Plans(o *v1alpha1.BulkUserImport) bool { return o.Annotations[plansAnnotation] != "" }

// contestants are made in this order: the first is the oldest.
func contestants(specs ...[]func(*v1alpha1.BulkUserImport)) []*v1alpha1.BulkUserImport {
	var all []*v1alpha1.BulkUserImport
	for i, changes := range specs {
		o := anImport(func(o *v1alpha1.BulkUserImport) {
			o.Name, o.UID = fmt.Sprintf("object-%d", i), types.UID(fmt.Sprintf("uid-%d", i))
			o.CreationTimestamp = metav1.Unix(int64(1000+i), 0)
			o.Status.OrganizationID = organizationID
		})
		for _, change := range changes {
			change(o)
		}
		all = append(all, o)
	}
	return all
}

func claims(claims string) func(*v1alpha1.BulkUserImport) { return annotated(claimsAnnotation, claims) }
func holds(claims string) func(*v1alpha1.BulkUserImport)  { return annotated(holdsAnnotation, claims) }
func plans(o *v1alpha1.BulkUserImport)                    { annotated(plansAnnotation, "yes")(o) }

func tenant(o *v1alpha1.BulkUserImport) {
	o.Namespace, o.Spec.OrganizationRef.Namespace = "tenant", "identity"
}

// ownersOf tells for each object the name of the one that comes before it, or "".
func ownersOf(t *testing.T, acme *v1alpha1.Organization, objects []*v1alpha1.BulkUserImport) []string {
	t.Helper()
	w := newWorld(t)
	builder := fake.NewClientBuilder().WithScheme(w.api.Scheme()).WithIndex(&v1alpha1.BulkUserImport{}, ClaimsField, func(o client.Object) []string {
		return (&claimant{}).Claims(as[*v1alpha1.BulkUserImport](o))
	})
	if acme != nil {
		builder = builder.WithObjects(acme)
	}
	for _, o := range objects {
		builder = builder.WithObjects(o.DeepCopy())
	}
	r := NewReconciler(&claimant{}, Config{Client: builder.Build(), Pool: w.reconciler.Pool})
	var owners []string
	for _, o := range objects {
		pass := r.newPass(o.DeepCopy())
		owner, claim, err := pass.Owner(t.Context(), strings.Fields(o.Annotations[claimsAnnotation]))
		w.Expect(err).NotTo(HaveOccurred())
		switch claim {
		case "":
			owners = append(owners, "")
		default:
			owners = append(owners, owner.Name)
		}
	}
	return owners
}

func TestWhoOwnsAThing(t *testing.T) {
	type changes = []func(*v1alpha1.BulkUserImport)
	all := func(o *v1alpha1.Organization) { o.Spec.AllowedNamespaces.From = v1alpha1.NamespacesFromAll }
	gone := func(o *v1alpha1.BulkUserImport) {
		o.Annotations[holdsAnnotation] = "a"
		deleting(o) // the finalizer that keeps it is another one's
	}
	for name, c := range map[string]struct {
		objects      []changes
		organization func(*v1alpha1.Organization)
		noOne        bool
		want         []string
	}{
		"the older":                            {objects: []changes{{claims("a")}, {claims("a")}}, want: []string{"", "object-0"}},
		"who holds it, though younger":         {objects: []changes{{claims("a")}, {claims("a"), holds("a")}}, want: []string{"object-1", ""}},
		"the older of two who hold it":         {objects: []changes{{claims("a"), holds("a")}, {claims("a"), holds("a")}}, want: []string{"", "object-0"}},
		"who is at home, though younger":       {objects: []changes{{claims("a"), tenant}, {claims("a")}}, organization: all, want: []string{"object-1", ""}},
		"who holds it, though not at home":     {objects: []changes{{claims("a")}, {claims("a"), holds("a"), tenant}}, organization: all, want: []string{"object-1", ""}},
		"not who is not admitted":              {objects: []changes{{claims("a"), holds("a"), tenant}, {claims("a")}}, want: []string{"", ""}},
		"not whose kind is not granted":        {objects: []changes{{claims("a"), holds("a"), tenant}, {claims("a")}}, organization: func(o *v1alpha1.Organization) { all(o); o.Spec.AllowedNamespaces.Kinds = []string{"UserGroup"} }, want: []string{"", ""}},
		"not who only plans":                   {objects: []changes{{claims("a"), holds("a"), plans}, {claims("a")}}, want: []string{"object-1", ""}},
		"nobody under an Organization's Plan":  {objects: []changes{{claims("a"), holds("a")}, {claims("a")}}, organization: func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModePlan }, want: []string{"", ""}},
		"not who is as good as gone":           {objects: []changes{{claims("a"), gone}, {claims("a")}}, want: []string{"", ""}},
		"who is being deleted and has to act":  {objects: []changes{{claims("a"), finalized, deleting}, {claims("a")}}, want: []string{"", "object-0"}},
		"not who is of another organization":   {objects: []changes{{claims("a"), func(o *v1alpha1.BulkUserImport) { o.Status.OrganizationID = "other" }}, {claims("a")}}, want: []string{"", ""}},
		"not who has lost something else":      {objects: []changes{{claims("a")}, {claims("a b")}, {claims("b")}}, want: []string{"", "object-0", ""}},
		"who lost something, of what it holds": {objects: []changes{{claims("a")}, {claims("a b"), holds("b")}, {claims("b")}}, want: []string{"", "object-0", "object-1"}},
		"in a chain, every second":             {objects: []changes{{claims("a")}, {claims("a b")}, {claims("b c")}, {claims("c")}}, want: []string{"", "object-0", "", "object-2"}},
		"two who want what the other holds":    {objects: []changes{{claims("a b"), holds("a")}, {claims("b a"), holds("b")}}, want: []string{"object-1", "object-0"}},
		"who holds it, without Organization":   {objects: []changes{{claims("a"), holds("a")}, {claims("a")}}, noOne: true, want: []string{"", "object-0"}},
		"not who holds nothing without one":    {objects: []changes{{claims("a")}, {claims("a")}}, noOne: true, want: []string{"", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			acme := anOrganization()
			if c.organization != nil {
				c.organization(acme)
			}
			if c.noOne {
				acme = nil
			}
			NewWithT(t).Expect(ownersOf(t, acme, contestants(c.objects...))).To(Equal(c.want))
		})
	}
}

// Whatever objects claim and hold, of two that claim the same at most one may
// act; and of those who hold nothing that others want, the first of all may.
func TestAThingHasOneOwner(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) // the same every time
	for range 100 {
		var specs [][]func(*v1alpha1.BulkUserImport)
		claimed := map[int][]string{}
		holding := false
		for i := range 5 {
			var all, held []string
			for _, claim := range []string{"a", "b", "c", "d"} {
				if random.IntN(2) == 0 {
					continue
				}
				all = append(all, claim)
				if random.IntN(5) == 0 {
					held = append(held, claim)
				}
			}
			holding = holding || len(held) > 0
			claimed[i] = all
			specs = append(specs, []func(*v1alpha1.BulkUserImport){claims(strings.Join(all, " ")), holds(strings.Join(held, " "))})
		}
		owners := ownersOf(t, anOrganization(), contestants(specs...))
		g := NewWithT(t)
		for i := range owners {
			for j := range i {
				common := slices.ContainsFunc(claimed[i], func(claim string) bool { return slices.Contains(claimed[j], claim) })
				g.Expect(common && owners[i] == "" && owners[j] == "").To(BeFalse(), "%d and %d of %v: %v", i, j, claimed, owners)
			}
		}
		g.Expect(holding || owners[0] == "").To(BeTrue(), "%v: %v", claimed, owners)
	}
}

// Who waits for what another object claims is woken by everything that may let
// it go: another name, another mode, that it goes, or gave up what it held. A new
// object may come before one that is there, of the same second for instance.
func TestWhatWakesWhoWaits(t *testing.T) {
	before := contestants([]func(*v1alpha1.BulkUserImport){claims("a"), holds("a")})[0]
	changed := contentionChanged[*v1alpha1.BulkUserImport](&claimant{})
	for name, c := range map[string]struct {
		change func(*v1alpha1.BulkUserImport)
		wakes  bool
	}{
		"the spec, and so the mode":   {func(o *v1alpha1.BulkUserImport) { o.Generation++ }, true},
		"what it claims":              {claims("b"), true},
		"what it holds":               {holds(""), true},
		"its deletion":                {func(o *v1alpha1.BulkUserImport) { o.DeletionTimestamp = new(metav1.NewTime(time.Unix(1, 0))) }, true},
		"conditions":                  {func(o *v1alpha1.BulkUserImport) { setConditions(o.Common(), 1, done) }, false},
		"a finalizer, while it lives": {finalized, false},
	} {
		t.Run(name, func(t *testing.T) {
			after := before.DeepCopy()
			c.change(after)
			g := NewWithT(t)
			g.Expect(changed.Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after})).To(Equal(c.wakes))
			g.Expect(changed.Create(event.CreateEvent{Object: after, IsInInitialList: true})).To(BeFalse(), "it wakes itself")
			g.Expect(changed.Create(event.CreateEvent{Object: after})).To(BeTrue())
			g.Expect(changed.Delete(event.DeleteEvent{Object: after})).To(BeTrue())
		})
	}
}
