package scheduleduserstate

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/schedules"
)

// A suspension whose time has passed goes first. A future one can wait.
func TestASuspensionThatIsLateGoesFirst(t *testing.T) {
	for name, c := range map[string]struct {
		order schedules.Order
		first bool
	}{
		"a late suspension":       {schedules.Order{MakesUp: true, Event: schedules.Event{State: v1alpha1.SchedulableSuspended}}, true},
		"a suspension to come":    {schedules.Order{Event: schedules.Event{State: v1alpha1.SchedulableSuspended}}, false},
		"a late end of it":        {schedules.Order{MakesUp: true, Event: schedules.Event{State: v1alpha1.SchedulableActivated}}, false},
		"an activation in future": {schedules.Order{Event: schedules.Event{State: v1alpha1.SchedulableActivated}}, false},
	} {
		NewWithT(t).Expect(Kind{}.schedule(c.order).Urgent).To(Equal(c.first), name)
	}
}
