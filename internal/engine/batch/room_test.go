package batch_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/internal/engine/batch"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/jumpcloud"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/safety/submission"
)

// room has a number of places, and counts how often it is asked. The halves of a job share it.
type room struct {
	mu                   sync.Mutex
	places, taken, asked int
	err                  error
}

// use is how a room was used.
type use struct{ taken, asked int }

func (r *room) use() use {
	r.mu.Lock()
	defer r.mu.Unlock()
	return use{taken: r.taken, asked: r.asked}
}

func (r *room) Take(_ context.Context, most int) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	if r.err != nil {
		return 0, r.err
	}
	got := min(most, r.places-r.taken)
	r.taken += got
	return got, nil
}

func (r *room) GiveBack(_ context.Context, count int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken -= count
	return nil
}

// addTo adds a row that takes a place of a room.
func (w *world) addTo(r *room, row string) *batch.Ticket {
	return w.batcher.Add(w.session, row, batch.Terms{Deadline: time.Now().Add(40 * time.Second), Wake: w.wake, Room: r})
}

func TestAJobTakesRoomAtOnce(t *testing.T) {
	story(t, func(w *world) {
		r := &room{places: 10}
		w.addTo(r, "a")
		w.add("b")
		w.addTo(r, "c")
		after(2 * time.Second)
		w.Expect(w.jobs()).To(Equal([][]string{{"a", "b", "c"}}))
		w.Expect(r.use()).To(Equal(use{taken: 2, asked: 1}), "whose answer is lost may be made")
	})
}

func TestWhoCameLastIsNotSentWithoutRoom(t *testing.T) {
	story(t, func(w *world) {
		r := &room{places: 1}
		tickets := []*batch.Ticket{w.addTo(r, "a"), w.add("b"), w.addTo(r, "c"), w.addTo(r, "d")}
		after(2 * time.Second)
		w.Expect(w.jobs()).To(Equal([][]string{{"a", "b"}}))
		for _, ticket := range tickets[2:] {
			result, _ := ticket.Result()
			w.Expect(result).To(And(HaveField("Kind", submission.NotSent), HaveField("Err", batch.ErrNoRoom)))
		}
		w.Expect(w.read(&w.wakes)).To(Equal(4))
		w.Expect(r.use().taken).To(Equal(1))
	})
	story(t, func(w *world) {
		w.addTo(&room{}, "a")
		after(2 * time.Second)
		w.Expect(w.jobs()).To(BeEmpty())
	})
}

func TestNothingIsSentWhereRoomCannotBeTaken(t *testing.T) {
	story(t, func(w *world) {
		ticket := w.addTo(&room{err: errLost}, "a")
		after(2 * time.Second)
		w.Expect(w.jobs()).To(BeEmpty())
		result, _ := ticket.Result()
		w.Expect(result).To(And(HaveField("Kind", submission.NotSent), HaveField("Err", errLost)))
	})
}

func TestRoomIsGivenBackForWhatIsNotMade(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		taken int
	}{
		"lost":         {errLost, 3},
		"refused":      {&jumpcloud.Error{Class: jumpcloud.Refused, StatusCode: http.StatusBadRequest}, 0},
		"rate limited": {&jumpcloud.Error{Class: jumpcloud.RateLimited}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(w *world) {
				w.start = func([]string) error { return c.err }
				r := &room{places: 10}
				for _, row := range []string{"a", "b", "c"} {
					w.addTo(r, row)
				}
				after(time.Minute)
				w.Expect(r.use()).To(Equal(use{taken: c.taken, asked: 1}), "what is sent again takes no more")
			})
		})
	}
}

// A change that is taken out between two attempts of its job gives its room back.
func TestRoomIsGivenBackForWhatIsTakenOut(t *testing.T) {
	story(t, func(w *world) {
		limited := &jumpcloud.Error{Class: jumpcloud.RateLimited}
		w.start = func(rows []string) error {
			if len(rows) == 2 {
				return limited
			}
			return errLost
		}
		r := &room{places: 10}
		w.addTo(r, "a")
		b := w.addTo(r, "b")
		after(2 * time.Second)
		w.Expect(r.use().taken).To(Equal(2))
		w.Expect(b.Withdraw()).To(BeTrue())
		after(time.Minute)
		w.Expect(w.jobs()).To(Equal([][]string{{"a", "b"}, {"a"}}))
		w.Expect(r.use().taken).To(Equal(1))
	})
}
