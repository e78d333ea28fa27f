package turns_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/turns"
)

var first, second = holder("first"), holder("second")

func holder(name string) turns.Holder {
	return turns.Holder{Kind: "BulkUserImport", NamespacedName: types.NamespacedName{Namespace: "identity", Name: name}, UID: types.UID(name)}
}

// world is a Registry with the turns of one organization.
type world struct {
	*WithT
	*turns.Turns
	registry *turns.Registry
	woken    []turns.Holder
}

func newWorld(t *testing.T, open ...turns.Open) *world {
	t.Helper()
	w := &world{WithT: NewWithT(t), registry: turns.New(func(context.Context, string) ([]turns.Open, error) { return open, nil })}
	var err error
	w.Turns, err = w.registry.Of(t.Context(), "acme")
	w.Expect(err).NotTo(HaveOccurred())
	return w
}

func (w *world) takes(holder turns.Holder, user string) bool {
	_, taken := w.Take(holder, user)
	return taken
}

func (w *world) since(holder turns.Holder, user string) time.Time {
	since, taken := w.Take(holder, user)
	w.Expect(taken).To(BeTrue())
	return since
}

// waits reports whether a holder waits for another holder's turn, whose end wakes it.
func (w *world) waits(holder turns.Holder, user string) bool {
	_, waits := w.Wait(holder, user, func() { w.woken = append(w.woken, holder) })
	return waits
}

func none(string) bool { return false }

func only(users ...string) func(string) bool {
	return func(user string) bool { return slices.Contains(users, user) }
}

func TestATurnIsOneHoldersAtATime(t *testing.T) {
	w := newWorld(t)
	w.Expect(w.takes(first, "ada")).To(BeTrue())
	w.Expect(w.takes(first, "ada")).To(BeTrue(), "it is its own")
	w.Expect(w.takes(second, "ada")).To(BeFalse())
	w.Expect(w.Has(first, "ada")).To(BeTrue())
	w.Expect(w.Has(second, "ada")).To(BeFalse())
	w.Expect(w.takes(second, "chas")).To(BeTrue(), "another user's")

	elsewhere, err := w.registry.Of(t.Context(), "another organization")
	w.Expect(err).NotTo(HaveOccurred())
	_, taken := elsewhere.Take(second, "ada")
	w.Expect(taken).To(BeTrue(), "of another organization")
}

// Each holder has what the other one wants, and neither blocks while it has it.
func TestTurnsInOppositeOrderComeToAnEnd(t *testing.T) {
	w := newWorld(t)
	w.Expect(w.takes(first, "ada")).To(BeTrue())
	w.Expect(w.takes(second, "chas")).To(BeTrue())
	w.Expect(w.takes(first, "chas")).To(BeFalse())
	w.Expect(w.takes(second, "ada")).To(BeFalse())
	w.registry.Keep(first, "", none)
	w.registry.Keep(second, "", none)
	w.Expect(w.takes(first, "chas")).To(BeTrue())
	w.Expect(w.takes(second, "ada")).To(BeTrue())
}

func TestTheEndOfATurnWakesWhoWaitsForItOnce(t *testing.T) {
	w := newWorld(t)
	for _, user := range []string{"ada", "chas"} {
		w.Expect(w.takes(first, user)).To(BeTrue())
		w.Expect(w.waits(second, user)).To(BeTrue())
		w.Expect(w.waits(first, user)).To(BeFalse(), "nobody waits for itself")
	}
	w.registry.Keep(first, "", only("ada", "chas"))
	w.Expect(w.woken).To(BeEmpty())
	w.registry.Keep(first, "", only("chas"))
	w.Expect(w.woken).To(Equal([]turns.Holder{second}))
	w.Expect(w.waits(second, "ada")).To(BeFalse())
	w.Expect(w.waits(second, "chas")).To(BeTrue())
	w.registry.Drop(first)
	w.Expect(w.woken).To(Equal([]turns.Holder{second, second}))
	w.registry.Drop(first)
	w.Expect(w.woken).To(HaveLen(2))
}

// A holder that takes a turn reads what is newer than the end of another holder's turn.
func TestAReadingIsNewerThanTheTurnBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Expect(w.since(first, "ada")).To(BeZero(), "nobody had it")
		<-time.After(time.Minute)
		ended := time.Now()
		w.registry.Keep(first, "", none)
		<-time.After(time.Minute)
		w.Expect(w.since(second, "chas")).To(BeZero())
		w.Expect(w.since(first, "ada")).To(BeZero(), "what it did itself")
		w.registry.Keep(first, "", none)
		w.Expect(w.since(second, "ada")).To(Equal(ended.Add(time.Minute)))
	})
}

// If very many turns have ended, it is not remembered whose they were: then they count for all
// users.
func TestNoEndOfATurnIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		const many = 25_000
		for i := range many {
			w.Expect(w.takes(first, strconv.Itoa(i))).To(BeTrue())
		}
		<-time.After(time.Minute)
		ended := time.Now()
		w.registry.Keep(first, "", none)
		for i := range many {
			w.Expect(w.since(second, strconv.Itoa(i))).To(Equal(ended))
		}
	})
}

func TestWhatWasOpenBeforeTheProcessIsKnown(t *testing.T) {
	w := newWorld(t, turns.Open{Holder: first, Version: "7", Users: []string{"ada"}}, turns.Open{Holder: holder("third"), Version: "8", Users: []string{"ada"}})
	w.Expect(w.takes(second, "ada")).To(BeFalse())
	w.Expect(w.takes(second, "chas")).To(BeTrue())
	w.registry.Keep(first, "6", none)
	w.Expect(w.Has(first, "ada")).To(BeTrue(), "the pass was over an older copy")
	w.registry.Keep(first, "7", none)
	w.Expect(w.Has(first, "ada")).To(BeFalse())
	w.Expect(w.takes(second, "ada")).To(BeFalse(), "the third's is open, too")
	w.registry.Drop(holder("third"))
	w.Expect(w.takes(second, "ada")).To(BeTrue())
}

// A ledger was lost: the job may be about any user.
func TestAJobOfWhichNothingIsKnownIsAboutEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, turns.Open{Holder: first, Version: "7", All: true})
		w.Expect(w.takes(second, "ada")).To(BeFalse())
		w.Expect(w.waits(second, "ada")).To(BeTrue())
		w.Expect(w.takes(first, "ada")).To(BeTrue())
		w.registry.Keep(first, "8", none)
		w.Expect(w.woken).To(Equal([]turns.Holder{second}))
		w.Expect(w.since(second, "chas")).To(Equal(time.Now()))
	})
}

// No object takes a turn until it is known which jobs were open.
func TestNobodyTakesATurnBeforeItIsKnownWhatWasOpen(t *testing.T) {
	g := NewWithT(t)
	asked, fails := 0, true
	registry := turns.New(func(context.Context, string) ([]turns.Open, error) {
		asked++
		if fails {
			return nil, errors.New("the API server is away")
		}
		return []turns.Open{{Holder: first, Users: []string{"ada"}}}, nil
	})
	_, err := registry.Of(t.Context(), "acme")
	g.Expect(err).To(HaveOccurred())
	fails = false
	for range 2 {
		all, err := registry.Of(t.Context(), "acme")
		g.Expect(err).NotTo(HaveOccurred())
		_, taken := all.Take(second, "ada")
		g.Expect(taken).To(BeFalse())
	}
	g.Expect(asked).To(Equal(2))
}

// An object is not named in a message to a namespace that must not see it.
func TestAnObjectIsNamedWhereItMayBe(t *testing.T) {
	g := NewWithT(t)
	g.Expect(first.For("identity", "platform")).To(Equal("BulkUserImport identity/first"))
	g.Expect(first.For("platform", "platform")).To(Equal("BulkUserImport identity/first"))
	g.Expect(first.For("elsewhere", "platform")).To(Equal("an object of another namespace"))
}
