package lifecycle

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// objectsOf lists some objects; its watch has no events.
type objectsOf []runtime.Object

func (o objectsOf) List(metav1.ListOptions) (runtime.Object, error) {
	list := &metav1.List{ListMeta: metav1.ListMeta{ResourceVersion: "1"}}
	return list, apimeta.SetList(list, o)
}

func (objectsOf) Watch(metav1.ListOptions) (watch.Interface, error) { return watch.NewFake(), nil }

func (objectsOf) IsWatchListSemanticsUnSupported() bool { return true }

// userWaker returns a waker for Users over a real cache that holds some objects.
func userWaker(tb testing.TB, objects ...client.Object) waker {
	tb.Helper()
	g := NewWithT(tb)
	scheme := runtime.NewScheme()
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	mapper := apimeta.NewDefaultRESTMapper(nil)
	of := map[string]objectsOf{}
	for _, object := range []client.Object{&v1alpha1.User{}, &v1alpha1.Organization{}} {
		mapper.Add(v1alpha1.GroupVersion.WithKind(kindOf(object)), apimeta.RESTScopeNamespace)
	}
	for _, object := range objects {
		of[kindOf(object)] = append(of[kindOf(object)], object)
	}
	held, err := cache.New(&rest.Config{}, cache.Options{
		Scheme: scheme, Mapper: mapper, HTTPClient: &http.Client{},
		NewInformer: func(_ toolscache.ListerWatcher, object runtime.Object, _ time.Duration, by toolscache.Indexers) toolscache.SharedIndexInformer {
			return toolscache.NewSharedIndexInformer(of[kindOf(as[client.Object](object))], object, 0, by)
		},
	})
	g.Expect(err).NotTo(HaveOccurred())
	reader, err := client.New(&rest.Config{}, client.Options{
		Scheme: scheme, Mapper: mapper, HTTPClient: &http.Client{}, Cache: &client.CacheOptions{Reader: held},
	})
	g.Expect(err).NotTo(HaveOccurred())

	w := waker{client: reader, object: &v1alpha1.User{}, identityKeys: func(object client.Object) []string {
		return []string{"username " + object.GetName(), "email " + object.GetName() + "@example.org", "id " + object.GetName()}
	}}
	g.Expect(w.indexIdentityKeys(held)).To(Succeed())
	g.Expect(w.index(held, ConcernedField, Concerned)).To(Succeed())
	g.Expect(w.indexMembers(held)).To(Succeed())
	ctx, cancel := context.WithCancel(tb.Context())
	ended := make(chan error)
	go func() { ended <- held.Start(ctx) }()
	tb.Cleanup(func() {
		cancel()
		g.Expect(<-ended).To(Succeed())
	})
	g.Expect(held.WaitForCacheSync(ctx)).To(BeTrue())
	return w
}

// found returns what a finder finds, as namespace/name.
func found(ctx context.Context, find finder, before, after client.Object) (names []string) {
	find(ctx, before, after, func(object client.Object) { names = append(names, client.ObjectKeyFromObject(object).String()) })
	slices.Sort(names)
	return names
}

// leadingTo returns an Organization that connects to an organization.
func leadingTo(id, key string) *v1alpha1.Organization {
	namespace, name, _ := strings.Cut(key, "/")
	o := &v1alpha1.Organization{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(key)}}
	o.Status.OrganizationID = id
	return o
}

// member returns a User of an Organization.
func member(key, organization string) *v1alpha1.User {
	namespace, name, _ := strings.Cut(key, "/")
	in, of, _ := strings.Cut(organization, "/")
	u := &v1alpha1.User{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(key)}}
	u.Spec.OrganizationRef = v1alpha1.OrganizationReference{Namespace: in, Name: of}
	return u
}

func waitsBy(by v1alpha1.WithheldBy, u *v1alpha1.User) *v1alpha1.User {
	u.Status.Plan = &v1alpha1.ChangePlan{Hash: "sha256:a", Grant: v1alpha1.Grant{WithheldBy: by}}
	setConditions(u.Common(), 1, Stalled(v1alpha1.ApprovalRequiredReason, ""))
	return u
}

func TestWhomAnOrganizationWakes(t *testing.T) {
	g := NewWithT(t)
	acme := leadingTo("A", "it/acme")
	w := userWaker(t,
		acme, leadingTo("A", "hr/twin"), leadingTo("B", "it/other"), leadingTo("", "it/new"),
		member("it/ada", "it/acme"), member("hr/bob", "it/acme"), waitsBy(v1alpha1.WithheldByWindow, member("it/cyd", "it/acme")),
		waitsBy(v1alpha1.WithheldByMode, member("it/dan", "it/acme")),
		member("hr/ada", "hr/twin"), member("hr/eve", "hr/twin"), waitsBy(v1alpha1.WithheldByWindow, member("hr/fay", "hr/twin")),
		member("x/bob", "it/other"), waitsBy(v1alpha1.WithheldByWindow, member("x/guy", "it/other")), member("y/ada", "it/new"),
	)
	ctx := t.Context()
	g.Expect(found(ctx, w.members, acme, acme)).To(Equal([]string{"hr/ada", "hr/bob", "it/ada", "it/cyd", "it/dan"}),
		"its members, and of those who lead to the same organization the rivals of these")
	g.Expect(found(ctx, w.members, leadingTo("B", "it/acme"), acme)).To(Equal([]string{"hr/ada", "hr/bob", "it/ada", "it/cyd", "it/dan", "x/bob"}),
		"and of those who lead to where it led")
	g.Expect(found(ctx, w.members, leadingTo("", "it/new"), leadingTo("", "it/new"))).To(Equal([]string{"y/ada"}))
	g.Expect(found(ctx, w.naming(ConcernedField), acme, acme)).To(Equal([]string{"it/cyd"}))
	g.Expect(found(ctx, w.ofOrganizations(roomField), acme, acme)).To(Equal([]string{"hr/fay", "it/cyd"}))
}

func TestWhomANamespaceWakes(t *testing.T) {
	g := NewWithT(t)
	w := userWaker(t, member("it/ada", "it/acme"), member("hr/ada", "it/acme"), member("hr/bob", "it/acme"), member("x/bob", "it/other"), member("x/cyd", "it/acme"))
	namespace := func(name string) client.Object {
		return &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Name: name}}
	}
	g.Expect(found(t.Context(), w.inNamespace, namespace("hr"), namespace("hr"))).To(Equal([]string{"hr/ada", "hr/bob", "it/ada", "x/bob"}))
	g.Expect(found(t.Context(), w.inNamespace, namespace("new"), namespace("new"))).To(BeEmpty())
	w.identityKeys = nil
	g.Expect(found(t.Context(), w.inNamespace, namespace("hr"), namespace("hr"))).To(Equal([]string{"hr/ada", "hr/bob"}))
}

func TestWhomARivalWakes(t *testing.T) {
	g := NewWithT(t)
	ada := member("it/ada", "it/acme")
	w := userWaker(t, ada, member("hr/ada", "it/acme"), member("hr/bob", "it/acme"), member("x/bob", "it/other"))
	g.Expect(found(t.Context(), w.rivals, ada, ada)).To(HaveEach("hr/ada"))
	g.Expect(slices.Compact(found(t.Context(), w.rivals, member("hr/bob", "it/acme"), ada))).To(Equal([]string{"hr/ada", "hr/bob", "x/bob"}), "those of the key that it had")
}

// Objects of the initial list wake by themselves.
func TestTheStartWakesNobodyTwice(t *testing.T) {
	g := NewWithT(t)
	for _, first := range []bool{true, false} {
		create := event.CreateEvent{Object: &corev1.Namespace{}, IsInInitialList: first}
		g.Expect(afterStart().Create(create)).To(Equal(!first))
	}
	g.Expect(afterStart().Update(event.UpdateEvent{})).To(BeTrue())
	g.Expect(afterStart().Delete(event.DeleteEvent{})).To(BeTrue())
}

// The cost of one change of an Organization with ten thousand Users, for each finder.
func BenchmarkWhomAnOrganizationWakes(b *testing.B) {
	acme := leadingTo("A", "it/acme")
	objects := []client.Object{acme}
	for i := range 10_000 {
		objects = append(objects, member(fmt.Sprintf("it/user%d", i), "it/acme"))
	}
	w := userWaker(b, objects...)
	for name, find := range map[string]finder{
		"members": w.members, "concerned": w.naming(ConcernedField), "waiting for room": w.ofOrganizations(roomField),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				find(b.Context(), acme, acme, func(client.Object) {})
			}
		})
	}
}
