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

// contender is a script whose objects have their keys and held keys in annotations.
type contender struct{ script }

const keysAnnotation, holdsAnnotation, plansAnnotation = "keys", "holds", "plans"

func (*contender) IdentityKeys(o *v1alpha1.BulkUserImport) []string {
	return strings.Fields(o.Annotations[keysAnnotation])
}

func (*contender) HeldKeys(o *v1alpha1.BulkUserImport) []string {
	return strings.Fields(o.Annotations[holdsAnnotation])
}

func (*contender) PlansOnly(o *v1alpha1.BulkUserImport) bool {
	return o.Annotations[plansAnnotation] != ""
}

// contestants returns objects that were created in this order: the first is the oldest.
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

func keys(keys string) func(*v1alpha1.BulkUserImport)  { return annotated(keysAnnotation, keys) }
func holds(keys string) func(*v1alpha1.BulkUserImport) { return annotated(holdsAnnotation, keys) }
func plans(o *v1alpha1.BulkUserImport)                 { annotated(plansAnnotation, "yes")(o) }

func tenant(o *v1alpha1.BulkUserImport) {
	o.Namespace, o.Spec.OrganizationRef.Namespace = "tenant", "identity"
}

// ownersOf returns for each object the name of the one that comes before it, or "".
func ownersOf(t *testing.T, acme *v1alpha1.Organization, objects []*v1alpha1.BulkUserImport) []string {
	t.Helper()
	w := newWorld(t)
	builder := fake.NewClientBuilder().WithScheme(w.api.Scheme()).WithIndex(&v1alpha1.BulkUserImport{}, IdentityKeysField, func(o client.Object) []string {
		return IdentityBuckets((&contender{}).IdentityKeys(as[*v1alpha1.BulkUserImport](o)))
	})
	if acme != nil {
		builder = builder.WithObjects(acme)
	}
	for _, o := range objects {
		builder = builder.WithObjects(o.DeepCopy())
	}
	r := NewReconciler(&contender{}, Config{Client: builder.Build(), Pool: w.reconciler.Pool})
	var owners []string
	for _, o := range objects {
		pass := r.newPass(o.DeepCopy())
		owner, key, err := pass.Owner(t.Context(), strings.Fields(o.Annotations[keysAnnotation]))
		w.Expect(err).NotTo(HaveOccurred())
		switch key {
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
		deleting(o) // the finalizer that keeps it is not the operator's
	}
	for name, c := range map[string]struct {
		objects      []changes
		organization func(*v1alpha1.Organization)
		noOne        bool
		want         []string
	}{
		"the older":                            {objects: []changes{{keys("a")}, {keys("a")}}, want: []string{"", "object-0"}},
		"who holds it, though younger":         {objects: []changes{{keys("a")}, {keys("a"), holds("a")}}, want: []string{"object-1", ""}},
		"the older of two who hold it":         {objects: []changes{{keys("a"), holds("a")}, {keys("a"), holds("a")}}, want: []string{"", "object-0"}},
		"who is at home, though younger":       {objects: []changes{{keys("a"), tenant}, {keys("a")}}, organization: all, want: []string{"object-1", ""}},
		"who holds it, though not at home":     {objects: []changes{{keys("a")}, {keys("a"), holds("a"), tenant}}, organization: all, want: []string{"object-1", ""}},
		"not who is not admitted":              {objects: []changes{{keys("a"), holds("a"), tenant}, {keys("a")}}, want: []string{"", ""}},
		"not whose kind is not granted":        {objects: []changes{{keys("a"), holds("a"), tenant}, {keys("a")}}, organization: func(o *v1alpha1.Organization) { all(o); o.Spec.AllowedNamespaces.Kinds = []string{"UserGroup"} }, want: []string{"", ""}},
		"not who only plans":                   {objects: []changes{{keys("a"), holds("a"), plans}, {keys("a")}}, want: []string{"object-1", ""}},
		"nobody under an Organization's Plan":  {objects: []changes{{keys("a"), holds("a")}, {keys("a")}}, organization: func(o *v1alpha1.Organization) { o.Spec.Mode = v1alpha1.ModePlan }, want: []string{"", ""}},
		"not who is as good as gone":           {objects: []changes{{keys("a"), gone}, {keys("a")}}, want: []string{"", ""}},
		"who is being deleted and has to act":  {objects: []changes{{keys("a"), finalized, deleting}, {keys("a")}}, want: []string{"", "object-0"}},
		"not who is of another organization":   {objects: []changes{{keys("a"), func(o *v1alpha1.BulkUserImport) { o.Status.OrganizationID = "other" }}, {keys("a")}}, want: []string{"", ""}},
		"not who has lost something else":      {objects: []changes{{keys("a")}, {keys("a b")}, {keys("b")}}, want: []string{"", "object-0", ""}},
		"who lost something, of what it holds": {objects: []changes{{keys("a")}, {keys("a b"), holds("b")}, {keys("b")}}, want: []string{"", "object-0", "object-1"}},
		"in a chain, every second":             {objects: []changes{{keys("a")}, {keys("a b")}, {keys("b c")}, {keys("c")}}, want: []string{"", "object-0", "", "object-2"}},
		"two who want what the other holds":    {objects: []changes{{keys("a b"), holds("a")}, {keys("b a"), holds("b")}}, want: []string{"object-1", "object-0"}},
		"who holds it, without Organization":   {objects: []changes{{keys("a"), holds("a")}, {keys("a")}}, noOne: true, want: []string{"", "object-0"}},
		"not who holds nothing without one":    {objects: []changes{{keys("a")}, {keys("a")}}, noOne: true, want: []string{"", ""}},
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

// Whatever keys objects have and hold, of two with a key in common at most one may act; and if
// nobody holds anything, the oldest of all may act.
func TestAThingHasOneOwner(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) // the same every time
	for range 100 {
		var specs [][]func(*v1alpha1.BulkUserImport)
		claimed := map[int][]string{}
		holding := false
		for i := range 5 {
			var all, held []string
			for _, key := range []string{"a", "b", "c", "d"} {
				if random.IntN(2) == 0 {
					continue
				}
				all = append(all, key)
				if random.IntN(5) == 0 {
					held = append(held, key)
				}
			}
			holding = holding || len(held) > 0
			claimed[i] = all
			specs = append(specs, []func(*v1alpha1.BulkUserImport){keys(strings.Join(all, " ")), holds(strings.Join(held, " "))})
		}
		owners := ownersOf(t, anOrganization(), contestants(specs...))
		g := NewWithT(t)
		for i := range owners {
			for j := range i {
				common := slices.ContainsFunc(claimed[i], func(key string) bool { return slices.Contains(claimed[j], key) })
				g.Expect(common && owners[i] == "" && owners[j] == "").To(BeFalse(), "%d and %d of %v: %v", i, j, claimed, owners)
			}
		}
		g.Expect(holding || owners[0] == "").To(BeTrue(), "%v: %v", claimed, owners)
	}
}

// An object that waits for a key of another one is woken by everything that may free the key:
// another name, another mode, the deletion of the other one, or that it gave up what it held.
// A new object may rank before an existing one, for example of the same second.
func TestWhatWakesWhoWaits(t *testing.T) {
	before := contestants([]func(*v1alpha1.BulkUserImport){keys("a"), holds("a")})[0]
	changed := contentionChanged[*v1alpha1.BulkUserImport](&contender{})
	for name, c := range map[string]struct {
		change func(*v1alpha1.BulkUserImport)
		wakes  bool
	}{
		"the spec, and so the mode":   {func(o *v1alpha1.BulkUserImport) { o.Generation++ }, true},
		"its keys":                    {keys("b"), true},
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
