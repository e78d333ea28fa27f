package withheld

import (
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// A decision on an old copy of the Organization is made again when the copy shows the
// controller's own write; other changes of the status wake nothing.
func TestItsOwnWritesWakeIt(t *testing.T) {
	told := func(hash string) *v1alpha1.Organization {
		return &v1alpha1.Organization{Status: v1alpha1.OrganizationStatus{Withheld: &v1alpha1.WithheldStatus{Hash: hash}}}
	}
	other := told("a")
	other.Status.DisplayName = "Acme"
	for name, c := range map[string]struct {
		before, after *v1alpha1.Organization
		wakes         bool
	}{
		"nothing more":        {told("a"), &v1alpha1.Organization{}, true},
		"something":           {&v1alpha1.Organization{}, told("a"), true},
		"something else":      {told("a"), told("b"), true},
		"the same":            {told("a"), told("a"), false},
		"another field of it": {told("a"), other, false},
	} {
		NewWithT(t).Expect(toldChanged().Update(event.UpdateEvent{ObjectOld: c.before, ObjectNew: c.after})).To(Equal(c.wakes), name)
	}
}
