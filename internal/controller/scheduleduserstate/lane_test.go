package scheduleduserstate

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// A suspension whose time has passed goes first. A future one can wait.
func TestASuspensionThatIsLateGoesFirst(t *testing.T) {
	for name, c := range map[string]struct {
		order order
		first bool
	}{
		"a late suspension":       {order{makesUp: true, event: event{state: v1alpha1.SchedulableSuspended}}, true},
		"a suspension to come":    {order{event: event{state: v1alpha1.SchedulableSuspended}}, false},
		"a late end of it":        {order{makesUp: true, event: event{state: v1alpha1.SchedulableActivated}}, false},
		"an activation in future": {order{event: event{state: v1alpha1.SchedulableActivated}}, false},
	} {
		NewWithT(t).Expect(Kind{}.schedule(c.order).Urgent).To(Equal(c.first), name)
	}
}
