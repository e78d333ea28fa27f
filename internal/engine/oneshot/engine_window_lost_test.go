package oneshot_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

// A call that fails, or whose answer is lost, makes no harm count twice: an import that
// is within what the guard allows waits for nobody's approval because of it.
func TestHarmIsCountedOnceWhateverCallFails(t *testing.T) {
	for what, fail := range map[string]func(do func() error) error{
		"it is not made":     func(func() error) error { return context.DeadlineExceeded },
		"its answer is lost": func(do func() error) error { _ = do(); return context.DeadlineExceeded },
	} {
		for n, failed := 0, true; failed; n++ {
			failed = false
			t.Run(fmt.Sprintf("call %d, %s", n, what), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWindow(t, newEmails(8), 100, 100, 10)
					left := n
					w.OnCall = func(c enginetest.Call, do func() error) error {
						if c.Path != "" {
							return do()
						}
						if left--; left != -1 {
							return do()
						}
						failed = true
						t.Logf("%s %s %T", c.Verb, c.Path, c.Object)
						return fail(do)
					}
					w.rest()
					w.ExpectReady("True/Succeeded")
					w.Expect(w.changed(8)).To(Equal(8))
					w.Expect(w.harmed()).To(Equal(8))
				})
			})
		}
	}
}
