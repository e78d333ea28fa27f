package enginetest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/lifecycle"
)

// manyCalls is more than any story has.
const manyCalls = 1000

// Story is what happens to an object of a kind, and how it ends.
type Story[W any] struct {
	// In runs a test in a new world, in a bubble of fake time.
	In func(t *testing.T, test func(w W))
	// Begin happens first, without interference; nil: nothing does.
	Begin func(w W)
	// Steps happen next, until the object is at rest or gone. It must be possible to take each
	// step whenever the previous one has come to rest.
	Steps func(w W)
	// End checks what must hold in the end, whatever interfered.
	End func(w W)
	// Idempotent says that changes may be sent again if an edit came between an answer and its
	// record.
	Idempotent bool
	// Harmed, if not nil, returns how much of the harm done the guard's window must know.
	Harmed func(w W) int
}

// RunStories runs each story under each interference, at each call that changes something, and
// with each read failing. The story must end as it does undisturbed, the window is never
// exceeded and knows of all harm before it is done, and at rest nothing is sent. If no process
// dies or is frozen, and JumpCloud's answers arrive, exactly the rows and changes of the
// undisturbed story are sent.
func RunStories[T lifecycle.Object, W interface{ Base() *World[T] }](t *testing.T, stories map[string]Story[W]) {
	t.Helper()
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			var undisturbed []string
			reached := false
			t.Run("undisturbed", func(t *testing.T) {
				undisturbed = runStory(t, story, Call.Writes, manyCalls, &reached, nil)
			})
			t.Run("a read fails", func(t *testing.T) {
				t.Parallel()
				runAt(t, story, Call.reads, fails, undisturbed)
			})
			for what, interfere := range interferences[T]() {
				t.Run(what, func(t *testing.T) {
					t.Parallel() // each one has its own worlds
					runAt(t, story, Call.Writes, interfere, undisturbed)
				})
			}
		})
	}
}

// runAt runs a story under one interference, at each of the calls that such selects.
func runAt[T lifecycle.Object, W interface{ Base() *World[T] }](
	t *testing.T, story Story[W], such func(Call) bool, interfere Interference[T], undisturbed []string,
) {
	t.Helper()
	for n, reached := 0, true; reached; n++ {
		reached = false
		t.Run(fmt.Sprintf("call %d", n), func(t *testing.T) {
			gomega.NewWithT(t).Expect(n).To(gomega.BeNumerically("<", manyCalls), "the story has no end")
			repeats := false // what was sent may have to be sent again
			sent := runStory(t, story, such, n, &reached, func(w *World[T], do func() error) error {
				process := w.reconciler
				err := interfere(w, do)
				repeats = w.Dead || process != w.reconciler || err != nil && w.disturbed.Path != "" && w.disturbed.Writes()
				return err
			})
			if story.Idempotent {
				sent = distinct(sent)
			}
			if !repeats {
				gomega.NewWithT(t).Expect(sent).To(gomega.ConsistOf(undisturbed), "what is sent")
			}
		})
	}
}

// runStory runs a story, and returns the changes that were sent to JumpCloud.
func runStory[T lifecycle.Object, W interface{ Base() *World[T] }](
	t *testing.T, story Story[W], such func(Call) bool, n int, reached *bool, interfere Interference[T],
) (sent []string) {
	t.Helper()
	story.In(t, func(world W) {
		w := world.Base()
		if story.Begin != nil {
			story.Begin(world)
		}
		w.OnCall = func(c Call, do func() error) error {
			err := do()
			if c.Path == "" || !c.Writes() {
				return err
			}
			w.expectWindow()
			if story.Harmed != nil {
				w.Expect(w.Counted().Harmful).To(gomega.BeNumerically(">=", story.Harmed(world)), "harm that the window knows of")
			}
			return err
		}
		w.interfereAt(such, n, reached, interfere)
		story.Steps(world)
		w.OnCall = nil
		if !w.Gone() {
			w.Rest()
		}
		story.End(world)
		sent = w.changes()
		w.expectRest()
	})
	return sent
}

// madeAt matches an id, which begins with its time of creation in 8 digits.
var madeAt = regexp.MustCompile(`\b[0-9a-f]{8}([0-9a-f]{16})\b`)

// changes returns the requests so far that change something at JumpCloud; a request about many
// rows counts as one change per row.
func (w *World[T]) changes() []string {
	changes := []string{}
	for _, r := range w.Sim.MutatingRequests() {
		var rows []json.RawMessage
		if json.Unmarshal([]byte(r.Body), &rows) != nil {
			rows = []json.RawMessage{json.RawMessage(r.Body)}
		}
		for _, row := range rows {
			changes = append(changes, madeAt.ReplaceAllString(r.Method+" "+r.Path+" "+string(row), "*$1"))
		}
	}
	return changes
}

func distinct(changes []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(changes)))
}

// expectRest expects that an object at rest is not written and changes nothing.
func (w *World[T]) expectRest() {
	w.T.Helper()
	if w.Gone() {
		return
	}
	version := w.Get().GetResourceVersion()
	w.Sim.ForgetHistory()
	w.Resync()
	w.Expect(w.Get().GetResourceVersion()).To(gomega.Equal(version), w.About("an object at rest is not written"))
	w.Expect(w.changes()).To(gomega.BeEmpty(), "nothing is sent at rest")
}
