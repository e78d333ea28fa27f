package schedules

import (
	"testing"

	. "github.com/onsi/gomega"
)

// What comes next does not depend on whether a list already shows the object's own job.
func TestWhatComesNext(t *testing.T) {
	for name, c := range map[string]struct {
		situation
		comes bool
	}{
		"a job of ours that is there":            {situation{users: "a", live: "1:a", ours: "1:a"}, true},
		"a job of ours that is not shown yet":    {situation{users: "a", ours: "1:a"}, true},
		"a job of ours that is lost":             {situation{users: "a", ours: "1:a", lost: "1"}, false},
		"a job of others":                        {situation{users: "a", live: "1:a"}, true},
		"a job of others about others":           {situation{users: "a", live: "1:z"}, false},
		"a job of others that is gone":           {situation{users: "a", adopted: "1:a"}, false},
		"a job of ours about users who are gone": {situation{users: "?a", ours: "1:a"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := c.decide()
			NewWithT(t).Expect(d.next != nil).To(Equal(c.comes))
		})
	}
}
