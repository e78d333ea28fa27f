package continuous_test

import (
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// While only the credentials for changes are rejected, an object with something to change
// waits and says so; an object that is as declared is read and reported as usual. No status
// write and no call is made in vain.
func TestChangesWaitForTheirCredentials(t *testing.T) {
	for name, c := range map[string]struct {
		desired []int
		ready   string
	}{
		"something to change": {[]int{2, 3}, "False/OrganizationNotReady"},
		"nothing to change":   {[]int{1, 2}, "True/UpToDate"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, []int{1, 2}, c.desired)
				w.Unwritable = v1alpha1.AuthenticationFailedReason
				w.Connect()
				w.Rest()
				w.ExpectReady(c.ready)
				w.writes = 0
				for range 3 {
					w.Resync()
					w.Restart()
				}
				w.Rest()
				w.ExpectReady(c.ready)
				w.Expect([]int{w.calls, w.writes}).To(Equal([]int{0, 0}))
				w.has(1, 2)

				w.Unwritable = ""
				w.Connect()
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.has(c.desired...)
			})
		})
	}
}
