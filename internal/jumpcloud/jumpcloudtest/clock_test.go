package jumpcloudtest_test

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		began := time.Now()
		clock := jumpcloudtest.NewClock()
		g.Expect(clock.Now()).To(BeTemporally("==", began))
		elapse(time.Second)
		g.Expect(clock.Now()).To(BeTemporally("==", began.Add(time.Second)), "it runs")
		clock.Advance(time.Hour)
		g.Expect(clock.Now()).To(BeTemporally("==", began.Add(time.Hour+time.Second)))
		clock.Set(start)
		elapse(time.Second)
		g.Expect(clock.Now()).To(Equal(start.Add(time.Second)))

		clock.Freeze()
		elapse(time.Hour)
		g.Expect(clock.Now()).To(Equal(start.Add(time.Second)), "it stands")
		clock.Advance(-time.Second)
		g.Expect(clock.Now()).To(Equal(start))
		clock.Set(start.Add(time.Minute))
		g.Expect(clock.Now()).To(Equal(start.Add(time.Minute)))
		clock.Resume()
		clock.Resume()
		elapse(time.Second)
		g.Expect(clock.Now()).To(Equal(start.Add(time.Minute+time.Second)), "it runs on from there")
	})
}

// elapse sleeps inside a bubble of synctest, where that takes no real time.
func elapse(d time.Duration) { <-time.After(d) }

func TestZeroClockIsRealTime(t *testing.T) {
	g := NewWithT(t)
	var clock jumpcloudtest.Clock
	g.Expect(clock.Now()).To(BeTemporally("~", time.Now(), time.Minute))
	g.Expect(clock.Now().Location()).To(Equal(time.UTC))
}
