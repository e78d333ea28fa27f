package check

import (
	"reflect"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestEverySwitchIsFoundOrListed(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	covered := map[string]int{}
	for _, gr := range all {
		for _, p := range gr.probes {
			covered[p.name]++
			g.Expect(sides[p.name] != nil || undecidedByDefault[p.name]).To(BeTrue(), "%s is not tried on its other side", p.name)
		}
	}
	for _, n := range notTried {
		covered[n.name]++
		g.Expect(n.why).NotTo(BeEmpty(), n.name)
	}
	for _, name := range switchNames() {
		g.Expect(covered[name]).To(Equal(1), "%s is to be found out by one probe, or listed in notTried", name)
		delete(covered, name)
	}
	g.Expect(covered).To(BeEmpty(), "these are no switches")
}

// switchNames returns the names of the switches in the JSON of the simulator's behavior.
func switchNames() (names []string) {
	outer := reflect.TypeFor[jumpcloudtest.Behavior]()
	for part := range outer.Fields() {
		for field := range part.Type.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "-" { // a duration, which is written as text
				name = strings.ToLower(field.Name[:1]) + field.Name[1:]
			}
			names = append(names, name)
		}
	}
	return names
}
