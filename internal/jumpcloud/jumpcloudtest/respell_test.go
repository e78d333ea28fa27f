package jumpcloudtest_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

func TestRespelledValues(t *testing.T) {
	for number, want := range map[string]string{"44 20-7946": "+44207946", "+44 (20) 7946": "+44207946", "020 7946": "+44207946", "ext": "ext", "": ""} {
		s := serve(t)
		user := newRow("a")
		user["phoneNumbers"] = []row{{"type": "work", "number": number}}
		user["addresses"] = []row{{"type": "home", "postalCode": "NW1 6XE", "country": "uk", "locality": "London"}}
		s.org.Configure(func(b *jumpcloudtest.Behavior) { b.Respell = true })
		s.Expect(s.runJob("POST", user)).To(Equal([]string{"finished"}))
		kept := s.org.UserByUsername("a")
		s.Expect(kept["phoneNumbers"]).To(ConsistOf(HaveKeyWithValue("number", want)))
		s.Expect(kept["addresses"]).To(ConsistOf(And(
			HaveKeyWithValue("postalCode", "NW16XE"), HaveKeyWithValue("country", "UK"), HaveKeyWithValue("locality", "London"))))
	}
}
