package continuous_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
)

// harmedSince returns what is counted since a time, by the window and by the object.
func (w *world) harmedSince(at time.Time) [2]int {
	w.T.Helper()
	sum := func(buckets []v1alpha1.HarmBucket) (n int) {
		for _, bucket := range buckets {
			if bucket.Hour.Add(time.Hour).After(at) {
				n += int(bucket.Harmful)
			}
		}
		return n
	}
	w.Expect(w.organization().Status.Guard).NotTo(BeNil())
	return [2]int{sum(w.organization().Status.Guard.Harmed), sum(w.Get().Status.Harmed)}
}

// What was announced, and is made only hours later, counts once, from then on, even if neither
// the guard nor the window has room for it twice.
func TestHarmThatIsDoneLaterCountsOnce(t *testing.T) {
	for name, interrupt := range map[string]func(w *world){
		"the answer is lost": func(w *world) {
			w.Lose(http.MethodPost, "/api/v2/usergroups/"+w.group+"/members", false)
		},
		"the process dies": func(w *world) {
			w.OnCall = func(c enginetest.Call, do func() error) error {
				if c.Path == "" || !c.Writes() {
					return do()
				}
				w.Dead = true
				return enginetest.ErrDead
			}
		},
	} {
		for _, wait := range []time.Duration{20 * time.Minute, 3 * time.Hour, 22 * time.Hour, 30 * time.Hour} {
			t.Run(fmt.Sprintf("%s, %s", name, wait), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, to(30), to(30))
					w.Rest()
					ample(w, 10, 10)
					w.want(from(10, 30)...)
					interrupt(w)
					w.Until(func() bool { return w.Get().Status.Counted != "" })
					w.Expect(w.Org.Members(w.group)).To(HaveLen(30))
					w.OnCall = nil
					<-time.After(wait)
					resumed := time.Now()
					w.Until(func() bool {
						harmed := 30 - len(w.Org.Members(w.group))
						w.Expect(min(w.counted()[0], w.counted()[1])).To(BeNumerically(">=", harmed), "never too little is counted")
						return !w.Dead && w.After >= enginetest.AtRest
					})
					w.ExpectReady("True/UpToDate")
					w.has(from(10, 30)...)
					w.Expect(w.counted()).To(Equal([2]int{10, 10}))
					if wait > time.Hour {
						w.Expect(w.harmedSince(resumed)).To(Equal([2]int{10, 10}), "as long as it must")
					}
				})
			})
		}
	}
}

// If another process has begun what a frozen one was about to do, the frozen one gives nothing
// back.
func TestWhoIsLateGivesNothingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, to(30), to(30))
		w.Rest()
		ample(w, 10, 10)
		w.want(from(10, 30)...)
		frozen := false
		w.OnCall = func(c enginetest.Call, do func() error) error {
			if c.Path != "" && c.Writes() && !frozen {
				frozen = true
				<-time.After(3 * time.Hour)
				w.Freeze()
			}
			return do()
		}
		w.Until(func() bool { return frozen && w.After >= enginetest.AtRest })
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.has(from(10, 30)...)
		w.Expect(w.counted()).To(Equal([2]int{10, 10}))
	})
}
