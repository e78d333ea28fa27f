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
	// Begin is what happens first, without interference; nil: nothing does.
	Begin func(w W)
	// Steps are what happens then, until the object is at rest or gone. Each
	// must be one that can be taken whenever the one before has come to rest.
	Steps func(w W)
	// End says what must be so in the end, whatever interfered.
	End func(w W)
	// Idempotent says that what is sent may be sent again where an edit came
	// between an answer and its record.
	Idempotent bool
	// Harmed, if any, returns how much harm was done of which the guard's window
	// must know.
	Harmed func(w W) int
}

// RunStories runs each story under each interference, at each call that changes
// something, and with each read failing: it ends as it does without, the window is never exceeded and knows of
// all harm before it is done, and at rest nothing is sent. Where no process dies
// nor is frozen, and JumpCloud's answers arrive, exactly those rows and changes are sent
// that are sent undisturbed.
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
					t.Parallel() // each has worlds of its own
					runAt(t, story, Call.Writes, interfere, undisturbed)
				})
			}
		})
	}
}

// runAt runs a story under one interference, at each of such calls.
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

// runStory runs a story, and returns what changes were sent to JumpCloud.
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

// madeAt is the beginning of an id: the time at which what it names was made.
var madeAt = regexp.MustCompile(`\b[0-9a-f]{8}([0-9a-f]{16})\b`)

// changes are the requests so far that change something at JumpCloud; of one that
// is about many rows, each row by itself.
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

// expectRest says that an object at rest is not written and changes nothing.
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
