package continuous

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Room is given back for an announcement only if the stored status proves that it was not
// stored.
func TestWhatProvesThatAnAnnouncementIsNotStored(t *testing.T) {
	noon := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	at := func(minute int) *metav1.MicroTime {
		return new(metav1.NewMicroTime(noon.Add(time.Duration(minute) * time.Minute)))
	}
	harmed := func(n int32) []v1alpha1.HarmBucket {
		return []v1alpha1.HarmBucket{{Hour: metav1.NewTime(noon), Harmful: n}}
	}
	for name, c := range map[string]struct {
		before, now *metav1.MicroTime
		harmed      int32
		unstored    bool
	}{
		"it is there":                                    {nil, at(10), 9, false},
		"nothing was announced since":                    {nil, nil, 4, true},
		"what was announced before is there":             {at(5), at(5), 4, true},
		"an earlier one, of which the pass did not know": {nil, at(7), 7, true},
		"a later one, of another process":                {nil, at(11), 9, false},
		"another process has done it":                    {nil, nil, 9, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := &doubt{at: at(10), fresh: 5, before: announcement{harmed: harmed(4), at: c.before}}
			status := &v1alpha1.LivingStatus{CountedAt: c.now, Harmed: harmed(c.harmed)}
			NewWithT(t).Expect(d.unstored(status)).To(Equal(c.unstored))
		})
	}
}
