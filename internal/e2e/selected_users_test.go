package e2e

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// The group is at rest, its spec does not change, and the resync is far away: only the change
// of a label can wake the group.
var _ = Describe("Users selected by labels", Label("groups", "users"), func() {
	withOperator()
	It("join and leave a group as soon as a label changes", func() {
		w := newWorld(spec(), 20, func(o *v1alpha1.Organization) { o.Spec.ResyncInterval.Duration = time.Hour })
		inventors := map[string]string{"team": "inventors"}
		w.persons(2, func(o *v1alpha1.User) {
			if o.Name == personName(1) { // a selector that finds nobody removes nobody
				o.Labels = inventors
			}
		})
		w.allPersons(2)
		group := w.group("inventors", v1alpha1.UserGroupSpec{
			MembersFrom: []v1alpha1.MembersSource{{UserSelector: &metav1.LabelSelector{MatchLabels: inventors}}},
		})
		isReady(w, group)
		w.hasMembers("inventors", personName(1))

		amend(w, w.userObject(personName(2)), func(o *v1alpha1.User) { o.Labels = inventors })
		w.hasMembers("inventors", personName(1), personName(2))
		isReady(w, group)

		amend(w, w.userObject(personName(2)), func(o *v1alpha1.User) { o.Labels = nil })
		w.hasMembers("inventors", personName(1))
		isReady(w, group)
	})
})
