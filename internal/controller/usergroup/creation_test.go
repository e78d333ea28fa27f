package usergroup_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/enginetest"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud/jumpcloudtest"
)

// creations counts the POSTs so far: those that JumpCloud carried out, and all.
func (w *world) creations() (carriedOut, all int) {
	for _, r := range w.Sim.History() {
		if r.Method == http.MethodPost && r.Path == groupsPath {
			all++
			if r.Committed {
				carriedOut++
			}
		}
	}
	return carriedOut, all
}

// duplicates makes JumpCloud allow several groups of one name, so that a superfluous creation
// shows.
func (w *world) duplicates() {
	w.Sim.Configure(func(b *jumpcloudtest.Behavior) { b.DuplicateGroupStatus = http.StatusCreated })
}

func TestTheAnswerToACreationIsLost(t *testing.T) {
	for _, carriedOut := range []bool{true, false} {
		for _, restarted := range []bool{false, true} {
			t.Run(fmt.Sprintf("carried out %v, restarted %v", carriedOut, restarted), func(t *testing.T) {
				story(t, func(w *world) {
					w.duplicates()
					w.Lose(http.MethodPost, groupsPath, carriedOut)
					w.Until(func() bool { _, all := w.creations(); return all == 1 })
					w.Expect(w.Get().Status.Creating).To(HaveValue(Equal(v1alpha1.CreatingStatus{Name: "engineers", Attempt: 1})))
					began := time.Now()
					if restarted {
						w.Restart()
					}
					if !carriedOut {
						w.Until(func() bool {
							return w.Condition(v1alpha1.ReconcilingCondition).Reason == v1alpha1.SubmissionSettlingReason
						})
					}
					w.Rest()
					w.ExpectReady("True/UpToDate")
					done, all := w.creations()
					w.Expect(done).To(Equal(1))
					if carriedOut {
						w.Expect(all).To(Equal(1))
					} else {
						w.Expect(time.Since(began)).To(BeNumerically(">=", enginetest.SettleWindow))
					}
					w.Expect(w.groups()).To(Equal([]string{"engineers"}))
					w.Expect(w.Get().Status.Adopted).To(BeFalse(), "what has the name is ours")
					w.Expect(w.Get().Status.Creating).To(BeNil())
					w.Expect(w.who()).To(Equal([]string{"ada"}))
				}, members("ada"), adopts(v1alpha1.AdoptNever))
			})
		}
	}
}

// JumpCloud carries out the creation after everybody has stopped waiting for the answer, but
// within the settle window.
func TestACreationThatTakesEffectLate(t *testing.T) {
	story(t, func(w *world) {
		w.duplicates()
		w.Lose(http.MethodPost, groupsPath, false)
		w.Until(func() bool { _, all := w.creations(); return all == 1 })
		w.Pass()
		w.exists("engineers") // carried out late
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.groups()).To(HaveLen(1))
	}, adopts(v1alpha1.AdoptNever))
}

// The list shows a new group long after its creation.
func TestAListThatIsLate(t *testing.T) {
	story(t, func(w *world) {
		w.Sim.Configure(func(b *jumpcloudtest.Behavior) { b.GroupVisibilityLag = 5 * time.Minute })
		w.Lose(http.MethodPost, groupsPath, true)
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.groups()).To(Equal([]string{"engineers"}))
		w.Expect(w.Get().Status.Adopted).To(BeFalse())
	}, adopts(v1alpha1.AdoptNever))
}

func TestAGroupThatIsKnownNeedNotBeListed(t *testing.T) {
	story(t, func(w *world) {
		w.Sim.Configure(func(b *jumpcloudtest.Behavior) { b.GroupVisibilityLag = 100 * enginetest.ResyncInterval })
		w.Rest()
		w.Resync()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.groups()).To(HaveLen(1))
	})
}

// The name in the spec changes while the outcome of the creation is unknown.
func TestTheNameChangesAfterALostAnswer(t *testing.T) {
	for _, carriedOut := range []bool{true, false} {
		t.Run(fmt.Sprintf("carried out %v", carriedOut), func(t *testing.T) {
			story(t, func(w *world) {
				w.duplicates()
				w.Lose(http.MethodPost, groupsPath, carriedOut)
				w.Until(func() bool { _, all := w.creations(); return all == 1 })
				w.edit(named("builders"))
				w.ExpectReady("True/UpToDate")
				w.Expect(w.groups()).To(Equal([]string{"builders"}))
				w.Expect(w.live()).To(HaveKeyWithValue("name", "builders"))
			})
		})
	}
}

// A refused creation made nothing and does not count as an attempt.
func TestACreationThatIsRefused(t *testing.T) {
	for status, ready := range map[int]string{
		http.StatusTooManyRequests: "False/RateLimited", http.StatusBadRequest: "False/SubmissionRejected", http.StatusForbidden: "False/PermissionDenied",
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			story(t, func(w *world) {
				w.refuse(http.MethodPost, groupsPath, status)
				w.Until(func() bool { _, all := w.creations(); return all == 1 })
				w.Expect(w.Get().Status.Creating).To(BeNil())
				condition := w.Condition(v1alpha1.ReadyCondition)
				w.Expect(string(condition.Status) + "/" + condition.Reason).To(HavePrefix(ready))
				w.Resync()
				w.ExpectReady("True/UpToDate")
				_, all := w.creations()
				w.Expect(all).To(Equal(2))
			})
		})
	}
}

// Somebody else creates a group with the name after the list was read.
func TestSomebodyElseIsFaster(t *testing.T) {
	for policy, ready := range map[v1alpha1.AdoptionPolicy]string{v1alpha1.AdoptIfExists: "True/Adopted", v1alpha1.AdoptNever: "False/AdoptionRefused"} {
		t.Run(string(policy), func(t *testing.T) {
			story(t, func(w *world) {
				var theirs string
				w.before(http.MethodPost, "/usergroups", func() { theirs = w.exists("engineers", "chas") })
				w.Rest()
				w.ExpectReady(ready)
				w.Expect(w.groups()).To(HaveLen(1))
				w.Expect(w.Get().Status.Creating).To(BeNil())
				if policy == v1alpha1.AdoptIfExists {
					w.Expect(w.Get().Status.ID).To(Equal(theirs))
				} else {
					w.Expect(w.Get().Status.ID).To(BeEmpty())
					w.Expect(w.Org.UserGroup(theirs)).NotTo(BeNil())
				}
			}, adopts(policy))
		})
	}
}

// The created group is recorded even if somebody writes the object meanwhile.
func TestTheSpecIsEditedWhileTheGroupIsCreated(t *testing.T) {
	story(t, func(w *world) {
		w.duplicates()
		w.before(http.MethodPost, "/usergroups", func() { w.Edit(described("new")) })
		w.Rest()
		w.ExpectReady("True/UpToDate")
		w.Expect(w.groups()).To(Equal([]string{"engineers"}))
		w.Expect(w.live()).To(HaveKeyWithValue("description", "new"))
		w.Expect(w.steps()[:4]).To(Equal([]string{"GET groups", "POST groups", "GET group", "GET group"}), "it need not be looked for")
	}, described("old"))
}

// JumpCloud refuses a name as taken, but lists no group with that name.
func TestANameThatIsTakenByNobodyInTheList(t *testing.T) {
	story(t, func(w *world) {
		w.Sim.Script(jumpcloudtest.Fault{Match: jumpcloudtest.Match{Method: http.MethodPost, Path: groupsPath, Times: -1}, Status: http.StatusConflict})
		w.Rest()
		w.ExpectReady("False/RemoteConflict")
		w.Expect(w.Message()).To(ContainSubstring("shows none of exactly this name"))
		_, all := w.creations()
		w.Expect(all).To(Equal(1), "no loop")
		w.Sim.RemoveFaults()
		w.Resync()
		w.ExpectReady("True/UpToDate")
	})
}

func TestNothingIsCreatedWhileTheObjectIsDeleted(t *testing.T) {
	for _, carriedOut := range []bool{true, false} {
		t.Run(fmt.Sprintf("carried out %v", carriedOut), func(t *testing.T) {
			story(t, func(w *world) {
				w.Lose(http.MethodPost, groupsPath, carriedOut)
				w.Until(func() bool { _, all := w.creations(); return all == 1 })
				w.Delete()
				w.Until(w.Gone)
				w.Expect(w.groups()).To(BeEmpty(), "what a lost answer made is deleted, too")
				_, all := w.creations()
				w.Expect(all).To(Equal(1))
			}, deletes, members("ada"))
		})
	}
}
