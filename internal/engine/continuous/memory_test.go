package continuous

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// For a moment, two processes may both believe that they lead: the one that finds that the
// other wrote the object observes again before it changes anything.
func TestAPlanIsDroppedWhereSomebodyElseWrote(t *testing.T) {
	g := NewWithT(t)
	version := func(v string) *v1alpha1.PushEndpoint {
		object := &v1alpha1.PushEndpoint{}
		object.SetResourceVersion(v)
		return object
	}
	m := &memory[*v1alpha1.PushEndpoint, struct{}]{}
	object := version("1")
	m.meet(object)
	m.carryOut(object, &Plan[*v1alpha1.PushEndpoint, struct{}]{}, nil, time.Now())
	object.SetResourceVersion("2") // the pass's own last write

	m.meet(version("2"))
	g.Expect(m.phase).To(Equal(carryingOut), "nobody else wrote")
	m.meet(version("3"))
	g.Expect(m.phase).To(Equal(idle))
	g.Expect(m.carrying).To(BeNil(), "objects at rest are not kept")
}
