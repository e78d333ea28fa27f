package membership

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/rows"
)

func configMap(content string) []rows.Text {
	return []rows.Text{{Origin: "ConfigMap members, key list", Content: []byte(content)}}
}

func TestSources(t *testing.T) {
	nobody := Selection{path: "spec.membersFrom[1].userSelector"}
	for name, c := range map[string]struct {
		inline   []v1alpha1.UserReference
		texts    []rows.Text
		selected []Selection
		want     []v1alpha1.UserReference
		pending  []v1alpha1.UserReference
		empty    string
	}{
		"nothing":        {empty: "spec.members"},
		"each name once": {inline: []v1alpha1.UserReference{email("Ada@example.org"), username("ada")}, texts: configMap("ada\nada@example.org\n"), want: []v1alpha1.UserReference{email("ada@example.org"), username("ada")}},
		"an empty text":  {inline: team("ada"), texts: configMap("# nobody\n"), selected: []Selection{nobody}, want: team("ada"), empty: "ConfigMap members, key list"},
		"a selector":     {inline: team("ada"), selected: []Selection{nobody}, want: team("ada"), empty: nobody.path},
		"who is not known yet, and not declared otherwise, is pending": {
			inline: team("ada"), selected: []Selection{{users: []v1alpha1.UserReference{{ID: "1"}}, pending: team("eva", "ada")}, {pending: team("eva")}},
			want: []v1alpha1.UserReference{username("ada"), {ID: "1"}, username("eva")}, pending: team("eva"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s, err := ReadSources(c.inline, c.texts, c.selected)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(s.References).To(Equal(c.want))
			g.Expect(s.Pending.UnsortedList()).To(ConsistOf(c.pending))
			g.Expect(s.Empty).To(Equal(c.empty))
			more, err := ReadSources(append(c.inline, username("more")), c.texts, c.selected)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(more.Version).NotTo(Equal(s.Version))
		})
	}
	_, err := ReadSources(make([]v1alpha1.UserReference, 1), configMap("ada,eva"), nil)
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("holds a comma")))
}

func TestPendingUsersAreMissingAndNotAdded(t *testing.T) {
	g := NewWithT(t)
	s, err := ReadSources(team("ada", "new"), nil, []Selection{{pending: team("eva", "chas")}})
	g.Expect(err).NotTo(HaveOccurred())
	d, status := new(Names).Compare(&Look{Roster: NewRoster(s.References, people("ada", "eva", "chas").find), Pending: s.Pending, Live: []string{"chas"}})
	g.Expect(ids(d.Add)).To(Equal([]string{"ada"}))
	g.Expect(d.Missing).To(Equal(team("new", "eva")))
	g.Expect(d.Remove).To(BeEmpty())
	g.Expect(status.Desired).To(BeEquivalentTo(4), "whom a pending User may be is not counted besides the User")
	g.Expect(status.NotFound).To(BeEquivalentTo(2))
}

// The name of a pending User may be someone else's. Whoever is declared by another name as well
// is certainly meant.
func TestWhoIsDeclaredBesidesAPendingUserIsAdded(t *testing.T) {
	for name, declared := range map[string]v1alpha1.UserReference{"by email": email("eva@example.org"), "by id": {ID: "eva"}} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			s, err := ReadSources([]v1alpha1.UserReference{declared}, nil, []Selection{{pending: team("eva", "chas")}})
			g.Expect(err).NotTo(HaveOccurred())
			d, status := new(Names).Compare(&Look{Roster: NewRoster(s.References, people("eva", "chas").find), Pending: s.Pending})
			g.Expect(ids(d.Add)).To(Equal([]string{"eva"}))
			g.Expect(d.Missing).To(Equal(team("chas")))
			g.Expect(status.Desired).To(BeEquivalentTo(2))
		})
	}
}

// Whoever is to be added may be a member whose id cannot be read.
func TestUnreadableMembers(t *testing.T) {
	g := NewWithT(t)
	roster := NewRoster(team("ada", "eva"), people("ada", "eva").find)
	for unreadable, added := range [][]string{{"ada", "eva"}, {"ada", "eva"}, {}} {
		d, _ := new(Names).Compare(&Look{Roster: roster, Unreadable: unreadable})
		g.Expect(ids(d.Add)).To(Equal(added))
		g.Expect(d.Unreadable).To(Equal(unreadable))
	}
}

func TestSelectors(t *testing.T) {
	g := NewWithT(t)
	selects := func(label string) v1alpha1.MembersSource {
		return v1alpha1.MembersSource{UserSelector: &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: label, Operator: "Exists"}}}}
	}
	group := &v1alpha1.UserGroup{ObjectMeta: metav1.ObjectMeta{Namespace: "identity"}, Spec: v1alpha1.UserGroupSpec{
		OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"},
		MembersFrom:     []v1alpha1.MembersSource{{ConfigMapKeyRef: &v1alpha1.KeyReference{}}, selects("a"), selects("not a label"), selects("b")},
	}}
	user := &v1alpha1.User{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Labels: map[string]string{"b": ""}}}
	user.Spec.OrganizationRef = v1alpha1.OrganizationReference{Name: "acme", Namespace: "identity"}
	g.Expect(SelectedBy(group, user)).To(Equal([]string{"spec.membersFrom[3].userSelector"}))
	g.Expect(Matches(group, user)).To(BeTrue())

	user.Spec.OrganizationRef.Namespace = "other"
	g.Expect(SelectedBy(group, user)).To(BeEmpty())
	g.Expect(Matches(group, user)).To(BeTrue())

	user.Labels = map[string]string{"c": ""}
	g.Expect(Matches(group, user)).To(BeFalse())
	_, err := Selectors(group)
	g.Expect(err).To(MatchError(HavePrefix("spec.membersFrom[2].userSelector: ")))
}
