package guard_test

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// creating limits how many users an Organization may create in its window.
func creating(most int32) func(*v1alpha1.Organization) {
	return func(o *v1alpha1.Organization) { o.Spec.Guard.Window.MaxCreated = &most }
}

// reserveCreated returns for how many of these users there was room.
func (p *process) reserveCreated(most int) int {
	p.t.Helper()
	created, _, err := p.window.ReserveCreated(p.t.Context(), p.session, most)
	p.Expect(err).NotTo(HaveOccurred())
	return created
}

// full reports whether there is no room for one more user.
func (p *process) full() bool {
	p.t.Helper()
	short, err := p.window.CheckCreated(p.t.Context(), p.session, 1)
	p.Expect(err).NotTo(HaveOccurred())
	return short.Created
}

func TestAJobReservesAsManyAsThereIsRoomFor(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, creating(100)))
	p := w.start(nil)
	w.Expect(p.reserveCreated(0)).To(BeZero())
	w.Expect(p.reserveCreated(60)).To(Equal(60))
	w.Expect(p.full()).To(BeFalse())
	w.Expect(w.writes.Load()).To(Equal(int32(1)), "one write for all of them, and none to look")
	w.Expect(p.reserveCreated(60)).To(Equal(40))
	w.Expect(p.full()).To(BeTrue())
	w.Expect(p.reserveCreated(60)).To(BeZero())
	w.Expect(w.writes.Load()).To(Equal(int32(2)), "where there is no room nothing is written")
	_, created := w.counted("acme")
	w.Expect(created).To(Equal(100))
	w.Expect(p.window.Release(t.Context(), p.session, 0, 10)).To(Succeed())
	w.Expect(p.reserveCreated(60)).To(Equal(10))
}

func TestNothingIsReadLiveWhereCreationsAreNotLimited(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, nil))
	p := w.start(nil)
	p.window.Live = interceptor.NewClient(w.api, interceptor.Funcs{
		Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
			t.Error("read")
			return nil
		},
	})
	w.Expect(p.full()).To(BeFalse())
	p.window.Live = w.api
	w.Expect(p.reserveCreated(1e6)).To(Equal(1_000_000))
	w.Expect(w.writes.Load()).To(BeZero())
}

// Two processes take room at the same time: the second one gets what is left.
func TestTwoJobsReserveAtOnce(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, creating(100)))
	first, second := w.start(nil), w.start(nil)
	first.answer = func(write func() error) error {
		w.Expect(second.reserveCreated(60)).To(Equal(60))
		return write()
	}
	w.Expect(first.reserveCreated(60)).To(Equal(40))
	_, created := w.counted("acme")
	w.Expect(created).To(Equal(100))
}

// Creations that a failed write may have counted are not sent.
func TestAReservationOfAJobThatFails(t *testing.T) {
	w := newWorld(t, organization("acme", time.Hour, creating(100)))
	p := w.start(nil)
	p.answer = lost
	created, _, err := p.window.ReserveCreated(t.Context(), p.session, 60)
	w.Expect(err).To(HaveOccurred())
	w.Expect(created).To(BeZero())
	w.Expect(p.reserveCreated(100)).To(Equal(100), "what was stored all the same is taken back")
}
