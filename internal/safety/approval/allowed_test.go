package approval

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// A percentage that is not a whole number of users is rounded down: one more user would exceed
// what is allowed.
func TestAllowedRoundsDown(t *testing.T) {
	for _, c := range []struct {
		percent     int32
		users, want int
	}{{5, 119, 5}, {5, 120, 6}, {1, 499, 4}, {33, 100, 33}, {50, 9, 4}} {
		NewWithT(t).Expect(Allowed(v1alpha1.Guard{MaxPercent: &c.percent}, c.users)).To(Equal(c.want), "%+v", c)
	}
}
