package guard_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// harmful returns the sum of what these Organizations count.
func (w *world) harmful(names ...string) (sum int) {
	w.t.Helper()
	for _, name := range names {
		harmful, _ := w.counted(name)
		sum += harmful
	}
	return sum
}

// renew reports whether there was room.
func (p *process) renew(harmful int) bool {
	p.t.Helper()
	short, err := p.window.Renew(p.t.Context(), p.session, harmful, 0)
	p.Expect(err).NotTo(HaveOccurred())
	return !short.Any()
}

// Changes that were reserved hours ago and are made now count once, for as long as those that
// are reserved now.
func TestRenew(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, func(o *v1alpha1.Organization) { o.Spec.Guard.Window.MaxHarmful = new(int32(12)) }))
	p := w.start(nil)
	w.Expect(p.renew(0)).To(BeTrue())
	w.Expect(w.writes.Load()).To(BeZero(), "nothing is asked for nothing")
	w.Expect(p.reserve(12, 0)).To(BeTrue())
	w.clock.SetTime(noon.Add(3 * time.Hour))
	w.Expect(p.renew(5)).To(BeTrue(), "a full window has room for what it counts already")
	w.Expect(w.harmful("acme")).To(Equal(12))
	w.clock.SetTime(noon.Add(26 * time.Hour))
	w.Expect(p.reserve(8, 0)).To(BeFalse(), "it counts still what was renewed")
	w.Expect(p.reserve(7, 0)).To(BeTrue(), "and has forgotten the rest")

	writes := w.writes.Load()
	w.Expect(p.renew(13)).To(BeFalse(), "what the window does not count takes room")
	w.Expect(w.writes.Load()).To(Equal(writes), "a refusal writes nothing")
	w.clock.SetTime(noon.Add(72 * time.Hour))
	w.Expect(p.renew(4)).To(BeTrue())
	w.Expect(w.harmful("acme")).To(Equal(4), "what the window has forgotten is counted again")
}

// Created users are renewed like harm, if a limit counts them.
func TestRenewCreated(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, func(o *v1alpha1.Organization) { o.Spec.Guard.Window.MaxCreated = new(int32(12)) }))
	p := w.start(nil)
	w.Expect(p.reserve(0, 12)).To(BeTrue())
	w.clock.SetTime(noon.Add(3 * time.Hour))
	short, err := p.window.Renew(t.Context(), p.session, 0, 5)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(short.Any()).To(BeFalse(), "a full window has room for what it counts already")
	w.clock.SetTime(noon.Add(26 * time.Hour))
	w.Expect(p.reserve(0, 8)).To(BeFalse(), "it counts still what was renewed")
	w.Expect(p.reserve(0, 7)).To(BeTrue(), "and has forgotten the rest")
}

func TestRenewCreatedWithoutALimit(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, nil))
	p := w.start(nil)
	short, err := p.window.Renew(t.Context(), p.session, 0, 5)
	w.Expect(err).NotTo(HaveOccurred())
	w.Expect(short.Any()).To(BeFalse())
	w.Expect(w.writes.Load()).To(BeZero())
}

// Counts that move into a shorter window of another Organization take room there.
func TestRenewInEveryWindow(t *testing.T) {
	w := newWorld(t,
		organization("acme", time.Hour, func(o *v1alpha1.Organization) {
			o.Spec.Guard.Window = v1alpha1.GuardWindow{Duration: metav1.Duration{Duration: time.Hour}, MaxHarmful: new(int32(12))}
		}),
		organization("older", 2*time.Hour, nil))
	p := w.start(nil)
	w.Expect(p.reserve(5, 0)).To(BeTrue())
	w.clock.SetTime(noon.Add(3 * time.Hour))
	w.Expect(p.reserve(10, 0)).To(BeTrue())
	w.Expect(p.renew(5)).To(BeFalse(), "15 in an hour")
	w.Expect(p.renew(2)).To(BeTrue())
	w.Expect(w.harmful("acme", "older")).To(Equal(15))
}

func TestARenewalWithoutAnAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer answer
		before int
	}{
		"stored": {lost, 5}, "not stored": {notMade, 5}, "stored, with more": {lost, 2}, "not stored, with more": {notMade, 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, organization("acme", time.Hour, nil))
			p := w.start(nil)
			w.Expect(p.reserve(c.before, 0)).To(BeTrue())
			w.clock.SetTime(noon.Add(3 * time.Hour))
			p.answer = c.answer
			_, err := p.window.Renew(t.Context(), p.session, 5, 0)
			w.Expect(err).To(HaveOccurred())
			w.Expect(p.reserve(1, 0)).To(BeTrue())
			w.Expect(w.harmful("acme")).To(Equal(c.before+1), "nothing was sent for what is new")
		})
	}
}
