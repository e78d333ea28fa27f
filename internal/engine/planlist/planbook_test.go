package planlist_test

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/planlist"
)

func owner(name, uid string) planlist.Owner {
	object := &v1alpha1.UserGroup{ObjectMeta: metav1.ObjectMeta{Name: name, UID: "uid-" + "x"}}
	reference := metav1.NewControllerRef(object, v1alpha1.GroupVersion.WithKind("UserGroup"))
	reference.UID = object.UID
	if uid != "" {
		reference.UID = "uid-other"
	}
	return planlist.Owner{Namespace: "identity", Reference: *reference}
}

func changes(n int) []planlist.Change {
	all := make([]planlist.Change, n)
	for i := range all {
		all[i] = planlist.Change{Action: v1alpha1.ChangeAddMember, Subject: fmt.Sprintf("user%d%s", i, strings.Repeat("x", 100))}
	}
	return all
}

func TestAPlanGrowsAndShrinks(t *testing.T) {
	g := NewWithT(t)
	api := fake.NewClientBuilder().Build()
	store := &planlist.Store{Reader: api, Writer: api}
	write := func(n int) []v1alpha1.ResultsReference {
		book, err := store.Prepare(t.Context(), owner("engineers", ""), changes(n))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(store.Write(t.Context(), book)).To(Succeed())
		again, err := store.Prepare(t.Context(), owner("engineers", ""), changes(n))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(again.Settled()).To(BeTrue())
		g.Expect(again.References).To(Equal(book.References))
		return book.References
	}
	for _, n := range []int{60, 10000, 9999, 51, 0} {
		references := write(n)
		rows := 0
		for _, reference := range references {
			rows += int(reference.Rows)
		}
		g.Expect(rows).To(Equal(n))
		var configs corev1.ConfigMapList
		g.Expect(api.List(t.Context(), &configs)).To(Succeed())
		g.Expect(configs.Items).To(HaveLen(len(references)))
		for _, config := range configs.Items {
			g.Expect(len(config.Data[planlist.Key])).To(BeNumerically("<", 512<<10))
		}
	}
}

func TestTextsOfAPlan(t *testing.T) {
	g := NewWithT(t)
	api := fake.NewClientBuilder().Build()
	store := &planlist.Store{Reader: api, Writer: api}
	long := owner(strings.Repeat("a", 253), "")
	book, err := store.Prepare(t.Context(), long, []planlist.Change{
		{Action: v1alpha1.ChangeUpdate, Subject: "=cmd|' /C calc'!A0", Fields: []string{"email", "attributes.sudo"}, Harmful: true, Withheld: true},
		{Action: v1alpha1.ChangeDelete, Subject: "two\nlines, and a comma"},
	})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(store.Write(t.Context(), book)).To(Succeed())
	config := &corev1.ConfigMap{}
	g.Expect(len(long.Name(0))).To(BeNumerically("<=", 253))
	g.Expect(api.Get(t.Context(), client.ObjectKey{Namespace: "identity", Name: long.Name(0)}, config)).To(Succeed())
	g.Expect(config.Data[planlist.Key]).To(Equal("action,subject,field,harmful,withheld\n" +
		"Update,'=cmd|' /C calc'!A0,email,true,true\n" +
		"Update,'=cmd|' /C calc'!A0,attributes.sudo,true,true\n" +
		"Delete,\"two lines, and a comma\",,,\n"))
}

func TestWhatIsNotTheOwnersStays(t *testing.T) {
	g := NewWithT(t)
	api := fake.NewClientBuilder().Build()
	store := &planlist.Store{Reader: api, Writer: api}
	book, err := store.Prepare(t.Context(), owner("engineers", "other"), changes(60))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(store.Write(t.Context(), book)).To(Succeed())
	_, err = store.Prepare(t.Context(), owner("engineers", ""), changes(60))
	g.Expect(err).To(HaveOccurred())
	book, err = store.Prepare(t.Context(), owner("engineers", ""), nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(book.Settled()).To(BeTrue(), "and nothing is deleted")
}
