package usergroup_test

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// selects declares the Users of a team as members.
func selects(team string) edits {
	return func(o *v1alpha1.UserGroup) {
		o.Spec.MembersFrom = append(o.Spec.MembersFrom, v1alpha1.MembersSource{
			UserSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": team}},
		})
	}
}

// declare makes a User of a team for the JumpCloud user with this id; "": not known yet.
func (w *world) declare(name, team, id string, changes ...func(*v1alpha1.User)) *v1alpha1.User {
	w.T.Helper()
	o := &v1alpha1.User{
		ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: name, Labels: map[string]string{"team": team}},
		Spec:       v1alpha1.UserSpec{OrganizationRef: v1alpha1.OrganizationReference{Name: "acme"}},
		Status:     v1alpha1.UserStatus{ID: id},
	}
	for _, change := range changes {
		change(o)
	}
	w.Expect(w.API.Create(w.T.Context(), o)).To(Succeed())
	return o
}

func TestMembersByLabels(t *testing.T) {
	story(t, func(w *world) {
		ada := w.declare("user-of-ada", "engines", w.users["ada"])
		w.declare("chas", "looms", w.users["chas"])
		w.declare("eva", "engines", w.users["eva"], func(o *v1alpha1.User) { o.Spec.OrganizationRef.Name = "other" })
		w.declare("elsewhere", "engines", w.users["root"], func(o *v1alpha1.User) { o.Namespace = "elsewhere" })
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(ConsistOf("ada"))

		// Another User with the label is added in the next pass.
		w.declare("eva2", "engines", w.users["eva"])
		w.Rest()
		w.Expect(w.who()).To(ConsistOf("ada", "eva"))

		ada.Labels = map[string]string{"team": "looms"}
		w.Expect(w.API.Update(w.T.Context(), ada)).To(Succeed())
		w.Rest()
		w.Expect(w.who()).To(ConsistOf("eva"))
		w.costOfResync()
	}, selects("engines"))
}

// The name of a User is not enough to become a member: it may be that of someone else's user.
// Nor is anyone removed because of it.
func TestUsersWhoseUsersAreNotKnownYet(t *testing.T) {
	story(t, func(w *world) {
		w.declare("ada", "engines", w.users["ada"])
		root := w.declare("root", "engines", "")
		w.Rest()
		w.ExpectReady("False/UsersNotFound")
		w.Expect(w.who()).To(ConsistOf("ada"))
		w.Expect(w.Get().Status.Members).To(HaveValue(And(HaveField("Desired", int32(2)), HaveField("NotFound", int32(1)))))

		root.Status.ID = w.users["root"]
		w.Expect(w.API.Update(w.T.Context(), root)).To(Succeed())
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.who()).To(ConsistOf("ada", "root"))

		root.Status.ID = "" // the user is not known yet
		w.Expect(w.API.Update(w.T.Context(), root)).To(Succeed())
		w.Rest()
		w.Expect(w.who()).To(ConsistOf("ada", "root"))
	}, selects("engines"))
}

func TestASelectorThatFindsNobodyIsAnEmptySource(t *testing.T) {
	story(t, func(w *world) {
		ada := w.declare("ada", "engines", w.users["ada"])
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.API.Delete(w.T.Context(), ada)).To(Succeed())
		w.Rest()
		w.ExpectReady("False/InvalidSpec")
		w.Expect(w.Message()).To(HavePrefix("spec.membersFrom[0].userSelector names no user, and 1 member would be removed."))
		w.Expect(w.who()).To(ConsistOf("ada"))
	}, selects("engines"))
}

func TestASelectorThatIsNone(t *testing.T) {
	story(t, func(w *world) {
		w.Rest()
		w.ExpectReady("False/InvalidSpec")
		w.Expect(w.Message()).To(HavePrefix("spec.membersFrom[0].userSelector: "))
		w.Expect(w.Sent()).To(BeEmpty())
	}, func(o *v1alpha1.UserGroup) {
		o.Spec.MembersFrom = []v1alpha1.MembersSource{{UserSelector: &metav1.LabelSelector{
			MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "team", Operator: "Is"}},
		}}}
	})
}
