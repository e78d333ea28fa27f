package user_test

import (
	"fmt"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// phoned declares a phone number and an address.
func phoned(number string) func(*v1alpha1.User) {
	return func(o *v1alpha1.User) {
		o.Spec.PhoneNumbers = []v1alpha1.PhoneNumber{{Type: "work", Number: number}}
		o.Spec.Addresses = []v1alpha1.Address{{Type: "work", Country: new("uk")}}
	}
}

// respells makes JumpCloud keep numbers and countries in its own form.
func (w *world) respells() {
	w.Org.Configure(func(b *jumpcloudtest.Behavior) { b.Respell = true })
}

// updates returns how many update jobs were sent.
func (w *world) updates() int { return len(w.jobs(http.MethodPatch)) }

// A value that JumpCloud keeps in another form counts as declared, whoever made the user,
// until either form changes. A later process knows that, too.
func TestValuesThatJumpCloudSpellsOtherwise(t *testing.T) {
	for name, there := range map[string]bool{"created": false, "updated": true} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.respells()
				updates := 0
				if there {
					w.add("ada", nil)
					updates = 1
				}
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.Expect(fmt.Sprint(w.live("ada", "phoneNumbers"))).To(ContainSubstring("+44207946"))
				w.Expect(w.Get().Status.Kept).To(ConsistOf(HaveField("Path", "phoneNumbers.work"), HaveField("Path", "addresses.work.country")))
				w.Resync()
				w.Restart()
				w.Resync()
				w.ExpectReady("True/UpToDate")
				w.Expect(w.updates()).To(Equal(updates), "nothing is sent again")

				w.Edit(working("Looms"))
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.Expect(w.updates()).To(Equal(updates+1), "the department")
				w.inConsole("ada", jumpcloudtest.User{"phoneNumbers": []any{map[string]any{"type": "work", "number": "+1"}}})
				w.Resync()
				w.ExpectReady("True/UpToDate")
				w.Expect(fmt.Sprint(w.live("ada", "phoneNumbers"))).To(ContainSubstring("+44207946"), "drift")
				w.Edit(phoned("020 8000"))
				w.Rest()
				w.ExpectReady("True/UpToDate")
				w.Expect(fmt.Sprint(w.live("ada", "phoneNumbers"))).To(ContainSubstring("+44208000"))
				w.Expect(w.updates()).To(Equal(updates + 3))
			}, phoned("020 7946"))
		})
	}
}

// Nothing is learned from an update that JumpCloud reports as failed, or that has no visible
// effect.
func TestNothingIsLearnedFromAnUpdateThatMayNotBeMade(t *testing.T) {
	for name, fault := range map[string]jumpcloudtest.RowFault{
		"it failed": {StatusMsg: "no"}, "nothing shows": {Record: jumpcloudtest.RecordFinished, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.add("ada", jumpcloudtest.User{"phoneNumbers": []any{map[string]any{"type": "work", "number": "+1"}}})
				w.respells()
				w.Org.ScriptRows(fault)
				w.Rest()
				w.Resync()
				w.Resync()
				if fault.Times == 0 {
					w.ExpectReady("False/SubmissionRejected")
					w.Expect(w.Get().Status.Kept).To(BeEmpty())
				} else {
					w.ExpectReady("True/UpToDate")
					w.Expect(fmt.Sprint(w.live("ada", "phoneNumbers"))).To(ContainSubstring("+4420"))
					w.Expect(w.updates()).To(Equal(2))
				}
			}, phoned("44 20"))
		})
	}
}
