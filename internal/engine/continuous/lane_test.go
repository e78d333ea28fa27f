package continuous

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestWhatTakesAccessAwayGoesFirst(t *testing.T) {
	urgent := map[v1alpha1.ChangeAction]bool{
		v1alpha1.ChangeCreate: false, v1alpha1.ChangeUpdate: false, v1alpha1.ChangeDelete: true, v1alpha1.ChangeAddMember: false,
		v1alpha1.ChangeRemoveMember: true, v1alpha1.ChangeSchedule: false, v1alpha1.ChangeCancel: false,
	}
	for action, first := range urgent {
		t.Run(string(action), func(t *testing.T) {
			g := NewWithT(t)
			c := Change[Object, struct{}]{Action: action}
			g.Expect(c.lane()).To(Equal(map[bool]jumpcloud.Lane{true: jumpcloud.Urgent, false: jumpcloud.Normal}[first]))
			c.Urgent = true
			g.Expect(c.lane()).To(Equal(jumpcloud.Urgent))
		})
	}
}
