package jumpcloud_test

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
)

func TestUsageIsThatOfTheLastMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		shared := jumpcloud.NewLimiter(10, 20)
		client, _ := carry(t, aUser, limiter(shared))
		used := func() int { n, _ := shared.Usage(); return n }
		get := func(n int) {
			for range n {
				_, err := client.GetUser(t.Context(), "u")
				g.Expect(err).NotTo(HaveOccurred())
			}
		}
		g.Expect(used()).To(BeZero())
		get(3)
		elapse(30 * time.Second)
		get(2)
		g.Expect(used()).To(Equal(5))
		elapse(30 * time.Second)
		g.Expect(used()).To(Equal(2))
		elapse(25 * time.Hour)
		g.Expect(used()).To(BeZero())
		get(4)
		g.Expect(used()).To(Equal(4), "what was counted a day ago is forgotten")
	})
}

// Usage reports the limit in effect: a 429 cuts what the Organization states.
func TestUsageNamesTheLimitThatHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		shared := jumpcloud.NewLimiter(10, 20)
		_, limit := shared.Usage()
		g.Expect(limit).To(BeNumerically("~", 600, 1e-6))
		client, _ := carry(t, answers(429, ""), limiter(shared))
		_, err := client.GetUser(t.Context(), "u")
		g.Expect(err).To(HaveOccurred())
		_, limit = shared.Usage()
		g.Expect(limit).To(BeNumerically("~", 420, 1e-6))
	})
}
