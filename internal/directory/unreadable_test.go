package directory

import (
	"net/http"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// answer makes every list of users return these records.
func (w *world) answer(body string) {
	w.sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Path: lists, Times: -1}, Status: http.StatusOK, Body: body})
}

// An unreadable value proves nothing about values of its kind, and hides nothing else.
func TestUnreadableValuesProveNoAbsence(t *testing.T) {
	byName, byEmail, byID := v1alpha1.UserReference{Username: "nobody"}, v1alpha1.UserReference{Email: "nobody@x"}, v1alpha1.UserReference{ID: "65f1c0ffee65f1c0ffee0fff"}
	const sound = `{"_id":"65f1c0ffee65f1c0ffee0001","username":"ada","email":"ada@x"}`
	for record, unknown := range map[string][]v1alpha1.UserReference{
		`{"_id":"65f1c0ffee65f1c0ffee0002","username":"chas","email":"c@x","employeeIdentifier":42,"sudo":"x"}`: {},
		`{"_id":"65f1c0ffee65f1c0ffee0002","username":5,"email":"c@x"}`:                                         {byName},
		`{"_id":"65f1c0ffee65f1c0ffee0002","username":"chas","email":{}}`:                                       {byEmail},
		`{"_id":7,"username":"chas","email":"c@x"}`:                                                             {byID},
		`"odd"`: {byName, byEmail, byID},
	} {
		t.Run(record, func(t *testing.T) {
			w := newWorld(t, 0)
			w.answer(`{"totalCount":"2","results":[` + sound + `,` + record + `]}`)
			for _, ref := range []v1alpha1.UserReference{byName, byEmail, byID} {
				if slices.Contains(unknown, ref) {
					w.Expect(w.tryResolve(time.Time{}, ref, named("ada"))).To(MatchError(ErrUnreadable), "%v", ref)
					continue
				}
				_, found := w.resolve(time.Time{}, ref, named("ada")).Find(ref)
				w.Expect(found).To(BeFalse())
			}
			_, found := w.resolve(time.Time{}, named("ada")).Find(named("ada"))
			w.Expect(found).To(BeTrue())
			records, known := w.cache.UnreadableRecords()
			w.Expect(known).To(BeTrue())
			w.Expect(records).To(Equal(1))
		})
	}
}
